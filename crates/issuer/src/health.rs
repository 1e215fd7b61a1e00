//! Health checks: `/healthz` on the public listener, `/livez` and `/readyz` on the operations
//! listener.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_flows::clock_is_behind;
use signet_store::{Backend, BackendHealth};
use signet_verifier::Timestamp;
use tokio::sync::watch;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::Chain;
use crate::http_client::{self, Target};
use crate::key_listing::clock_warning;
use crate::tls::Tls;

/// Says that the process is alive.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Health",
    responses((status = 200, description = "The process is alive", body = Check))
)]
pub(crate) async fn healthz() -> impl IntoResponse {
    alive()
}

/// Says that the process is alive.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "Health",
    responses((status = 200, description = "The process is alive", body = Check))
)]
pub(crate) async fn livez() -> impl IntoResponse {
    alive()
}

fn alive() -> impl IntoResponse {
    (NO_STORE, Json(Check::ok()))
}

/// Says whether the server can serve requests.
///
/// Answers 200 if it can, also if a part of it is degraded; else 503.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Health",
    responses(
        (status = 200, description = "Ready, or degraded", body = Report),
        (status = 503, description = "Not ready", body = Report),
    )
)]
pub(crate) async fn readyz(
    State(app): State<App>,
    watched: Option<Extension<Watched>>,
) -> Response {
    let watched = watched.map(|Extension(watched)| watched);
    reported(checks(&app, watched.as_ref()).await)
}

/// Every check of `/readyz`, by its name.
pub(crate) async fn checks(app: &App, watched: Option<&Watched>) -> BTreeMap<&'static str, Check> {
    let now = app.flows.clock.now();
    let mut checks = BTreeMap::from([
        ("signing_key", signing_key(app, now)),
        ("keys_folder", keys_folder(app, now)),
    ]);
    for backend in &app.flows.stores.backends {
        let mut result = check(backend.as_ref(), now).await;
        if result.status == Status::Unusable && is_apart(app, backend.as_ref()) {
            result = without_writes(backend.as_ref(), result).await;
        }
        checks.insert(backend.name(), result);
    }
    if let Some(watched) = watched {
        checks.insert("public_listener", watched.check_public().await);
        checks.extend(watched.certificates());
        if *watched.draining.borrow() {
            checks.insert("server", Check::bad(Status::Unusable, STOPPING));
        }
    }
    checks
}

/// The answer of `/readyz` while a store, whose setting is `setting`, cannot be reached at the start.
pub(crate) fn not_open_yet(setting: &str, reason: String) -> Response {
    let name = match setting {
        "redis_url" => "redis",
        _ => "database",
    };
    let unreachable = Check::bad(Status::Unusable, reason);
    reported(BTreeMap::from([(name, unreachable)]))
}

/// The server of this process, as it checks itself.
#[derive(Clone, Debug)]
pub(crate) struct Watched {
    public: Target,
    certificates: Vec<(&'static str, Tls)>,
    /// Whether the server was told to stop and still serves.
    draining: watch::Receiver<bool>,
}

impl Watched {
    /// The public listener at this address, the certificates of both listeners, and whether the
    /// server drains.
    ///
    /// # Errors
    ///
    /// Fails if the library cannot use TLS.
    pub(crate) fn at(
        address: SocketAddr,
        public: Option<&Tls>,
        operations: Option<&Tls>,
        draining: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let named = [("certificate", public), ("ops_certificate", operations)];
        let certificates = named.into_iter();
        let certificates = certificates.filter_map(|(name, tls)| Some((name, tls?.clone())));
        Ok(Self {
            public: Target::any(http_client::reachable(address), public.is_some())?,
            certificates: certificates.collect(),
            draining,
        })
    }

    async fn check_public(&self) -> Check {
        let asked = http_client::get(&self.public, "/healthz");
        match tokio::time::timeout(CHECK_DEADLINE, asked).await {
            Ok(Ok(answer)) if answer.body == ALIVE => Check::ok(),
            Ok(Ok(answer)) => Check::bad(Status::Unusable, format!("answers {}", answer.status)),
            Ok(Err(error)) => Check::bad(Status::Unusable, error.to_string()),
            Err(_) => Check::bad(Status::Unusable, "does not answer"),
        }
    }

    /// If new files cannot be used, the previous certificate stays in use.
    fn certificates(&self) -> impl Iterator<Item = (&'static str, Check)> {
        let checked = |tls: &Tls| match tls.problem() {
            None => Check::ok(),
            Some(problem) => Check::bad(Status::Degraded, problem),
        };
        self.certificates
            .iter()
            .map(move |(name, tls)| (*name, checked(tls)))
    }
}

/// Ordered from good to bad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Ok,
    Degraded,
    Unusable,
}

/// The results of all checks, and the worst of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Report {
    status: Status,
    checks: BTreeMap<&'static str, Check>,
}

/// The result of a check; if it is not good, with the reason for operators.
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

/// The status, and the reason if there is one.
impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Degraded => "degraded",
            Status::Unusable => "unusable",
        };
        match &self.detail {
            None => f.write_str(status),
            Some(detail) => write!(f, "{status}: {detail}"),
        }
    }
}

/// The answer of `/readyz` with these results.
fn reported(checks: BTreeMap<&'static str, Check>) -> Response {
    let statuses = checks.values().map(|check| check.status);
    let status = statuses.max().unwrap_or(Status::Ok);
    let report = (NO_STORE, Json(Report { status, checks }));
    match status {
        Status::Ok | Status::Degraded => report.into_response(),
        Status::Unusable => {
            let retry = [(RETRY_AFTER, "5")];
            (StatusCode::SERVICE_UNAVAILABLE, retry, report).into_response()
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

/// If the folder cannot be read, the last good keys stay in use. Times ahead of the clock are also
/// reported: the clock that changed the ring was ahead, or this clock is behind.
fn keys_folder(app: &App, now: Timestamp) -> Check {
    let problem = app.flows.keys_folder.problem();
    let problem = problem.map(|problem| problem.as_str().to_owned());
    match problem.or_else(|| clock_warning(&app.flows.keys.current().ring, now)) {
        None => Check::ok(),
        Some(problem) => Check::bad(Status::Degraded, problem),
    }
}

/// Whether the backend stores accounts and no sessions, so that refreshes and most sign-ins need no
/// write to it.
fn is_apart(app: &App, backend: &dyn Backend) -> bool {
    let sessions = app.flows.stores.backends.last();
    sessions.is_some_and(|sessions| sessions.name() != backend.name())
}

/// The result for a store of accounts whose check has failed: degraded if it can be read.
async fn without_writes(backend: &dyn Backend, failed: Check) -> Check {
    match tokio::time::timeout(CHECK_DEADLINE, backend.check_reads()).await {
        Ok(Ok(())) => {
            let why = failed.detail.unwrap_or_default();
            let detail = format!("accounts can be read and not changed: {why}");
            Check::bad(Status::Degraded, detail)
        }
        _ => failed,
    }
}

async fn check(backend: &dyn Backend, now: Timestamp) -> Check {
    let health = match tokio::time::timeout(CHECK_DEADLINE, backend.check()).await {
        Ok(Ok(health)) => health,
        Ok(Err(error)) => return Check::bad(Status::Unusable, Chain(&error).to_string()),
        Err(_) => return Check::bad(Status::Unusable, "does not answer"),
    };
    let apart = health.clock_difference(now).unwrap_or_default();
    if apart > MAX_REPLICA_CLOCK_DIFFERENCE {
        let detail = format!(
            "its clock and the clock of this server differ by {} ms",
            apart.as_millis()
        );
        return Check::bad(Status::Degraded, detail);
    }
    clock_is_behind(health.latest, now)
        .or_else(|| unreadable_rows(health))
        .map_or_else(Check::ok, |problem| Check::bad(Status::Degraded, problem))
}

/// Names the rows that break a rule, if there are any.
fn unreadable_rows(health: BackendHealth) -> Option<String> {
    let roles = (health.unreadable_roles > 0).then(|| {
        format!(
            "{} accounts have stored roles that break the rule for roles; set their roles again: \
             the events account.role_unreadable name them",
            health.unreadable_roles
        )
    });
    let clients = (health.unreadable_clients > 0).then(|| {
        format!(
            "{} clients have rows that break a rule; delete them and add them again: the events \
             client.unreadable name them",
            health.unreadable_clients
        )
    });
    let found: Vec<_> = roles.into_iter().chain(clients).collect();
    (!found.is_empty()).then(|| found.join("; "))
}

/// The answer of `/healthz`.
const ALIVE: &str = r#"{"status":"ok"}"#;
/// Why a server that was told to stop is not ready.
const STOPPING: &str = "stopping";
/// A store that takes longer to answer its check counts as unusable.
const CHECK_DEADLINE: Duration = Duration::from_secs(2);
const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];
