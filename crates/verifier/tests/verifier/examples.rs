//! Each example as a process: what it answers with a good token, a bad one and none.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use signet_verifier::{Clock, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;
use tonic::metadata::MetadataValue;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::jwks_server::{Behaviour, JwksServer};
use crate::support::{AUDIENCE, Token, jwks, signer};

/// An example that serves, beside an issuer that publishes keys or does not.
struct Example {
    child: Child,
    address: String,
    issuer: JwksServer,
}

impl Example {
    async fn beside(name: &str, behaviour: Behaviour) -> Self {
        Self::start(name, JwksServer::start(behaviour).await, None)
    }

    /// The keys are under the issuer's URL, or at `jwks_url`.
    fn start(name: &str, issuer: JwksServer, jwks_url: Option<String>) -> Self {
        let mut child = Command::new(program(name))
            .args([issuer.origin.as_str(), AUDIENCE, "127.0.0.1:0"])
            .args(jwks_url)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.as_mut().unwrap());
        output.read_line(&mut line).unwrap();
        let (_, address) = line.trim().split_once(" ready on http://").unwrap();
        let address = address.to_owned();
        Self {
            child,
            address,
            issuer,
        }
    }

    async fn with_keys(name: &str) -> Self {
        Self::beside(name, Behaviour::keys(jwks(&[signer().jwk()]))).await
    }

    fn token(&self) -> Token {
        let now = SystemClock::new().now().as_seconds();
        Token::good()
            .claim("iss", self.issuer.origin.as_str())
            .claim("iat", now)
            .claim("exp", now + 600)
    }

    /// The whole answer to a GET with these header lines.
    async fn orders(&self, headers: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let request =
            format!("GET /orders HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// The gRPC status of a health check.
    async fn check(&self, token: Option<&str>) -> Code {
        let endpoint = Endpoint::try_from(format!("http://{}", self.address)).unwrap();
        let mut client = HealthClient::new(endpoint.connect().await.unwrap());
        let mut request = tonic::Request::new(HealthCheckRequest::default());
        if let Some(token) = token {
            let value = MetadataValue::try_from(format!("Bearer {token}")).unwrap();
            request.metadata_mut().insert("authorization", value);
        }
        let outcome = client.check(request).await;
        outcome.map_or_else(|status| status.code(), |_| Code::Ok)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn the_axum_example_protects_its_route() {
    let orders = Example::with_keys("orders").await;
    let without = orders.orders("").await;
    assert!(without.starts_with("HTTP/1.1 401 "), "{without}");
    assert!(without.contains("www-authenticate: Bearer realm=\"signet\"\r\n"));
    let bearer = format!("Authorization: Bearer {}\r\n", orders.token().sign());
    let answer = orders.orders(&bearer).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("the orders of 7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11\n"));
}

#[tokio::test]
async fn the_revocation_example_refuses_a_revoked_token() {
    let keys = JwksServer::start(Behaviour::keys(jwks(&[signer().jwk()]))).await;
    let lists = JwksServer::start(Behaviour::status(500)).await;
    let example = Example::start("revocation", lists, Some(keys.url()));
    let uri = format!("{}/status/a", example.issuer.origin);
    let now = SystemClock::new().now().as_seconds();
    let claims = serde_json::json!({
        "sub": uri, "iat": now, "exp": now + 60, "ttl": 5,
        "status_list": crate::status_rig::status_list(&[7]),
    });
    let list = Token::good().header("typ", "statuslist+jwt");
    let list = list.claims(&claims);
    example.issuer.becomes(Behaviour::Answer {
        status: 200,
        headers: String::new(),
        body: list.sign(),
    });
    for (index, status) in [(7, "401"), (0, "200")] {
        let entry = serde_json::json!({ "status_list": { "idx": index, "uri": uri } });
        let token = example.token().claim("status", entry).sign();
        let answer = example
            .orders(&format!("Authorization: Bearer {token}\r\n"))
            .await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_example_behind_a_gateway_believes_what_the_token_says_too() {
    let orders = Example::with_keys("behind_a_gateway").await;
    let bearer = format!("Authorization: Bearer {}\r\n", orders.token().sign());
    let identity = "X-Auth-Subject: 7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11\r\n\
                    X-Auth-Client: signet\r\nX-Auth-Session: BBBBBBBBBBBBBBBBBBBBBB\r\n\
                    X-Auth-Token-Id: AAAAAAAAAAAAAAAAAAAAAA\r\n";
    for (headers, status) in [
        (format!("{bearer}{identity}"), "200"),
        (bearer.clone(), "401"),
        (identity.to_owned(), "401"),
        (bearer + &identity.replace("7b0c8f0e", "00000000"), "401"),
    ] {
        let answer = orders.orders(&headers).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_grpc_example_answers_with_grpc_statuses() {
    let grpc = Example::with_keys("grpc").await;
    assert_eq!(grpc.check(None).await, Code::Unauthenticated);
    assert_eq!(grpc.check(Some("bad")).await, Code::Unauthenticated);
    let weak = grpc.token().claim("scope", "orders:read").sign();
    assert_eq!(grpc.check(Some(&weak)).await, Code::PermissionDenied);
    assert_eq!(grpc.check(Some(&grpc.token().sign())).await, Code::Ok);
    let cold = Example::beside("grpc", Behaviour::status(500)).await;
    assert_eq!(
        cold.check(Some(&cold.token().sign())).await,
        Code::Unavailable
    );
}

#[test]
fn the_plain_example_reads_a_token_and_a_key_and_asks_nobody() {
    let now = SystemClock::new().now().as_seconds();
    let token = Token::good().claim("iat", now).claim("exp", now + 600);
    let good = offline(&token.sign());
    assert_eq!(
        String::from_utf8(good.stdout).unwrap(),
        "7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11 may: account orders:read\n"
    );
    let expired = offline(&token.claim("exp", now - 600).sign());
    assert!(!expired.status.success() && expired.stdout.is_empty());
    assert_eq!(
        String::from_utf8(expired.stderr).unwrap(),
        "Error: Expired\n"
    );
}

fn offline(token: &str) -> Output {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/signer.public.pem");
    let mut child = Command::new(program("offline"))
        .args([key, crate::support::ISSUER, AUDIENCE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(token.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

/// An example of the profile that this test was built with.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let path = profile.join("examples").join(name);
    let how = "cargo build --workspace --all-features --examples";
    assert!(path.is_file(), "{} is missing: run `{how}`", path.display());
    path
}
