//! A service that refuses revoked tokens within seconds. Run it beside an issuer that has
//! `status_list.enabled`:
//!
//! ```text
//! cargo run -p signet-verifier --features axum,status --example revocation
//! curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8081/orders
//! curl http://127.0.0.1:8081/ready
//! ```
//!
//! Arguments, all optional: issuer, audience, address to listen on, URL of the key set.
#![expect(
    clippy::print_stdout,
    reason = "an example talks to the person who runs it"
)]

use std::sync::Arc;

use axum::{Router, http::StatusCode, routing::get};
use signet_verifier::{Authenticated, KeysState, Policy, RemoteKeys, StatusListState, Verifier};

/// Requires a token that is not revoked.
async fn orders(claims: Authenticated) -> String {
    format!("the orders of {}\n", claims.sub)
}

/// Answers 200 while tokens can be verified, and says how old each status list is.
fn ready(keys: &RemoteKeys) -> (StatusCode, String) {
    let health = keys.health();
    let mut is_ready = matches!(health.state, KeysState::Fresh | KeysState::Stale);
    let mut lines = Vec::new();
    for list in health.status_lists {
        is_ready &= list.state == StatusListState::Current;
        let age = list.age.map(|age| format!("{} s old", age.as_secs()));
        let age = age.unwrap_or_else(|| "not fetched yet".to_owned());
        lines.push(format!("{}: {age}\n", list.uri));
    }
    if is_ready {
        (StatusCode::OK, lines.concat())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, lines.concat())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let (issuer, audience) = (argument("http://127.0.0.1:8080"), argument("api"));
    let listener = tokio::net::TcpListener::bind(argument("127.0.0.1:8081")).await?;
    let jwks_url = argument(&format!("{issuer}/.well-known/jwks.json"));

    let keys = RemoteKeys::builder().check_status().build(&jwks_url)?;
    let verifier = Verifier::new(Policy::new(issuer, audience), keys.clone());
    let app = Router::new()
        .route("/orders", get(orders))
        .route("/ready", get(async move || ready(&keys)))
        .with_state(Arc::new(verifier));

    println!("revocation ready on http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
