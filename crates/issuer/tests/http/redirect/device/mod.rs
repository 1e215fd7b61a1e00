//! Devices without a browser: their codes, the page where a person types them, and their tokens.

mod clients;
mod decisions;
mod replicas;

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};

use super::browser::{Browser, register};
use super::client::Web;
use crate::support::{Answer, TestApp};

pub(super) const ADA: &str = "ada@example.com";
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// What a device waits between two requests.
pub(super) const INTERVAL: Duration = Duration::from_secs(5);

/// A device, and the codes that it got.
pub(crate) struct Device<'a> {
    pub(super) app: &'a TestApp,
    pub(super) client: Web,
    pub(super) codes: Value,
}

impl<'a> Device<'a> {
    /// A device of the operator's command line, which is a public client.
    pub(crate) async fn own(app: &'a TestApp) -> Self {
        Self::of(app, &json!({"first_party": true})).await
    }

    pub(super) async fn of(app: &'a TestApp, fields: &Value) -> Self {
        let client = tool(app, fields).await;
        register(app, ADA).await;
        let codes = begin(app, &client, "openid email pages:read").await;
        Self { app, client, codes }
    }

    /// Registers its client once more, after it was removed.
    pub(super) async fn register_again(&mut self) {
        self.client = tool(self.app, &json!({"first_party": true})).await;
    }

    /// Asks for other codes.
    pub(super) async fn again(&mut self) {
        self.codes = begin(self.app, &self.client, "openid email pages:read").await;
    }

    pub(super) fn code(&self, name: &str) -> &str {
        self.codes[name].as_str().unwrap()
    }

    pub(crate) async fn poll(&self) -> Answer {
        poll(self.app, &self.client, self.code("device_code")).await
    }

    pub(super) async fn poll_for(&self, asked: &[(&str, &str)]) -> Answer {
        let asked = (self.code("device_code"), asked);
        poll_for(self.app, &self.client, asked).await
    }

    pub(super) async fn error(&self) -> (u16, String) {
        self.poll().await.oauth_error()
    }

    /// Types the code at a browser, and signs in if the page asks for it.
    pub(crate) async fn open(&self, browser: &mut Browser) -> Answer {
        let page = enter(self.app, browser, self.code("user_code")).await;
        if page.heading() == "Sign in" {
            return browser.sign_in(self.app, &page, ADA).await;
        }
        page
    }

    pub(crate) async fn decide(&self, browser: &mut Browser, decision: &str) -> Answer {
        let page = self.open(browser).await;
        browser
            .submit(self.app, &page, &[("decision", decision)])
            .await
    }
}

/// The client of a device, with these fields besides the usual ones.
async fn tool(app: &TestApp, fields: &Value) -> Web {
    let mut usual = json!({
        "authentication": "none",
        "grants": [GRANT, "refresh_token"],
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
    });
    for (name, value) in fields.as_object().unwrap() {
        usual[name] = value.clone();
    }
    Web::register(app, "tool", &usual).await
}

pub(super) async fn begin(app: &TestApp, client: &Web, scope: &str) -> Value {
    let form = [("scope", scope)];
    let answer = client.ask(app, "/oauth/device_authorization", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

pub(super) async fn poll(app: &TestApp, client: &Web, device_code: &str) -> Answer {
    poll_for(app, client, (device_code, &[])).await
}

/// Polls with these parameters besides the usual ones.
async fn poll_for(
    app: &TestApp,
    client: &Web,
    (device_code, asked): (&str, &[(&str, &str)]),
) -> Answer {
    let usual = [("grant_type", GRANT), ("device_code", device_code)];
    let form = [&usual[..], asked].concat();
    client.ask(app, "/oauth/token", &form).await
}

pub(super) async fn enter(app: &TestApp, browser: &mut Browser, code: &str) -> Answer {
    let page = browser.visit(app, "/device").await;
    browser.submit(app, &page, &[("user_code", code)]).await
}

pub(super) fn invalid() -> (u16, String) {
    (400, "invalid_grant".to_owned())
}

pub(super) fn error(name: &str) -> (u16, String) {
    (400, name.to_owned())
}

/// Denies a device at one server while another allows it, and checks that one decision wins and that
/// both people and the device see it.
pub(super) async fn deny_and_allow_together(here: &TestApp, there: &TestApp) {
    let mut device = Device::own(here).await;
    for round in 0..8 {
        let (mut one, mut other) = (Browser::default(), Browser::default());
        let (first, second) = (device.open(&mut one).await, device.open(&mut other).await);
        let allow = one.submit(here, &first, &[("decision", "allow")]);
        let deny = other.submit(there, &second, &[("decision", "deny")]);
        let (allowed, denied) = join(allow, deny).await;
        let headings = (allowed.heading(), denied.heading());
        let polled = poll(there, &device.client, device.code("device_code")).await;
        let failed = "This was answered before";
        if polled.status == 200 {
            assert_eq!(headings, ("Your device is connected", failed));
        } else {
            assert_eq!(headings, (failed, "Your device is not connected"));
            let told = polled.oauth_error();
            assert_eq!(told, error("access_denied"), "round {round}");
        }
        // The hour of the limits of codes.
        here.clock.advance(Duration::from_hours(1));
        device.again().await;
    }
}
