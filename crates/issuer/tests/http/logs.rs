//! Logs hold what an operator needs, and nothing that anybody could sign in with.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use signet_issuer::config::{LogFormat, LogSettings};
use signet_issuer::logging;
use tracing_subscriber::filter::Targets;

use crate::support::{Answer, TestApp, request};

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
    };
    let writer = captured.clone();
    let subscriber = logging::subscriber(&settings, move || writer.clone(), false);
    (captured, tracing::subscriber::set_default(subscriber))
}

const EMAIL: &str = "ada.lovelace@example.com";
const PASSWORD: &str = "engine no. 9 steams";
const WRONG_PASSWORD: &str = "engine no. 8 stands";

async fn with_bearer(app: &TestApp, method: &str, path: &str, token: &str) -> Answer {
    let header = format!("Bearer {token}");
    app.send(request(method, path, &[("authorization", &header)], ""))
        .await
}

/// A person's day; everything secret in it.
async fn a_day(app: &TestApp) -> Vec<String> {
    let credentials = format!(
        r#"{{"email":"{EMAIL}","password":"{PASSWORD}","name":"Ada","token_delivery":"body"}}"#
    );
    let registered = app.post("/auth/register", &credentials).await.json();
    let by_cookie = app
        .post("/auth/login", &credentials.replace("body", "cookie"))
        .await;
    let set_cookie = by_cookie.header("set-cookie").unwrap();
    let cookie_token = set_cookie.split(['=', ';']).nth(1).unwrap().to_owned();
    let (access, refresh) = tokens(&registered);
    let refresh_body = format!(r#"{{"refresh_token":"{refresh}"}}"#);
    let refreshed = app.post("/auth/refresh", &refresh_body).await.json();
    let me = format!("/auth/me?token={access}");
    assert_eq!(with_bearer(app, "GET", &me, &access).await.status, 200);
    mistakes(app, &credentials, &access).await;
    assert_eq!(app.post("/auth/logout", &refresh_body).await.status, 204);
    let (next_access, next_refresh) = tokens(&refreshed);
    let signature = access.rsplit('.').next().unwrap().to_owned();
    let of_tokens = [
        cookie_token,
        next_access,
        next_refresh,
        signature,
        access,
        refresh,
    ];
    let typed = [EMAIL, PASSWORD, WRONG_PASSWORD, "sgr_"].map(str::to_owned);
    of_tokens.into_iter().chain(typed).collect()
}

/// What goes wrong on such a day.
async fn mistakes(app: &TestApp, credentials: &str, access: &str) {
    let wrong = credentials.replace(PASSWORD, WRONG_PASSWORD);
    assert_eq!(app.post("/auth/login", &wrong).await.status, 401);
    assert_eq!(app.post("/auth/register", credentials).await.status, 409);
    let garbage = r#"{"refresh_token":"sgr_garbage-in"}"#;
    assert_eq!(app.post("/auth/refresh", garbage).await.status, 401);
    let broken = format!("{access}x");
    assert_eq!(
        with_bearer(app, "GET", "/auth/me", &broken).await.status,
        401
    );
    let nowhere = format!("/auth/{access}");
    assert_eq!(with_bearer(app, "GET", &nowhere, access).await.status, 404);
}

/// Access token and refresh token.
fn tokens(response: &Value) -> (String, String) {
    let text = |name: &str| response[name].as_str().unwrap().to_owned();
    (text("access_token"), text("refresh_token"))
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    for format in [LogFormat::Json, LogFormat::Pretty] {
        let (captured, guard) = capture(format);
        let app = TestApp::start().await;
        let secrets = a_day(&app).await;
        drop(guard);
        let logged = captured.text();
        assert!(logged.contains("/auth/register"), "nothing was captured");
        for secret in secrets {
            assert!(!logged.contains(&secret), "{secret} was logged");
        }
    }
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
