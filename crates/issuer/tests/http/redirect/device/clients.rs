//! Which clients get codes for devices, and what an attacker gets.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::{ADA, Device, GRANT, begin, enter, error, invalid, poll};
use crate::admin::Admin;
use crate::oauth::FORM;
use crate::redirect::browser::{Browser, PASSWORD};
use crate::redirect::client::Web;
use crate::support::{TestApp, from, request};

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
    let admin = Admin::of(&other);
    let disabled = admin.ask("POST", "/admin/clients/tool/disable", "").await;
    assert!(disabled.status.is_success(), "{}", disabled.text);
    assert_eq!(device.error().await, (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn a_person_who_loses_the_role_after_the_decision_sends_the_device_away() {
    let app = TestApp::start().await;
    let fields = json!({"first_party": true, "required_roles": ["staff"]});
    let device = Device::of(&app, &fields).await;
    let admin = Admin::of(&app);
    let found = admin.get(&format!("/admin/accounts?email={ADA}")).await;
    let id = found["accounts"][0]["id"].as_str().unwrap();
    let path = format!("/admin/accounts/{id}");
    let give = async |roles: Value| {
        let body = json!({"roles": roles}).to_string();
        let changed = admin.ask("PATCH", &path, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
    };
    give(json!(["staff"])).await;
    let done = device.decide(&mut Browser::default(), "allow").await;
    assert_eq!(done.heading(), "Your device is connected");
    give(json!([])).await;
    assert_eq!(device.error().await, error("access_denied"));
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
