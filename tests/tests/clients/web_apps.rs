//! The web apps of the documentation, run unchanged, with people in Chromium.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use signet_test_servers::free_port;
use signet_tests::{Folder, PASSWORD, Server, fresh_email};

use crate::program;

#[tokio::test]
async fn the_express_app_of_the_documentation_signs_people_in_and_out() {
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
    let email = fresh_email();
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    server.api().post("/auth/register", &body).await.expect(201);
    let secret = client["client_secret"].as_str().expect("a secret");
    let _running = WebApp::start(&app, &server, secret);
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

/// The app, while it runs.
struct WebApp {
    child: Child,
    _folder: Folder,
}

impl WebApp {
    /// Starts the app and waits until it says that it listens.
    fn start(app: &str, server: &Server, secret: &str) -> Self {
        let (folder, here) = (Folder::empty(), Path::new(env!("CARGO_MANIFEST_DIR")));
        // Node.js looks for libraries beside the program.
        let modules = here.join("clients/node_modules");
        symlink(modules, folder.path().join("node_modules")).expect("a link");
        let copy = folder.path().join("app.mjs");
        fs::copy(here.join("../docs/examples/express/app.mjs"), &copy).expect("a copy");
        let mut child = Command::new(program::installed("node"))
            .arg(copy)
            .env_clear()
            .env("ISSUER", server.api().base())
            .env("CLIENT_ID", "shop")
            .env("CLIENT_SECRET", secret)
            .env("APP", app)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let output = child.stdout.take().expect("a pipe");
        let mut line = String::new();
        let read = BufReader::new(output).read_line(&mut line);
        assert!(read.is_ok() && line.starts_with("on "), "{line}");
        Self {
            child,
            _folder: folder,
        }
    }
}

impl Drop for WebApp {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}
