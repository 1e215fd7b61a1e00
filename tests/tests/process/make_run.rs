//! `make run`: what it prints is true, wherever it serves.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use signet_test_servers::free_port;
use signet_tests::{Api, Folder, run_signet, signet_program};

/// A test does not wait for a process that has ended.
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
    let run = Run::start(&[]);
    let url = run.line("Public keys").split_whitespace().last().unwrap();
    let path = url
        .strip_prefix(&format!("http://{}", run.address))
        .unwrap();
    Api::at(run.address).get(path).await.expect(200);
    let accounts = run.line("Accounts and sessions");
    assert!(accounts.ends_with(" sqlite://data/signet.db\n"));
    assert!(run.folder.database().is_file());

    let typed = Command::new("sh").arg("-c").arg(run.line("curl ")).output();
    let answer: Value = serde_json::from_slice(&typed.unwrap().stdout).unwrap();
    assert_eq!(answer["account"]["email"], "ada@example.com");
    run.stop();
}

#[tokio::test]
async fn commands_beside_it_change_the_stores_that_it_has_started() {
    let run = Run::start(&["REDIS=1"]);
    assert!(run.line("Sessions").ends_with(" data/redis\n"));
    let settings = [("SIGNET_OPS_LISTEN", run.operations.as_str())];
    let command = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let ran = run_signet(&run.folder, &words, &settings);
        assert!(ran.success, "{line}: {ran:?}");
        let place = format!("signet: on the server at http://{}\n", run.operations);
        assert_eq!(ran.stderr, place);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    let add = |id: &str| {
        let flags = "--grants client_credentials --audiences orders --owns orders";
        let added = command(&format!("client add {id} --json {flags}"));
        added["client_secret"].as_str().unwrap().to_owned()
    };
    let (billing, orders) = (add("billing"), add("orders"));
    let api = Api::at(run.address);
    let ask = async |path: &str, form: String| api.post_form(path, &form).await.expect(200).json();
    let form = format!("grant_type=client_credentials&client_id=billing&client_secret={billing}");
    let token = ask("/oauth/token", form).await;
    let token = token["access_token"].as_str().unwrap();
    let form = format!("client_id=orders&client_secret={orders}&token={token}");
    let before = ask("/oauth/introspect", form.clone()).await;
    assert_eq!(before["active"], true);
    command("client disable billing --json");
    assert_eq!(ask("/oauth/introspect", form).await["active"], false);

    // The printed line leads a command without a server to the Redis that the server uses.
    let export = run.line("--offline");
    let url = export.split('\'').nth(1).unwrap();
    let settings = [("SIGNET_REDIS_URL", url)];
    let listed = run_signet(&run.folder, &["client", "list", "--offline"], &settings);
    assert!(listed.success, "{listed:?}");
    run.stop();
}

/// `make run` that is ready, and what it has printed until then.
struct Run {
    make: Child,
    stdout: BufReader<ChildStdout>,
    printed: Vec<String>,
    folder: Folder,
    address: SocketAddr,
    operations: String,
}

impl Run {
    fn start(variables: &[&str]) -> Self {
        let own_address = || SocketAddr::from(([127, 0, 0, 1], free_port()));
        let (address, operations) = (own_address(), own_address().to_string());
        let folder = Folder::with_keys();
        // The Makefile names its scripts from the folder that it runs in.
        symlink(env!("CARGO_MANIFEST_DIR"), folder.path().join("tests")).unwrap();
        // What is never ready is ended, and so is the loop below.
        let mut make = Command::new("timeout")
            .args(["--foreground", "30", "make", "-f"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Makefile"))
            // The program is built already.
            .args(["run", "CARGO=true"])
            .args(variables)
            .arg(format!("SIGNET={}", signet_program().display()))
            .current_dir(folder.path())
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap())
            .env("SIGNET_LISTEN", address.to_string())
            .env("SIGNET_OPS_LISTEN", &operations)
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
        Self {
            make,
            stdout,
            printed,
            folder,
            address,
            operations,
        }
    }

    /// The first printed line with this word.
    fn line(&self, word: &str) -> &str {
        let mut lines = self.printed.iter();
        lines.find(|line| line.contains(word)).unwrap()
    }

    /// Stops it, and waits until every process that wrote to its output has ended.
    fn stop(mut self) {
        kill_process(Pid::from_child(&self.make), Signal::TERM).unwrap();
        let mut rest = Vec::new();
        self.stdout.read_to_end(&mut rest).unwrap();
        self.make.wait().unwrap();
        assert!(TcpListener::bind(self.address).is_ok());
    }
}
