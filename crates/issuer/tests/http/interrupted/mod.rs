//! Requests with a one-time value that a failing store interrupts, at each call that they make. After
//! the outage the person repeats the request, or begins anew, and gets what they wanted.

mod enrolments;
mod factors;
mod redirects;
mod roles;

use std::time::Duration;

use serde_json::{Value, json};
use signet_test_servers::MailSink;

use crate::admin::Admin;
use crate::attacks::{Calls, Fault};
use crate::mailbox::{deliver, token, token_in};
use crate::mfa::{EMAIL, PASSWORD};
use crate::support::{Answer, TestApp, request};

const NEW_PASSWORD: &str = "loom no. 7 weaves";
const BOTH: [Fault; 2] = [Fault::Refused, Fault::AnswerLost];

/// An app whose stores the test lets fail.
struct Scene {
    app: TestApp,
    calls: Calls,
    sink: MailSink,
}

impl Scene {
    async fn begin() -> Self {
        Self::with(&[]).await
    }

    /// With more settings.
    async fn with(more: &[(&str, &str)]) -> Self {
        let (sink, calls) = (MailSink::start(), Calls::default());
        let url = sink.url();
        let variables = [
            ("SIGNET_SMTP_URL", url.as_str()),
            ("SIGNET_SMTP_FROM", "no-reply@example.com"),
            ("SIGNET_LIMITS_ENABLED", "false"),
        ];
        let variables = [&variables, more].concat();
        let app = TestApp::around(&variables, |stores| calls.count(stores)).await;
        Self { app, calls, sink }
    }

    async fn register(&self) -> Value {
        let body = json!({"email": EMAIL, "password": PASSWORD, "token_delivery": "body"});
        let registered = self.app.post("/auth/register", &body.to_string()).await;
        assert_eq!(registered.status, 201, "{}", registered.text);
        registered.json()
    }

    /// The newest mailed token with this prefix.
    async fn mailed(&self, prefix: &str) -> String {
        deliver(&self.app).await;
        token(&self.sink, prefix)
    }

    async fn login_as(&self, email: &str, password: &str) -> u16 {
        let body = json!({"email": email, "password": password, "token_delivery": "body"});
        let answer = self.app.post("/auth/login", &body.to_string()).await;
        answer.status.as_u16()
    }
}

/// A request that is interrupted at one of its calls.
struct Interruption {
    fault: Fault,
    at: usize,
}

impl Interruption {
    /// Sends the request. If an outage has interrupted it, sends it again after the outage.
    async fn until_answered(self, scene: &Scene, send: impl AsyncFn() -> Answer) -> Outcome {
        scene.calls.fail_after(self.at, self.fault);
        let first = send().await;
        if !scene.calls.recover() {
            let last = first;
            return Outcome {
                last,
                interrupted: false,
            };
        }
        assert!(
            first.status.as_u16() < 500 || first.status == 503,
            "{}",
            first.text
        );
        // Some failures need no repetition, for example of a counter or of a note about a device.
        let last = match first.status.as_u16() {
            503 => send().await,
            _ => first,
        };
        Outcome {
            last,
            interrupted: true,
        }
    }
}

/// The last answer, and whether an outage has interrupted the first request.
struct Outcome {
    last: Answer,
    interrupted: bool,
}

/// Makes attempts that are interrupted at their first, second, third call and so on, until one makes
/// fewer calls. An attempt returns whether it was interrupted.
async fn at_each_call(faults: &[Fault], attempt: impl AsyncFn(Interruption) -> bool) {
    for &fault in faults {
        let mut at = 0;
        while attempt(Interruption { fault, at }).await {
            at += 1;
        }
        assert!(at > 1, "{fault:?}: the request makes no calls");
    }
}

#[tokio::test]
async fn an_interrupted_registration_is_repeated() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        let body = json!({"email": EMAIL, "password": PASSWORD, "token_delivery": "body"});
        let body = body.to_string();
        let send = async || {
            scene.app.clock.advance(Duration::from_secs(5));
            scene.app.post("/auth/register", &body).await
        };
        let outcome = interruption.until_answered(&scene, send).await;
        assert_eq!(outcome.last.status, 201, "{}", outcome.last.text);
        outcome.interrupted
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_acceptance_of_an_invitation_is_repeated() {
    for (path, body) in [
        (
            "/admin/invitations",
            json!({"email": EMAIL, "roles": ["staff"]}),
        ),
        (
            "/admin/accounts",
            json!({"email": EMAIL, "roles": ["staff"], "invite": true}),
        ),
    ] {
        at_each_call(&BOTH, async |interruption| {
            let scene = Scene::begin().await;
            let invited = Admin::of(&scene.app)
                .ask("POST", path, &body.to_string())
                .await;
            assert_eq!(invited.status, 201, "{}", invited.text);
            let token = scene.mailed("invite_").await;
            let accept = json!({
                "invitation": token, "password": PASSWORD, "token_delivery": "body",
            });
            let accept = accept.to_string();
            let send = async || scene.app.post("/auth/register", &accept).await;
            let outcome = interruption.until_answered(&scene, send).await;
            assert_eq!(outcome.last.status, 201, "{}", outcome.last.text);
            assert_eq!(outcome.last.json()["account"]["roles"], json!(["staff"]));
            outcome.interrupted
        })
        .await;
    }
}

#[tokio::test]
async fn an_interrupted_reset_sets_the_new_password() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        scene.register().await;
        let asked = json!({"email": EMAIL}).to_string();
        scene.app.post("/auth/password/reset", &asked).await;
        let token = scene.mailed("reset_").await;
        let body = json!({"token": token, "new_password": NEW_PASSWORD}).to_string();
        let send = async || scene.app.post("/auth/password/reset/confirm", &body).await;
        let outcome = interruption.until_answered(&scene, send).await;
        assert_eq!(
            scene.login_as(EMAIL, NEW_PASSWORD).await,
            200,
            "{}",
            outcome.last.text
        );
        outcome.interrupted
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_confirmation_confirms_the_address() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        let ada = scene.register().await;
        let token = scene.mailed("verify_").await;
        let body = json!({ "token": token }).to_string();
        let send = async || scene.app.post("/auth/email/verify", &body).await;
        let outcome = interruption.until_answered(&scene, send).await;
        let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
        let me = request("GET", "/auth/me", &[("authorization", &bearer)], "");
        let me = scene.app.send(me).await.json();
        assert_eq!(me["email_verified"], true, "{}", outcome.last.text);
        outcome.interrupted
    })
    .await;
}

#[tokio::test]
async fn an_interrupted_change_of_an_address_changes_it() {
    at_each_call(&BOTH, async |interruption| {
        let scene = Scene::begin().await;
        let ada = scene.register().await;
        let bearer = format!("Bearer {}", ada["access_token"].as_str().unwrap());
        let headers = [
            ("content-type", "application/json"),
            ("authorization", &bearer),
        ];
        let body = json!({"email": "countess@example.org"}).to_string();
        scene
            .app
            .send(request("POST", "/auth/email", &headers, &body))
            .await;
        deliver(&scene.app).await;
        let mails = scene.sink.mails().join("\n");
        let token = token_in(&crate::mailbox::readable(&mails), "email_");
        let body = json!({ "token": token }).to_string();
        let send = async || scene.app.post("/auth/email/confirm", &body).await;
        let outcome = interruption.until_answered(&scene, send).await;
        let status = scene.login_as("countess@example.org", PASSWORD).await;
        assert_eq!(status, 200, "{}", outcome.last.text);
        outcome.interrupted
    })
    .await;
}
