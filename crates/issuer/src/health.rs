//! Whether the server lives and can work: `/healthz` for everybody, `/livez` and `/readyz` for
//! operators.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_store::Backend;
use signet_verifier::Timestamp;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Chain;
use crate::http_client;
use crate::key_listing::clock_warning;

/// Says that the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Health",
    responses((status = 200, description = "It does", body = Check))
)]
pub(crate) async fn healthz() -> impl IntoResponse {
    alive()
}

/// Says that the process answers.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "Health",
    responses((status = 200, description = "It does", body = Check))
)]
pub(crate) async fn livez() -> impl IntoResponse {
    alive()
}

fn alive() -> impl IntoResponse {
    (NO_STORE, Json(Check::ok()))
}

/// Says whether requests can be served.
///
/// 200 when they can, degraded or not; else 503.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Health",
    responses(
        (status = 200, description = "They can", body = Report),
        (status = 503, description = "They cannot", body = Report),
    )
)]
pub(crate) async fn readyz(
    State(app): State<App>,
    public: Option<Extension<PublicListener>>,
) -> Response {
    let now = app.flows.clock.now();
    let mut checks = BTreeMap::from([
        ("signing_key", signing_key(&app, now)),
        ("keys_folder", keys_folder(&app, now)),
    ]);
    for backend in &app.flows.stores.backends {
        checks.insert(backend.name(), check(backend.as_ref(), now).await);
    }
    if let Some(Extension(public)) = public {
        checks.insert("public_listener", public.check().await);
    }
    let status = checks
        .values()
        .map(|check| check.status)
        .max()
        .unwrap_or(Status::Ok);
    let report = (NO_STORE, Json(Report { status, checks }));
    match status {
        Status::Ok | Status::Degraded => report.into_response(),
        Status::Unusable => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(RETRY_AFTER, "5")],
            report,
        )
            .into_response(),
    }
}

/// Where the public listener of this process is asked whether it answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublicListener(SocketAddr);

impl PublicListener {
    /// The one that listens at `address`.
    pub(crate) fn at(address: SocketAddr) -> Self {
        Self(http_client::reachable(address))
    }

    async fn check(self) -> Check {
        let asked = http_client::get(self.0, "/healthz");
        match tokio::time::timeout(CHECK_DEADLINE, asked).await {
            Ok(Ok(answer)) if answer.body == ALIVE => Check::ok(),
            Ok(Ok(answer)) => Check::bad(Status::Unusable, format!("answers {}", answer.status)),
            Ok(Err(error)) => Check::bad(Status::Unusable, error.to_string()),
            Err(_) => Check::bad(Status::Unusable, "does not answer"),
        }
    }
}

/// The worst comes last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Degraded,
    Unusable,
}

/// What was checked, and the worst that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct Report {
    status: Status,
    checks: BTreeMap<&'static str, Check>,
}

/// What was found, and why it is not good, for operators.
#[derive(Serialize, ToSchema)]
pub(crate) struct Check {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Check {
    fn ok() -> Self {
        Self {
            status: Status::Ok,
            detail: None,
        }
    }

    fn bad(status: Status, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: Some(detail.into()),
        }
    }
}

fn signing_key(app: &App, now: Timestamp) -> Check {
    if !app.flows.keys.signs_at(now) {
        return Check::bad(Status::Unusable, "no signing key is active");
    }
    match app.flows.ring_lag() {
        None => Check::ok(),
        Some(lag) => Check::bad(Status::Unusable, lag.to_string()),
    }
}

/// If the folder cannot be read, the last good keys stay in use. Times ahead of the clock are
/// reported too: another clock was ahead when the ring was changed, or this clock is behind.
fn keys_folder(app: &App, now: Timestamp) -> Check {
    let problem = app.flows.keys_folder.problem();
    let problem = problem.map(|problem| problem.as_str().to_owned());
    match problem.or_else(|| clock_warning(&app.flows.keys.current().ring, now)) {
        None => Check::ok(),
        Some(problem) => Check::bad(Status::Degraded, problem),
    }
}

async fn check(backend: &dyn Backend, now: Timestamp) -> Check {
    let health = match tokio::time::timeout(CHECK_DEADLINE, backend.check()).await {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => return Check::bad(Status::Unusable, Chain(&error).to_string()),
        Err(_) => return Check::bad(Status::Unusable, "does not answer"),
    };
    let apart = health.clock.map_or(Duration::ZERO, |clock| {
        clock.saturating_since(now).max(now.saturating_since(clock))
    });
    if apart > MAX_REPLICA_CLOCK_DIFFERENCE {
        let detail = format!("its clock and ours are {} ms apart", apart.as_millis());
        return Check::bad(Status::Degraded, detail);
    }
    Check::ok()
}

/// What `/healthz` answers.
const ALIVE: &str = r#"{"status":"ok"}"#;
/// A store that takes longer to say that it is well is not.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];
