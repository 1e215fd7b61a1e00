//! A service that protects its routes. Run it beside the issuer:
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

use std::sync::Arc;

use axum::{Router, routing::get};
use signet_verifier::{Authenticated, Error, Keys, Policy, Verifier};

/// For whoever is signed in with the scope of an account.
async fn orders(claims: Authenticated) -> Result<String, Error> {
    claims.require_scope("account")?;
    Ok(format!("the orders of {}\n", claims.sub))
}

/// For everybody; who is signed in is greeted by name.
async fn greeting(claims: Option<Authenticated>) -> String {
    claims.map_or_else(
        || "hello\n".to_owned(),
        |claims| format!("hello, {}\n", claims.sub),
    )
}

/// For administrators.
async fn takings(claims: Authenticated) -> Result<&'static str, Error> {
    claims.require_any_role(["admin"])?;
    Ok("the takings of the day\n")
}

fn app(verifier: Arc<Verifier>) -> Router {
    Router::new()
        .route("/", get(greeting))
        .route("/orders", get(orders))
        .route("/takings", get(takings))
        .with_state(verifier)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
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
