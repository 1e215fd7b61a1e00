//! A service that protects a route. Run it beside the issuer:
//!
//! ```text
//! curl -s http://127.0.0.1:8080/.well-known/jwks.json > jwks.json
//! cargo run -p signet-verifier --features axum --example orders -- jwks.json
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/orders
//! ```
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use std::error::Error;
use std::sync::Arc;

use axum::{Router, routing::get};
use signet_verifier::{Authenticated, Keys, Policy, Verifier};

async fn orders(claims: Authenticated) -> String {
    format!("the orders of {}\n", claims.sub)
}

fn app(verifier: Arc<Verifier>) -> Router {
    Router::new()
        .route("/orders", get(orders))
        .with_state(verifier)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let jwks = argument("jwks.json");
    let (issuer, audience) = (argument("http://127.0.0.1:8080"), argument("api"));
    let listen = argument("127.0.0.1:8081");

    let keys = Keys::from_jwks(std::fs::read(&jwks).map_err(|error| format!("{jwks}: {error}"))?)?;
    let verifier = Arc::new(Verifier::new(Policy::new(issuer, audience), keys));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("orders ready on http://{}", listener.local_addr()?);
    axum::serve(listener, app(verifier)).await?;
    Ok(())
}
