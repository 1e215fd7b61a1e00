//! The example service, as a process beside an issuer.

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
    /// Starts the service once the issuer publishes its keys.
    pub async fn beside(server: &Server) -> Self {
        let jwks = "/.well-known/jwks.json";
        server.api().get(jwks).await.expect(200);
        let mut child = Command::new(binaries::example("orders"))
            .args(["http://127.0.0.1:8080", "api", "127.0.0.1:0"])
            .arg(format!("{}{jwks}", server.api().base()))
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
