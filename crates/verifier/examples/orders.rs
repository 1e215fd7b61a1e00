//! A service that protects its routes. Run it beside the issuer:
//!
//! ```text
//! cargo run -p signet-verifier --features axum,remote --example orders
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/orders
//! ```
//!
//! Arguments, all optional: issuer, audience, address to listen on, URL of the key set.
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use std::sync::Arc;

use axum::{Router, routing::get};
use signet_verifier::{Authenticated, Error, Policy, RemoteKeys, Verifier};

/// Requires a token with the scope `account`.
async fn orders(claims: Authenticated) -> Result<String, Error> {
    claims.require_scope("account")?;
    Ok(format!("the orders of {}\n", claims.sub))
}

/// Works without a token; with a token, the greeting has the account id.
async fn greeting(claims: Option<Authenticated>) -> String {
    claims.map_or_else(
        || "hello\n".to_owned(),
        |claims| format!("hello, {}\n", claims.sub),
    )
}

/// Requires the role `admin`.
async fn takings(claims: Authenticated) -> Result<&'static str, Error> {
    claims.require_any_role(["admin"])?;
    Ok("the takings of the day\n")
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (issuer, audience) = (argument("http://127.0.0.1:8080"), argument("api"));
    let listener = tokio::net::TcpListener::bind(argument("127.0.0.1:8081")).await?;
    let jwks_url = argument(&format!("{issuer}/.well-known/jwks.json"));

    let verifier = Verifier::new(Policy::new(issuer, audience), RemoteKeys::new(&jwks_url)?);
    let app = Router::new()
        .route("/", get(greeting))
        .route("/orders", get(orders))
        .route("/takings", get(takings))
        .with_state(Arc::new(verifier));

    println!("orders ready on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
