//! The web apps of the documentation, run unchanged, with people in Chromium.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::{Folder, PASSWORD, Server};

use crate::program::{self, Running};

#[tokio::test]
async fn the_express_app_of_the_documentation_signs_people_in_and_out() {
    signs_people_in_and_out(express).await;
}

#[tokio::test]
async fn the_fastapi_app_of_the_documentation_signs_people_in_and_out() {
    signs_people_in_and_out(fastapi).await;
}

/// Signs a person in and out in Chromium, with the app that the command starts.
async fn signs_people_in_and_out(command: fn(&Folder) -> Command) {
    let server = Server::at_its_public_url();
    let app = format!("http://127.0.0.1:{}", free_port());
    let client = server.add_client(&[
        "shop",
        "--first-party",
        "--grants=refresh_token",
        "--audiences=api",
        "--scopes=orders:read",
        &format!("--redirect-uris={app}/callback"),
        &format!("--post-logout-redirect-uris={app}/"),
    ]);
    let email = server.api().register().await.email;
    let secret = client["client_secret"].as_str().expect("a secret");
    let _running = WebApp::start(command, &app, (&server, secret));
    let task = json!({
        "app": app,
        "email": email,
        "password": PASSWORD,
        "chromium": program::installed("chromium").to_str(),
    });
    let signed_in = format!("Signed in as {email}");
    let expected = json!({
        "before": "Signed out",
        "signed_in": signed_in,
        "cookie": [true, "Lax"],
        "again": [400, "Begin again"],
        "kept": signed_in,
        "signed_out": "Signed out",
        "asked": "Sign in",
    });
    assert_eq!(program::run("browser-app.mjs", &task), expected);
}

/// The app with Express, which Node.js runs beside its libraries.
fn express(folder: &Folder) -> Command {
    let source = program::in_the_repository("docs/examples/express/app.mjs");
    let copy = program::beside_libraries(&source, folder.path());
    let mut command = Command::new(program::installed("node"));
    command.arg(copy);
    command
}

/// The app with FastAPI.
fn fastapi(_: &Folder) -> Command {
    let source = program::in_the_repository("docs/examples/fastapi/app.py");
    let mut command = Command::new(program::installed("python/bin/python"));
    command.arg("-B").arg(source);
    command
}

/// The app, while it runs.
struct WebApp {
    _running: Running,
    _folder: Folder,
}

impl WebApp {
    /// Starts the app and waits until it says that it listens.
    fn start(
        command: fn(&Folder) -> Command,
        app: &str,
        (server, secret): (&Server, &str),
    ) -> Self {
        let folder = Folder::empty();
        let child = command(&folder)
            .env_clear()
            .env("ISSUER", server.api().base())
            .env("CLIENT_ID", "shop")
            .env("CLIENT_SECRET", secret)
            .env("APP", app)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut running = Running(child);
        let output = running.0.stdout.take().expect("a pipe");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        assert!(read.is_ok() && line.starts_with("on "), "{line}");
        Self {
            _running: running,
            _folder: folder,
        }
    }
}
