//! The example service, as a process beside an issuer.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::api::Api;
use crate::binaries;
use crate::server::Server;

/// The `orders` example, ready, with the public keys of an issuer.
#[derive(Debug)]
pub struct Orders {
    api: Api,
    child: Child,
}

impl Orders {
    /// Fetches the issuer's keys into a file and starts the service with it.
    pub async fn beside(server: &Server) -> Self {
        let jwks = server.api().get("/.well-known/jwks.json").await.expect(200);
        let file = server.folder().path().join("jwks.json");
        fs::write(&file, jwks.body).expect("a writable folder");
        let mut child = Command::new(binaries::example("orders"))
            .arg(file)
            .args(["http://127.0.0.1:8080", "api", "127.0.0.1:0"])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example runs");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout.read_line(&mut line).expect("a line");
        let address = line
            .trim()
            .strip_prefix("orders ready on http://")
            .expect("the ready line");
        let api = Api::at(address.parse().expect("an address"));
        Self { api, child }
    }

    /// The client that talks to it.
    pub fn api(&self) -> &Api {
        &self.api
    }
}

impl Drop for Orders {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
