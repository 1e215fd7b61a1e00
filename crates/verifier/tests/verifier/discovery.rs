//! Finding an issuer's keys by its metadata, and fetching them over TLS.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use signet_verifier::{FetchError, Policy, RemoteKeys, SetupError, Verifier};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::jwks_server::{Behaviour, JwksServer};
use crate::support::{AUDIENCE, Token, clock, jwks, policy, reason, signer};

fn metadata(issuer: &str, jwks_uri: &str) -> Behaviour {
    Behaviour::keys(json!({ "issuer": issuer, "jwks_uri": jwks_uri }).to_string())
}

#[tokio::test]
async fn the_metadata_names_the_keys() {
    let keys = JwksServer::start(Behaviour::keys(jwks(&[signer().jwk()]))).await;
    let issuer = JwksServer::start(Behaviour::Hang).await;
    issuer.becomes(metadata(&issuer.origin, &keys.url()));
    let found = RemoteKeys::builder()
        .clock(clock())
        .discover(&issuer.origin)
        .await
        .unwrap();
    let policy = Policy::new(issuer.origin.as_str(), AUDIENCE);
    let verifier = Verifier::with_clock(policy, found, clock());
    let token = Token::good().claim("iss", issuer.origin.as_str()).sign();
    assert_eq!(reason(verifier.verify_async(&token).await), "accepted");
    let asked = issuer.requests();
    assert!(asked[0].starts_with("get /.well-known/openid-configuration http/1.1"));
    assert_eq!(keys.requests().len(), 1);
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    let issuer = JwksServer::start(Behaviour::Hang).await;
    let with_slash = format!("{}/", issuer.origin);
    for claimed in ["https://evil.test", with_slash.as_str(), ""] {
        issuer.becomes(metadata(claimed, &issuer.url()));
        let outcome = Verifier::discover(Policy::new(issuer.origin.as_str(), AUDIENCE)).await;
        assert_eq!(outcome.unwrap_err(), SetupError::AnotherIssuer);
    }
}

#[tokio::test]
async fn metadata_that_leads_astray_is_refused() {
    let issuer = JwksServer::start(Behaviour::Hang).await;
    let origin = issuer.origin.clone();
    for (behaviour, expected) in [
        (
            Behaviour::status(404),
            SetupError::Fetch(FetchError::Status(404)),
        ),
        (
            Behaviour::status(500),
            SetupError::Fetch(FetchError::Status(500)),
        ),
        (Behaviour::keys("[]"), SetupError::Metadata),
        (
            Behaviour::keys(json!({ "issuer": origin }).to_string()),
            SetupError::Metadata,
        ),
        (
            metadata(&origin, "http://10.0.0.1/jwks"),
            SetupError::NotHttps {
                host: "10.0.0.1".to_owned(),
            },
        ),
        (
            metadata(&origin, "file:///etc/passwd"),
            SetupError::MalformedUrl,
        ),
    ] {
        issuer.becomes(behaviour);
        let outcome = Verifier::discover(Policy::new(origin.as_str(), AUDIENCE)).await;
        assert_eq!(outcome.unwrap_err(), expected);
    }
    let paths = issuer.requests();
    assert!(paths[1].starts_with("get /.well-known/oauth-authorization-server http/1.1"));
}

#[tokio::test]
async fn https_is_checked_against_the_roots() {
    let server = JwksServer::start(Behaviour::keys(jwks(&[signer().jwk()]))).await;
    let port = serve_tls(server).await;
    let url = format!("https://127.0.0.1:{port}/jwks.json");
    let trusting = RemoteKeys::builder()
        .root_certificate(der(AUTHORITY))
        .build(&url)
        .unwrap();
    assert_eq!(trusting.prefetch().await, Ok(()));
    let verifier = Verifier::with_clock(policy(), trusting, clock());
    assert_eq!(reason(verifier.verify(&Token::good().sign())), "accepted");
    let strict = RemoteKeys::new(&url).unwrap();
    assert_eq!(strict.prefetch().await, Err(FetchError::Connect));
    let elsewhere = format!("https://localhost:{port}/jwks.json");
    let misled = RemoteKeys::builder()
        .root_certificate(der(AUTHORITY))
        .build(&elsewhere)
        .unwrap();
    assert_eq!(misled.prefetch().await, Err(FetchError::Connect));
}

/// Serves a JWKS server's answers over TLS on another port.
async fn serve_tls(server: JwksServer) -> u16 {
    let certificate = CertificateDer::from(der(include_str!("../keys/server.certificate.pem")));
    let key = PrivatePkcs8KeyDer::from(der(include_str!("../keys/server.private.pem")));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(connection).await {
                server.serve(stream).await;
            }
        }
    });
    port
}

const AUTHORITY: &str = include_str!("../keys/authority.certificate.pem");

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(body).unwrap()
}
