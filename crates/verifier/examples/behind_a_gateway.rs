//! A service behind a gateway that asks Signet about each request (`/forward-auth`) and passes on
//! identity and token. The service compares the two. So if the gateway is misconfigured or
//! bypassed, every request is refused.
//!
//! ```text
//! cargo run -p signet-verifier --features axum,remote --example behind_a_gateway
//! ```
//!
//! Arguments, all optional: issuer, audience, address to listen on.
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use std::sync::Arc;

use axum::{Router, routing::get};
use signet_verifier::{Authenticated, Error, GatewayIdentity, Policy, RemoteKeys, Verifier};

async fn orders(identity: GatewayIdentity, claims: Authenticated) -> Result<String, Error> {
    identity.require_same(&claims)?;
    Ok(format!(
        "the orders of {}, through the gateway\n",
        identity.subject
    ))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (issuer, audience) = (argument("http://127.0.0.1:8080"), argument("api"));
    let listener = tokio::net::TcpListener::bind(argument("127.0.0.1:8082")).await?;

    let keys = RemoteKeys::new(&format!("{issuer}/.well-known/jwks.json"))?;
    let verifier = Verifier::new(Policy::new(issuer, audience), keys);
    let app = Router::new()
        .route("/orders", get(orders))
        .with_state(Arc::new(verifier));

    println!(
        "behind_a_gateway ready on http://{}",
        listener.local_addr()?
    );
    axum::serve(listener, app).await?;
    Ok(())
}
