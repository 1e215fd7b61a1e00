//! One gateway with everything around it, and requests through it.

use signet_tests::gateway::{Behind, Gateway, Shipped};
use signet_tests::{Account, EchoService, Forger, RawReply, Received, Server, exchange};

/// An issuer, a gateway and a service.
pub struct Rig {
    pub shipped: &'static Shipped,
    pub issuer: Server,
    pub service: EchoService,
    pub gateway: Gateway,
    /// A person who has signed in.
    pub account: Account,
}

impl Rig {
    /// Starts all of it, with the configuration of this name.
    pub async fn start(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    /// The same, the issuer with these settings besides.
    pub async fn with(name: &str, settings: &[(&str, &str)]) -> Self {
        let shipped = Shipped::named(name);
        let issuer = Server::with(&[&[PUBLIC_URL], settings].concat());
        let account = issuer.api().register().await;
        let service = EchoService::start();
        let gateway = Gateway::start(shipped, behind(&issuer, &service));
        service.received();
        Self {
            shipped,
            issuer,
            service,
            gateway,
            account,
        }
    }

    /// Makes tokens that the issuer would not make.
    pub fn forger(&self) -> Forger {
        Forger::with_key_of(self.issuer.folder(), &self.account.access_token)
    }

    /// Sends a request with these header lines, and says what came back and what the service got.
    pub fn send(&self, line: &str, headers: &[String]) -> (Option<RawReply>, Vec<Received>) {
        let request = request(line, headers);
        let reply = exchange(self.gateway.address(), request.as_bytes());
        (reply, self.service.received())
    }
}

/// What a gateway stands in front of.
pub fn behind<'a>(issuer: &'a Server, service: &EchoService) -> Behind<'a> {
    Behind {
        issuer: issuer.api().address(),
        folder: issuer.folder(),
        service: service.address(),
    }
}

/// `GET /orders/7` for example, with these header lines.
pub fn request(line: &str, headers: &[String]) -> String {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    format!("{line} HTTP/1.1\r\nHost: gateway.example\r\n{headers}Connection: close\r\n\r\n")
}

/// The header line that shows a token.
pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

/// The issuer as the shipped configurations name it.
pub const ISSUER: &str = "https://auth.example.com";
const PUBLIC_URL: (&str, &str) = ("SIGNET_PUBLIC_URL", ISSUER);
