//! Devices without a browser: their codes, the page where a person types them, and their tokens.

use std::time::Duration;

use futures::future::{join, join_all};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::browser::{Browser, PASSWORD};
use super::client::{Web, claims, userinfo};
use crate::oauth::FORM;
use crate::support::{Answer, TestApp, from, request};

const ADA: &str = "ada@example.com";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a device waits between two requests.
const INTERVAL: Duration = Duration::from_secs(5);

/// A device, and the codes that it got.
struct Device<'a> {
    app: &'a TestApp,
    client: Web,
    codes: Value,
}

impl<'a> Device<'a> {
    /// A device of the operator's command line, which is a public client.
    async fn own(app: &'a TestApp) -> Self {
        Self::of(app, &json!({"first_party": true})).await
    }

    async fn of(app: &'a TestApp, fields: &Value) -> Self {
        let mut usual = json!({
            "authentication": "none",
            "grants": [GRANT, "refresh_token"],
            "redirect_uris": [],
            "post_logout_redirect_uris": [],
        });
        for (name, value) in fields.as_object().unwrap() {
            usual[name] = value.clone();
        }
        let client = Web::register(app, "tool", &usual).await;
        register(app).await;
        let codes = begin(app, &client, "openid email pages:read").await;
        Self { app, client, codes }
    }

    /// Asks for other codes.
    async fn again(&mut self) {
        self.codes = begin(self.app, &self.client, "openid email pages:read").await;
    }

    fn code(&self, name: &str) -> &str {
        self.codes[name].as_str().unwrap()
    }

    async fn poll(&self) -> Answer {
        poll(self.app, &self.client, self.code("device_code")).await
    }

    async fn error(&self) -> (u16, String) {
        self.poll().await.oauth_error()
    }

    /// Types the code at a browser, and signs in if the page asks for it.
    async fn open(&self, browser: &mut Browser) -> Answer {
        let page = enter(self.app, browser, self.code("user_code")).await;
        if page.heading() == "Sign in" {
            return browser.sign_in(self.app, &page, ADA).await;
        }
        page
    }

    async fn decide(&self, browser: &mut Browser, decision: &str) -> Answer {
        let page = self.open(browser).await;
        browser
            .submit(self.app, &page, &[("decision", decision)])
            .await
    }
}

async fn register(app: &TestApp) {
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    app.post("/auth/register", &body.to_string()).await;
}

async fn begin(app: &TestApp, client: &Web, scope: &str) -> Value {
    let form = [("scope", scope)];
    let answer = client.ask(app, "/oauth/device_authorization", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

async fn poll(app: &TestApp, client: &Web, device_code: &str) -> Answer {
    let form = [("grant_type", GRANT), ("device_code", device_code)];
    client.ask(app, "/oauth/token", &form).await
}

async fn enter(app: &TestApp, browser: &mut Browser, code: &str) -> Answer {
    let page = browser.visit(app, "/device").await;
    browser.submit(app, &page, &[("user_code", code)]).await
}

fn invalid() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

fn error(name: &str) -> (u16, String) {
    (400, name.to_owned())
}

#[tokio::test]
async fn a_device_gets_tokens_once_after_the_person_allows_it() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let (user_code, device_code) = (device.code("user_code"), device.code("device_code"));
    assert_eq!(
        device.code("verification_uri"),
        "http://127.0.0.1:8080/device"
    );
    let complete = format!("http://127.0.0.1:8080/device?user_code={user_code}");
    assert_eq!(device.code("verification_uri_complete"), complete);
    assert_eq!(
        (&device.codes["expires_in"], &device.codes["interval"]),
        (&json!(600), &json!(5))
    );
    assert!(!device_code.contains(user_code));
    assert_eq!(device.error().await, error("authorization_pending"));

    let mut browser = Browser::default();
    let typed = user_code.to_lowercase().replace('-', " ");
    let page = enter(&app, &mut browser, &typed).await;
    assert_eq!(page.heading(), "Sign in");
    let page = browser.sign_in(&app, &page, ADA).await;
    assert_eq!(page.heading(), "Connect this device?");
    for text in [
        user_code,
        "The &lt;Wiki&gt;",
        "see your email address",
        "pages:read",
        ADA,
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    app.clock.advance(INTERVAL);
    assert_eq!(device.error().await, error("authorization_pending"));
    let done = browser.submit(&app, &page, &[("decision", "allow")]).await;
    assert_eq!(done.heading(), "Your device is connected");

    let tokens = device.poll().await;
    assert_eq!(tokens.status, 200, "{}", tokens.text);
    let access = tokens.member("access_token");
    assert_eq!(claims(&access)["client_id"], "tool");
    assert_eq!(claims(&access)["scope"], "openid email pages:read");
    assert_eq!(claims(&tokens.member("id_token"))["email"], ADA);
    let refresh = tokens.member("refresh_token");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    assert_eq!(
        device.client.ask(&app, "/oauth/token", &form).await.status,
        200
    );
    assert_eq!(device.error().await, invalid());
    assert_eq!(userinfo(&app, &access).await.status, 200);
    let again = enter(&app, &mut browser, user_code).await;
    assert!(
        again.text.contains("This code is wrong or has expired"),
        "{}",
        again.text
    );
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_told_to_slow_down() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    for _ in 0..3 {
        assert_eq!(device.error().await, error("authorization_pending"));
        app.clock.advance(Duration::from_secs(3));
        assert_eq!(device.error().await, error("slow_down"));
        app.clock.advance(Duration::from_secs(2));
    }
    device.decide(&mut Browser::default(), "allow").await;
    assert_eq!(device.poll().await.status, 200);
}

#[tokio::test]
async fn a_person_who_denies_sends_the_device_away() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let done = device.decide(&mut Browser::default(), "deny").await;
    assert_eq!(done.heading(), "Your device is not connected");
    for _ in 0..2 {
        assert_eq!(device.error().await, error("access_denied"));
    }
}

#[tokio::test]
async fn codes_expire_after_ten_minutes() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    let page = device.open(&mut browser).await;
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(device.error().await, error("expired_token"));
    let late = browser.submit(&app, &page, &[("decision", "allow")]).await;
    assert_eq!(
        (late.status.as_u16(), late.heading()),
        (400, "That did not work")
    );
    assert_eq!(device.error().await, error("expired_token"));
    let wrong = enter(&app, &mut browser, device.code("user_code")).await;
    assert_eq!(wrong.status, 400);
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(device.error().await, invalid());
}

#[tokio::test]
async fn a_device_that_was_allowed_in_time_gets_its_tokens_a_little_later() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    app.clock.advance(Duration::from_secs(599));
    device.decide(&mut Browser::default(), "allow").await;
    app.clock.advance(INTERVAL);
    assert_eq!(device.poll().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_requests_at_once_one_gets_the_tokens() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    device.decide(&mut Browser::default(), "allow").await;
    let answers = join_all((0..20).map(|_| device.poll())).await;
    let granted = answers.iter().filter(|answer| answer.status == 200);
    assert_eq!(granted.count(), 1);
    let refused = answers.iter().filter(|answer| answer.status != 200);
    assert!(
        refused
            .map(Answer::oauth_error)
            .all(|told| told == invalid())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn denial_and_approval_at_once_have_one_outcome_that_both_sides_see() {
    let app = TestApp::start().await;
    let mut device = Device::own(&app).await;
    for round in 0..8 {
        let (mut one, mut other) = (Browser::default(), Browser::default());
        let (first, second) = (device.open(&mut one).await, device.open(&mut other).await);
        let allow = one.submit(&app, &first, &[("decision", "allow")]);
        let deny = other.submit(&app, &second, &[("decision", "deny")]);
        let (allowed, denied) = join(allow, deny).await;
        let headings = (allowed.heading(), denied.heading());
        let polled = device.poll().await;
        match polled.status.as_u16() {
            200 => assert_eq!(headings, ("Your device is connected", "That did not work")),
            _ => {
                assert_eq!(
                    headings,
                    ("That did not work", "Your device is not connected")
                );
                assert_eq!(
                    polled.oauth_error(),
                    error("access_denied"),
                    "round {round}"
                );
            }
        }
        // The hour of the limits of codes.
        app.clock.advance(Duration::from_hours(1));
        device.again().await;
    }
}

#[tokio::test]
async fn a_sign_out_or_a_password_change_before_the_device_asks_leaves_it_without_tokens() {
    let app = TestApp::start().await;
    let mut device = Device::own(&app).await;
    let mut browser = Browser::default();
    device.decide(&mut browser, "allow").await;
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    assert_eq!(device.error().await, invalid());

    device.again().await;
    device.decide(&mut browser, "allow").await;
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    let signed_in = app.post("/auth/login", &body.to_string()).await;
    let bearer = format!("Bearer {}", signed_in.member("access_token"));
    let headers = [("authorization", bearer.as_str())];
    let everywhere = app.send(request("POST", "/auth/logout-all", &headers, ""));
    assert_eq!(everywhere.await.status, 204);
    assert_eq!(device.error().await, invalid());
}

#[tokio::test]
async fn a_connected_device_goes_on_after_the_browser_has_signed_out() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    device.decide(&mut browser, "allow").await;
    let access = device.poll().await.member("access_token");
    let page = browser.visit(&app, "/oauth/logout").await;
    browser.submit(&app, &page, &[]).await;
    assert_eq!(userinfo(&app, &access).await.status, 200);
}

#[tokio::test]
async fn guessing_codes_is_limited_at_a_browser_and_from_a_network() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let mut browser = Browser::default();
    let mut statuses = Vec::new();
    for number in 0..8 {
        let code = format!("BCDFGHJ{}", ["B", "C", "D", "F"][number % 4]);
        statuses.push(enter(&app, &mut browser, &code).await.status.as_u16());
    }
    assert_eq!(statuses, [400, 400, 400, 400, 400, 400, 429, 429]);
    // Right codes are refused too, so the limit tells nothing.
    let right = enter(&app, &mut browser, device.code("user_code")).await;
    assert_eq!(right.status, 429);
    assert_eq!(right.heading(), "That did not work");

    let mut admitted = 0;
    loop {
        let mut fresh = Browser::default();
        let page = fresh.visit(&app, "/device").await;
        let (action, body) = page.form(&[("user_code", "BCDFGHJK")]);
        let cookie = format!("signet_form={}", fresh.cookies["signet_form"]);
        let headers = [
            ("cookie", cookie.as_str()),
            ("origin", "http://127.0.0.1:8080"),
            FORM,
        ];
        let sent = from("192.0.2.7", request("POST", &action, &headers, &body));
        match app.send(sent).await.status.as_u16() {
            400 => admitted += 1,
            status => {
                assert_eq!(status, 429);
                break;
            }
        }
    }
    assert_eq!(admitted, 40);
}

#[tokio::test]
async fn only_the_client_of_a_device_may_ask_and_only_with_the_grant() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let fields = json!({
        "authentication": "none", "grants": [GRANT], "redirect_uris": [],
        "post_logout_redirect_uris": [],
    });
    let other = Web::register(&app, "other", &fields).await;
    device.decide(&mut Browser::default(), "allow").await;
    let stolen = poll(&app, &other, device.code("device_code")).await;
    assert_eq!(stolen.oauth_error(), invalid());
    assert_eq!(device.poll().await.status, 200);

    let wiki = Web::register(&app, "wiki", &json!({})).await;
    for (path, form) in [
        ("/oauth/device_authorization", &[("scope", "openid")][..]),
        (
            "/oauth/token",
            &[("grant_type", GRANT), ("device_code", "x")],
        ),
    ] {
        let refused = wiki.ask(&app, path, form).await;
        assert_eq!(
            refused.oauth_error(),
            error("unauthorized_client"),
            "{path}"
        );
    }
    for (name, value, told) in [
        ("scope", "openid account", "invalid_scope"),
        ("resource", "https://other.example", "invalid_target"),
        ("resource", "relative", "invalid_target"),
    ] {
        let refused = device
            .client
            .ask(&app, "/oauth/device_authorization", &[(name, value)])
            .await;
        assert_eq!(refused.oauth_error(), error(told), "{value}");
    }
    let mut body = Serializer::new(String::new());
    body.append_pair("client_id", "nobody");
    let path = "/oauth/device_authorization";
    let unknown = app.send(request("POST", path, &[FORM], &body.finish()));
    assert_eq!(
        unknown.await.oauth_error(),
        (401, "invalid_client".to_owned())
    );
    for code in ["", "x", "device_AAAA", "code_AAAA"] {
        let told = poll(&app, &device.client, code).await.oauth_error();
        let expected = if code.is_empty() {
            error("invalid_request")
        } else {
            invalid()
        };
        assert_eq!(told, expected, "{code}");
    }
}

#[tokio::test]
async fn another_companys_device_gets_a_refresh_token_only_with_offline_access_and_opens_nothing() {
    let app = TestApp::start().await;
    let mut device = Device::of(&app, &json!({})).await;
    let mut browser = Browser::default();
    device.decide(&mut browser, "allow").await;
    assert_eq!(device.poll().await.json()["refresh_token"], Value::Null);
    device.codes = begin(&app, &device.client, "openid offline_access").await;
    let done = device.decide(&mut browser, "allow").await;
    assert_eq!(done.heading(), "Your device is connected");
    assert!(device.poll().await.json()["refresh_token"].is_string());

    // People do not type their passwords for it.
    let body = json!({"email": ADA, "password": PASSWORD, "client_id": "tool"});
    let refused = app.post("/auth/login", &body.to_string()).await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
}

#[tokio::test]
async fn a_device_gets_nothing_for_people_without_the_role_or_after_its_client_was_disabled() {
    let app = TestApp::start().await;
    let fields = json!({"first_party": true, "required_roles": ["staff"]});
    let device = Device::of(&app, &fields).await;
    let page = device.open(&mut Browser::default()).await;
    assert_eq!(page.heading(), "Your device is not connected");
    assert_eq!(device.error().await, error("access_denied"));

    let other = TestApp::start().await;
    let device = Device::own(&other).await;
    device.decide(&mut Browser::default(), "allow").await;
    let admin = crate::admin::Admin::of(&other);
    let disabled = admin.ask("POST", "/admin/clients/tool/disable", "").await;
    assert!(disabled.status.is_success(), "{}", disabled.text);
    assert_eq!(device.error().await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_code_in_the_address_is_only_filled_in_and_never_html() {
    let app = TestApp::start().await;
    let device = Device::own(&app).await;
    let path = format!("/device?user_code={}", device.code("user_code"));
    let mut browser = Browser::default();
    let page = browser.visit(&app, &path).await;
    assert_eq!(
        (page.status.as_u16(), page.heading()),
        (200, "Connect a device")
    );
    let field = format!("value=\"{}\"", device.code("user_code"));
    assert!(page.text.contains(&field), "{}", page.text);
    let page = browser.submit(&app, &page, &[]).await;
    assert_eq!(page.heading(), "Sign in");
    let page = browser.visit(&app, "/device?user_code=%22%3E%3Cb%3E").await;
    assert!(
        page.text.contains("value=\"&quot;&gt;&lt;b&gt;\""),
        "{}",
        page.text
    );
    let other = browser.visit(&app, "/device/other").await;
    assert_eq!(other.heading(), "Connect a device");
}
