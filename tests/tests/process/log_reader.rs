//! A log without a reader: the server goes on, and the log says what it lost.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use futures::future::join_all;
use http::Method;
use signet_tests::{Api, Folder, signet_program};

/// Enough lines to fill the pipe and the queue of lines behind it, with the longest name of a
/// request in each.
const REQUESTS: usize = 20_000;
const CALLERS: usize = 8;

#[tokio::test]
async fn a_log_that_nobody_reads_blocks_no_request_and_says_what_it_lost() {
    let folder = Folder::with_keys();
    let mut server = serve(&folder);
    let stdout = server.stdout.take().expect("a pipe");
    let ready = BufReader::new(stdout).lines().next();
    let ready = ready.expect("a line").expect("text");
    let address = ready.strip_prefix("signet ready on http://").expect(&ready);
    let api = Api::at(address.parse().expect("an address"));
    let name = "x".repeat(64);
    let caller = async || {
        for _ in 0..REQUESTS / CALLERS {
            let asked = api.request(Method::GET, "/healthz");
            api.send(asked.header("x-request-id", &name))
                .await
                .expect(200);
        }
    };
    join_all((0..CALLERS).map(|_| caller())).await;
    let stderr = BufReader::new(server.stderr.take().expect("a pipe"));
    let loss = stderr.lines().map_while(Result::ok);
    let mut losses = loss.filter(|line| line.contains("\"log.dropped_lines\":"));
    let loss = losses.next().expect("a line about the loss");
    assert!(loss.contains("the log was not read"), "{loss}");
    server.kill().expect("a running server");
    server.wait().expect("an end");
}

fn serve(folder: &Folder) -> Child {
    Command::new(signet_program())
        .arg("serve")
        .current_dir(folder.path())
        .env_clear()
        .env("SIGNET_LISTEN", "127.0.0.1:0")
        .env("SIGNET_OPS_LISTEN", "127.0.0.1:0")
        .env("SIGNET_LOG", "debug")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("signet runs")
}
