//! Logs hold what an operator needs, and nothing that anybody could sign in with.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use signet_issuer::config::{LogFormat, LogSettings};
use signet_issuer::logging;
use tracing_subscriber::filter::Targets;

use crate::support::{TestApp, request};

/// Everything that was logged.
#[derive(Clone, Default)]
pub(crate) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn capture(format: LogFormat) -> (Captured, tracing::subscriber::DefaultGuard) {
    let captured = Captured::default();
    let settings = LogSettings {
        filter: "trace".parse::<Targets>().unwrap(),
        format,
        sample_one_in: 1,
    };
    let writer = captured.clone();
    let subscriber = logging::subscriber(&settings, move || writer.clone(), false);
    (captured, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_line_names_the_route_and_the_cause_and_never_the_path() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::start().await;
    let named = [
        ("x-request-id", "trace-1"),
        ("authorization", "Bearer nonsense"),
    ];
    app.send(request("GET", "/auth/me?secret=1", &named, ""))
        .await;
    drop(guard);
    let logged = captured.text();
    let line = logged
        .lines()
        .find(|line| line.contains("http.route"))
        .unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["http.method"], "GET");
    assert_eq!(line["http.route"], "/auth/me");
    assert_eq!(line["http.status"], 401);
    assert_eq!(line["error.code"], "token_invalid");
    assert_eq!(line["error.cause"], "the token is not three parts");
    assert_eq!(line["span"]["request.id"], "trace-1");
    assert!(!logged.contains("secret=1"));
}

#[tokio::test]
async fn of_many_answers_a_sample_is_logged_and_counts_the_others() {
    let (captured, guard) = capture(LogFormat::Json);
    let app = TestApp::with(&[("SIGNET_LOG_SAMPLE_ONE_IN", "100")]).await;
    for _ in 0..250 {
        assert_eq!(app.get(KEY_SET).await.status, 200);
    }
    for _ in 0..3 {
        assert_eq!(app.get("/auth/me").await.status, 401);
    }
    drop(guard);
    let logged = captured.text();
    let lines = logged.lines().map(serde_json::from_str::<Value>);
    let lines: Vec<_> = lines.map(Result::unwrap).collect();
    let of = |route: &'static str| {
        let lines = lines.iter().filter(move |line| line["http.route"] == route);
        lines.map(|line| line["http.requests"].as_u64())
    };
    let counted: Vec<_> = of(KEY_SET).flatten().collect();
    assert_eq!((of(KEY_SET).count(), counted), (52, vec![100, 100]));
    let refused: Vec<_> = of("/auth/me").collect();
    assert_eq!(refused, [None, None, None]);
}

const KEY_SET: &str = "/.well-known/jwks.json";
