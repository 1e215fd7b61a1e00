//! `make run`: what it prints is true, wherever it serves.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use signet_test_servers::free_port;
use signet_tests::{Api, Folder, signet_program};

/// Nobody waits for what has ended.
#[test]
fn a_redis_that_does_not_start_says_why() {
    let folder = Folder::empty();
    let data = folder.path().join("data/redis/appendonlydir");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("appendonly.aof.manifest"), "nonsense\n").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("with-redis.sh");
    let mut command = Command::new(script);
    let output = command.arg("true").current_dir(folder.path()).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(">>> 'nonsense'"), "{said}");
}

#[tokio::test]
async fn it_serves_where_it_says_and_its_first_command_works() {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let folder = Folder::with_keys();
    // What is never ready is ended, and so is the loop below.
    let mut make = Command::new("timeout")
        .args(["--foreground", "30", "make", "-f"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Makefile"))
        // The program is built already.
        .args(["run", "CARGO=true"])
        .arg(format!("SIGNET={}", signet_program().display()))
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap())
        .env("SIGNET_LISTEN", address.to_string())
        .env("SIGNET_OPS_LISTEN", "127.0.0.1:0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(make.stdout.take().unwrap());
    let mut printed = Vec::new();
    loop {
        let mut line = String::new();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "{printed:?}");
        if line.trim_end() == format!("signet ready on http://{address}") {
            break;
        }
        printed.push(line);
    }
    let find = |word: &str| printed.iter().find(|line| line.contains(word)).unwrap();
    let url = find("Public keys").split_whitespace().last().unwrap();
    let path = url.strip_prefix(&format!("http://{address}")).unwrap();
    Api::at(address).get(path).await.expect(200);
    assert!(find("Accounts and sessions").ends_with(" sqlite://data/signet.db\n"));
    assert!(folder.database().is_file());

    let typed = Command::new("sh").arg("-c").arg(find("curl ")).output();
    let answer: Value = serde_json::from_slice(&typed.unwrap().stdout).unwrap();
    assert_eq!(answer["account"]["email"], "ada@example.com");

    kill_process(Pid::from_child(&make), Signal::TERM).unwrap();
    // The end of its output: whoever wrote to it has ended.
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    make.wait().unwrap();
    assert!(TcpListener::bind(address).is_ok());
}
