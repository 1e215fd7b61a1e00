//! The operations listener, and the server as a whole.

use std::time::Duration;

use serde_json::json;
use signet_issuer::{Listener, Listeners, run};
use signet_verifier::Clock as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::support::{TestApp, request};

#[tokio::test]
async fn a_server_whose_stores_answer_is_ready() {
    let app = TestApp::start().await;
    assert_eq!(app.operate("/livez").await.json(), json!({"status": "ok"}));
    let ready = app.operate("/readyz").await;
    assert_eq!(ready.status, 200);
    assert_eq!(ready.header("cache-control"), Some("no-store"));
    assert_eq!(
        ready.json(),
        json!({
            "status": "ok",
            "checks": {
                "database": {"status": "ok"},
                "keys_folder": {"status": "ok"},
                "signing_key": {"status": "ok"},
            },
        })
    );
}

#[tokio::test]
async fn a_server_without_its_store_lives_and_is_not_ready() {
    let app = TestApp::start().await;
    app.app.flows.stores.close().await.unwrap();
    assert_eq!(app.operate("/livez").await.status, 200);
    let ready = app.operate("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.header("retry-after").is_some());
    assert_eq!(ready.json()["status"], "unusable");
    assert_eq!(ready.json()["checks"]["database"]["status"], "unusable");

    let account = r#"{"email":"ada@example.com","password":"engine no. 9 steams"}"#;
    let refused = app.post("/auth/register", account).await;
    assert_eq!(refused.problem(), (503, "unavailable".to_owned()));
    assert!(refused.header("retry-after").is_some());
}

#[tokio::test]
async fn a_clock_that_lies_behind_the_last_use_of_the_database_is_named_and_people_are_served() {
    let app = TestApp::start().await;
    app.clock.advance(Duration::from_hours(1));
    let noted = app.clock.now();
    app.app.flows.note_time().await.unwrap();
    app.clock.set(noted.saturating_sub(Duration::from_mins(2)));
    assert_eq!(app.operate("/readyz").await.json()["status"], "ok");

    app.clock
        .set(noted.saturating_sub(Duration::from_secs(121)));
    let problem = app.app.flows.note_time().await.unwrap();
    let ready = app.operate("/readyz").await;
    assert_eq!(ready.status, 200);
    let detail = "it was last used at a time 121 s ahead of the clock of this server: set the clock \
                  right, or, if it is right, run `signet accept-clock`";
    assert_eq!(problem.as_deref(), Some(detail));
    let degraded = json!({"status": "degraded", "detail": detail});
    assert_eq!(ready.json()["checks"]["database"], degraded);
    let account = r#"{"email":"ada@example.com","password":"engine no. 9 steams"}"#;
    assert_eq!(app.post("/auth/register", account).await.status, 201);

    app.clock.set(noted);
    assert_eq!(app.app.flows.note_time().await.unwrap(), None);
    assert_eq!(app.operate("/readyz").await.json()["status"], "ok");
}

#[tokio::test]
async fn metrics_are_prometheus_text_and_only_for_operators() {
    let app = TestApp::start().await;
    let metrics = app.operate("/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(
        metrics
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    assert_eq!(app.get("/metrics").await.status, 404);
}

#[tokio::test]
async fn a_server_runs_on_two_listeners_until_it_is_told_to_stop() {
    let app = TestApp::start().await;
    let bind = || TcpListener::bind("127.0.0.1:0");
    let listeners = Listeners {
        public: Listener::plain(bind().await.unwrap()),
        operations: Listener::plain(bind().await.unwrap()),
    };
    let public = listeners.public.socket.local_addr().unwrap();
    let operations = listeners.operations.socket.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(run(listeners, app.app.clone(), async {
        let _told = stopped.await;
    }));
    for (address, path) in [(public, "/healthz"), (operations, "/readyz")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), running).await;
    ended.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(public).await.is_err());
}

#[tokio::test]
async fn every_route_refuses_a_host_that_is_not_expected() {
    let app = TestApp::with(&[("SIGNET_OPS_HOSTS", "signet.internal")]).await;
    for path in ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs"] {
        for (host, status) in [
            ("10.1.2.3:9090", 200),
            ("localhost:9090", 200),
            ("signet.internal:9090", 200),
            ("evil.example:9090", 403),
        ] {
            let asked = request("GET", path, &[("host", host)], "");
            let answer = app.send_to_operations(asked).await;
            assert_eq!(answer.status, status, "{path} {host}");
        }
        let nameless = app.send_to_operations(request("GET", path, &[], "")).await;
        assert_eq!(nameless.problem(), (403, "forbidden".to_owned()), "{path}");
    }
}
