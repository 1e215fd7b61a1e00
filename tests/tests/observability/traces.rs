//! Traces arrive at a collector, and no request needs one.

use http::Method;
use serde_json::json;
use signet_tests::{Api, PASSWORD, PATIENCE, Reply, Server, within};

use crate::collector::{Collector, Span};
use crate::exposition::Exposition;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const OTHER_TRACE: &str = "1bf7651916cd43dd8448eb211c80319d";
const PARENT: &str = "b7ad6b7169203331";

#[tokio::test]
async fn a_request_and_its_work_arrive_as_one_trace_that_the_log_names() {
    let collector = Collector::start();
    let server = Server::with(&[
        ("SIGNET_OTLP_ENDPOINT", &collector.url()),
        ("SIGNET_OTLP_SAMPLE_ONE_IN", "1"),
    ]);
    let account = server.api().register().await;
    let signed_in = log_in(server.api(), &account.email, TRACE, "00").await;
    let refresh_token = signed_in.expect(200).member("refresh_token");
    let logs = server.stop().logs;

    let lines = logs.lines().filter(|line| line.contains(TRACE));
    assert!(lines.filter(|line| line.contains("session.begun")).count() == 1);
    let spans = collector.spans();
    let spans: Vec<_> = spans.iter().filter(|span| span.trace == TRACE).collect();
    let requests: Vec<&&Span> = spans.iter().filter(|span| span.kind == 2).collect();
    let [request] = requests[..] else {
        panic!("{requests:?}");
    };
    assert_eq!(request.name, "POST /auth/login");
    assert_eq!(request.parent, PARENT);
    assert_eq!(request.attributes["http.response.status_code"], "200");
    for name in ["store call", "password job", "sign access token"] {
        let mut below = spans.iter().filter(|span| span.name == name);
        assert!(below.clone().count() > 0, "{name}");
        assert!(below.all(|span| {
            let is_within = request.began <= span.began && span.ended <= request.ended;
            span.parent == request.id && span.began <= span.ended && is_within
        }));
    }
    for secret in [&account.email, PASSWORD, &refresh_token, &account.id] {
        for body in collector.posted() {
            assert!(!String::from_utf8_lossy(&body).contains(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn a_gateway_decides_which_of_its_requests_are_traced() {
    let collector = Collector::start();
    let server = Server::with(&[
        ("SIGNET_OTLP_ENDPOINT", &collector.url()),
        ("SIGNET_OTLP_SAMPLE_ONE_IN", "1"),
        ("SIGNET_TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    let unknown = "nobody@example.com";
    log_in(server.api(), unknown, TRACE, "01").await.expect(401);
    let refused = log_in(server.api(), unknown, OTHER_TRACE, "00").await;
    refused.expect(401);
    server.stop();

    let spans = collector.spans();
    let of = |trace: &str| spans.iter().filter(|span| span.trace == trace).count();
    assert!(of(TRACE) > 1, "{spans:?}");
    assert_eq!(of(OTHER_TRACE), 0);
    let request = spans.iter().find(|span| span.kind == 2).expect("a request");
    assert_eq!(request.attributes["error.code"], "invalid_credentials");
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_no_request_and_is_told_of_once() {
    let nowhere = format!("http://127.0.0.1:{}", signet_test_servers::free_port());
    let server = Server::with(&[
        ("SIGNET_OTLP_ENDPOINT", &nowhere),
        ("SIGNET_OTLP_SAMPLE_ONE_IN", "1"),
    ]);
    let operations = server.operations();
    let dropped = async || {
        let shown = Exposition::of(&operations).await;
        shown.value(r#"signet_trace_spans_dropped_total{reason="collector"}"#)
    };
    let mut seen = dropped().await;
    for _ in 0..2 {
        server.api().register().await;
        let more = number_after(seen, &dropped);
        seen = within(PATIENCE, "spans are dropped and counted", more).await;
    }
    let told = "traces cannot be sent to the collector";
    assert_eq!(server.stop().logs.matches(told).count(), 1);
}

/// The first number that differs from `before`.
async fn number_after(before: Option<f64>, number: &impl AsyncFn() -> Option<f64>) -> Option<f64> {
    loop {
        let now = number().await;
        if now != before {
            return now;
        }
        tokio::task::yield_now().await;
    }
}

/// Signs in as a part of a trace.
async fn log_in(api: &Api, email: &str, trace: &str, flags: &str) -> Reply {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let request = api.request(Method::POST, "/auth/login").json(&body);
    let context = format!("00-{trace}-{PARENT}-{flags}");
    api.send(request.header("traceparent", context)).await
}
