//! Limits that replicas count together: exactly what one allows, and what happens in an outage.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use futures::future::join_all;
use signet_core::limits::CounterId;
use signet_issuer::config::LogFormat;
use signet_store::{CounterGroup, Counts, SharedLimits, StoreError, Stores};
use signet_test_servers::Redis;
use signet_verifier::Timestamp;

use crate::attacks::Calls;
use crate::logs::capture;
use crate::oauth::Program;
use crate::support::{Answer, JSON, TestApp, from, request};

/// A burst of five, and ten seconds until the next.
const SIX_A_MINUTE: (&str, &str) = ("SIGNET_LIMITS_LOGIN_PER_MINUTE", "6");

fn sign_in(number: usize) -> Request<Body> {
    let body =
        format!(r#"{{"email":"person{number}@example.com","password":"guess no. 1 fails"}}"#);
    from("192.0.2.1", request("POST", "/auth/login", &[JSON], &body))
}

/// Sends 300 sign-ins at once to the replicas in turn; how many the limit has admitted. A sign-in
/// that finds too many others in the queue for hashing is admitted, and told to come back sooner.
async fn admitted_of_300(replicas: &[TestApp]) -> usize {
    let replica = |number: usize| &replicas[number % replicas.len()];
    let sent = (0..300).map(|number| replica(number).send(sign_in(number)));
    let answers = join_all(sent).await;
    let is_refused =
        |answer: &&Answer| answer.status == 429 && answer.header("retry-after") == Some("10");
    answers.len() - answers.iter().filter(is_refused).count()
}

async fn replicas(redis_url: &str, number: usize) -> Vec<TestApp> {
    let mut replicas = vec![TestApp::with(&[SIX_A_MINUTE, ("SIGNET_REDIS_URL", redis_url)]).await];
    while replicas.len() < number {
        let next = replicas[0].replica().await;
        replicas.push(next);
    }
    replicas
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_and_three_replicas_on_redis_allow_exactly_what_one_allows() {
    for number in 1..=3 {
        let redis = Redis::start();
        let replicas = replicas(&redis.url(), number).await;
        assert_eq!(admitted_of_300(&replicas).await, 5, "{number} replicas");
        // The same again after the store has lost everything: each replica knows what was counted.
        assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
        let again = admitted_of_300(&replicas).await;
        assert!(again <= 5, "{number} replicas admitted {again} more");
        replicas[0]
            .clock
            .advance(std::time::Duration::from_secs(50));
        assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
        assert_eq!(
            admitted_of_300(&replicas).await,
            5,
            "{number} replicas, later"
        );
    }
}

#[tokio::test]
async fn processes_on_one_sqlite_file_count_together() {
    let app = TestApp::with(&[SIX_A_MINUTE]).await;
    let both = [app.replica().await, app];
    assert_eq!(admitted_of_300(&both).await, 5);
}

#[tokio::test]
async fn replicas_count_revocations_and_introspections_together() {
    let app = TestApp::with(&[
        ("SIGNET_LIMITS_TOKEN_PER_MINUTE", "36"),
        ("SIGNET_LIMITS_INTROSPECT_PER_MINUTE", "48"),
    ])
    .await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let both = [app.replica().await, app];
    let form = ("content-type", "application/x-www-form-urlencoded");
    let secret = billing.basic();
    // A burst is ten seconds of the rate.
    for (path, burst) in [("/oauth/revoke", 6), ("/oauth/introspect", 8)] {
        let mut statuses = Vec::new();
        for turn in 0..=burst {
            let headers = [form, ("authorization", secret.as_str())];
            let asked = request("POST", path, &headers, "token=unknown");
            let answer = both[turn % 2].send(from("192.0.2.1", asked)).await;
            statuses.push(answer.status.as_u16());
        }
        let expected = [vec![200; burst], vec![429]].concat();
        assert_eq!(statuses, expected, "{path}");
    }
}

#[tokio::test]
async fn wrong_passwords_are_counted_together_and_right_ones_taken_back() {
    let app = TestApp::start().await;
    let other = app.replica().await;
    let body = |password: &str| format!(r#"{{"email":"ada@example.com","password":"{password}"}}"#);
    app.post("/auth/register", &body("engine no. 9 steams"))
        .await;
    let sign_in = |app: &'static str, password: &str| {
        let request = request("POST", "/auth/login", &[JSON], &body(password));
        (app, from("192.0.2.1", request))
    };
    let mut statuses = Vec::new();
    for (place, request) in [
        sign_in("here", "guess no. 1 fails"),
        sign_in("there", "guess no. 2 fails"),
        sign_in("there", "engine no. 9 steams"),
        sign_in("here", "engine no. 9 steams"),
        sign_in("here", "guess no. 3 fails"),
        sign_in("there", "guess no. 4 fails"),
        sign_in("here", "guess no. 5 fails"),
        sign_in("there", "guess no. 6 fails"),
        sign_in("there", "engine no. 9 steams"),
        sign_in("here", "engine no. 9 steams"),
    ] {
        let replica = if place == "here" { &app } else { &other };
        statuses.push(replica.send(request).await.status.as_u16());
    }
    assert_eq!(statuses, [401, 401, 200, 200, 401, 401, 401, 429, 429, 429]);
}

#[tokio::test]
async fn garbage_at_the_refresh_never_reaches_the_shared_counters() {
    let calls = Calls::default();
    let app = TestApp::around(&[], |stores| calls.count(stores)).await;
    let before = calls.made();
    for _ in 0..50 {
        let body = r#"{"refresh_token":"sgr_garbage"}"#;
        let garbage = from("192.0.2.1", request("POST", "/auth/refresh", &[JSON], body));
        assert_eq!(app.send(garbage).await.status, 401);
    }
    assert_eq!(calls.made(), before);
}

#[tokio::test]
async fn while_the_shared_counters_cannot_answer_each_process_counts_by_itself() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::around(&[SIX_A_MINUTE], |stores| Stores {
        shared_limits: Arc::new(Unreachable),
        ..stores
    })
    .await;
    assert_eq!(admitted_of_300(&[app]).await, 5);
    drop(guard);
    let told = captured.text().matches("limits.not_shared").count();
    assert_eq!(told, 1);
}

#[tokio::test]
async fn answers_carry_the_fields_of_both_versions_of_the_draft() {
    let app = TestApp::with(&[SIX_A_MINUTE]).await;
    let answer = app.send(sign_in(1)).await;
    assert_eq!(
        answer.header("ratelimit-policy"),
        Some(r#""login";q=5;w=50"#)
    );
    assert_eq!(answer.header("ratelimit"), Some(r#""login";r=4;t=10"#));
    assert_eq!(answer.header("ratelimit-remaining"), Some("4"));
}

struct Unreachable;

fn unreachable<T>() -> Result<T, StoreError> {
    Err(StoreError::Unavailable {
        store: "shared limits",
        cause: "down".into(),
    })
}

#[async_trait]
impl SharedLimits for Unreachable {
    async fn count(&self, _: &CounterGroup, _: Timestamp) -> Result<Counts, StoreError> {
        unreachable()
    }

    async fn take_back(&self, _: &CounterGroup, _: Timestamp) -> Result<(), StoreError> {
        unreachable()
    }

    async fn reset(&self, _: CounterId) -> Result<(), StoreError> {
        unreachable()
    }

    async fn purge(&self, _: Timestamp, _: usize) -> Result<usize, StoreError> {
        unreachable()
    }
}
