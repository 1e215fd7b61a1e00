//! Programs without a browser: the command line of the documentation, and libraries that speak RFC
//! 8628.

use std::io::{BufRead, BufReader, Lines};
use std::process::{ChildStdout, Command, Stdio};

use serde_json::json;
use signet_tests::{PASSWORD, Server, read_token};

use crate::program::{self, Running};

#[tokio::test]
async fn the_command_line_of_the_documentation_signs_a_person_in() {
    let (server, email) = with_client().await;
    let mut program = CommandLine::start(&server);
    let opened = program.line();
    let page = opened.strip_prefix("Open ").expect("an address");
    let code = program.line();
    let code = code.strip_prefix("and compare the code: ").expect("a code");
    assert!(
        page.ends_with(&format!("/device?user_code={code}")),
        "{page}"
    );
    let connected = format!("{}/device/connected", server.api().base());
    let task = json!({
        "page": page, "callback": connected, "email": email, "password": PASSWORD,
    });
    let done = program::run("person.mjs", &task);
    assert_eq!(done["at"], connected);
    let told =
        format!("Signed in as {email}. The access token has the scope: openid email orders:read");
    assert_eq!(program.line(), told);
    assert!(program.running.0.wait().expect("its end").success());
}

#[tokio::test]
async fn a_device_signs_people_in_with_openid_client_and_oauth4webapi() {
    for library in ["oauth-openid-client.mjs", "oauth-oauth4webapi.mjs"] {
        let (server, email) = with_client().await;
        let task = json!({
            "issuer": server.api().base(),
            "discovery": "oauth2",
            "client_id": "cli",
            "flow": "device",
            "proof": "none",
            "email": email,
            "password": PASSWORD,
        });
        let done = program::run(library, &task);
        assert_eq!(
            done["pending"], "authorization_pending",
            "{library}: {done}"
        );
        let token = done["granted"]["access_token"].as_str().expect("a token");
        let (_, claims) = read_token(token);
        assert_eq!(claims["scope"], "openid email orders:read", "{library}");
        assert_eq!(done["identity"]["email"], email, "{library}: {done}");
        assert_eq!(
            done["refused"]["error"], "invalid_grant",
            "{library}: {done}"
        );
    }
}

/// A server with a client for devices, and the address of a person.
async fn with_client() -> (Server, String) {
    let server = Server::at_its_public_url();
    server.add_client(&[
        "cli",
        "--auth=none",
        "--first-party",
        "--grants=device-code,refresh_token",
        "--scopes=orders:read",
        "--audiences=api",
    ]);
    let email = server.api().register().await.email;
    (server, email)
}

/// The example, while it runs.
struct CommandLine {
    running: Running,
    lines: Lines<BufReader<ChildStdout>>,
}

impl CommandLine {
    fn start(server: &Server) -> Self {
        let mut child = Command::new(program::installed("python/bin/python"))
            .arg("-B")
            .arg(program::in_the_repository("docs/examples/device/login.py"))
            .env_clear()
            .env("ISSUER", server.api().base())
            .env("CLIENT_ID", "cli")
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let output = child.stdout.take().expect("a pipe");
        Self {
            lines: BufReader::new(output).lines(),
            running: Running(child),
        }
    }

    fn line(&mut self) -> String {
        let line = self.lines.next().expect("a line");
        line.expect("text")
    }
}
