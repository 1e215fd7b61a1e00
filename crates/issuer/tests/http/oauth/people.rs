//! What clients do with the tokens of people who signed in: refresh, revoke, look, exchange.

use serde_json::{Value, json};

use super::{FORM, Program, sign_in};
use crate::support::{Answer, TestApp, request};

const TOKEN: &str = "/oauth/token";
const EXCHANGE: &str = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange\
    &subject_token_type=urn:ietf:params:oauth:token-type:access_token";

#[tokio::test]
async fn a_sign_in_gives_what_the_client_may_have_and_goes_on_at_the_token_endpoint() {
    let app = TestApp::start().await;
    let public = Program::public(&app, "app").await;
    let signed_in = sign_in(&app, "app").await;
    assert_eq!(signed_in.claims()["aud"], json!(["api", "orders"]));
    let refresh_token = signed_in.member("refresh_token");
    let form = format!("grant_type=refresh_token&refresh_token={refresh_token}");
    let narrowed = format!("{form}&scope=orders:read");
    let answer = public.ask(&app, TOKEN, &narrowed).await;
    assert_eq!(answer.claims()["scope"], "orders:read");
    assert_eq!(answer.claims()["client_id"], "app");
    assert_ne!(answer.member("refresh_token"), refresh_token);
    let replayed = public.ask(&app, TOKEN, &form).await;
    assert_eq!(
        replayed.member("refresh_token"),
        answer.member("refresh_token")
    );
    assert_eq!(replayed.claims()["scope"], "account orders:read");
    let wider = format!("{form}&scope=admin");
    let refused = public.ask(&app, TOKEN, &wider).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_scope".to_owned()));
    let narrowed = format!("{form}&audience=orders");
    let answer = public.ask(&app, TOKEN, &narrowed).await;
    assert_eq!(answer.claims()["aud"], "orders");
    let other = format!("{form}&audience=stock");
    let refused = public.ask(&app, TOKEN, &other).await;
    assert_eq!(refused.oauth_error(), (400, "invalid_target".to_owned()));
}

#[tokio::test]
async fn a_public_client_may_say_that_its_secret_is_empty() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let owner = Program::register(&app, "orders", "api", "orders").await;
    let refresh_token = sign_in(&app, "app").await.member("refresh_token");
    let form = format!("grant_type=refresh_token&refresh_token={refresh_token}");
    let in_header = Program {
        id: "app",
        secret: Some(String::new()),
    };
    let answer = in_header.ask(&app, TOKEN, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let in_body = format!("{form}&client_id=app&client_secret=");
    let answer = app.send(request("POST", TOKEN, &[FORM], &in_body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for client in ["app", "orders"] {
        let wrong = Program {
            id: client,
            secret: Some("guessed".to_owned()),
        };
        let refused = wrong.ask(&app, TOKEN, &form).await;
        assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
    }
    let without = Program {
        secret: Some(String::new()),
        ..owner
    };
    let refused = without.ask(&app, TOKEN, &form).await;
    assert_eq!(refused.oauth_error(), (401, "invalid_client".to_owned()));
}

#[tokio::test]
async fn only_public_clients_sign_people_in() {
    let app = TestApp::start().await;
    Program::register(&app, "billing", "orders", "").await;
    for id in ["billing", "nobody"] {
        let refused = sign_in(&app, id).await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
    }
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_session() {
    let app = TestApp::start().await;
    let public = Program::public(&app, "app").await;
    let owner = Program::register(&app, "orders", "api", "orders").await;
    let signed_in = sign_in(&app, "app").await;
    let access_token = signed_in.member("access_token");
    let looked = owner.introspect(&app, &access_token).await;
    assert_eq!(looked["active"], true);
    let form = format!("token={}", signed_in.member("refresh_token"));
    for _ in 0..2 {
        let revoked = public.ask(&app, "/oauth/revoke", &form).await;
        assert_eq!((revoked.status.as_u16(), revoked.text.as_str()), (200, ""));
    }
    let looked = owner.introspect(&app, &access_token).await;
    assert_eq!(looked, json!({"active": false}));
}

#[tokio::test]
async fn a_revoked_access_token_ends_the_session_or_itself() {
    let app = TestApp::start().await;
    let public = Program::public(&app, "app").await;
    let orders = Program::register(&app, "orders", "api", "orders api").await;
    let signed_in = sign_in(&app, "app").await;
    let access_token = signed_in.member("access_token");
    let exchanged = orders
        .exchange(&app, &access_token, "")
        .await
        .member("access_token");
    let own = orders
        .ask(&app, TOKEN, "grant_type=client_credentials")
        .await;
    let own = own.member("access_token");
    for token in [&exchanged, &own] {
        assert_eq!(orders.introspect(&app, token).await["active"], true);
        let revoked = orders
            .ask(&app, "/oauth/revoke", &format!("token={token}"))
            .await;
        assert_eq!(revoked.status, 200);
        assert_eq!(orders.introspect(&app, token).await["active"], false);
    }
    assert_eq!(orders.introspect(&app, &access_token).await["active"], true);
    let form = format!("token={access_token}&token_type_hint=access_token");
    public.ask(&app, "/oauth/revoke", &form).await;
    assert_eq!(
        orders.introspect(&app, &access_token).await["active"],
        false
    );
    let form = format!(
        "grant_type=refresh_token&refresh_token={}",
        signed_in.member("refresh_token")
    );
    let over = public.ask(&app, TOKEN, &form).await;
    assert_eq!(over.oauth_error(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn introspection_says_what_the_token_says() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "orders", "").await;
    let answer = billing
        .ask(&app, TOKEN, "grant_type=client_credentials")
        .await;
    let mut expected = answer.claims();
    expected["active"] = json!(true);
    expected["token_type"] = json!("Bearer");
    let token = answer.member("access_token");
    assert_eq!(billing.introspect(&app, &token).await, expected);
    app.clock.advance(std::time::Duration::from_secs(606));
    assert_eq!(
        billing.introspect(&app, &token).await,
        json!({"active": false})
    );
    assert_eq!(
        billing.introspect(&app, "garbage").await,
        json!({"active": false})
    );
}

#[tokio::test]
async fn introspection_says_what_the_token_of_a_person_says() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let orders = Program::register(&app, "orders", "stock", "orders").await;
    let signed_in = sign_in(&app, "app").await;
    let mut expected = signed_in.claims();
    expected["active"] = json!(true);
    expected["token_type"] = json!("Bearer");
    let token = signed_in.member("access_token");
    assert_eq!(orders.introspect(&app, &token).await, expected);
}

#[tokio::test]
async fn an_exchanged_token_is_narrower_and_names_who_acts() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let orders = Program::register(&app, "orders", "stock", "orders").await;
    let stock = Program::register(&app, "stock", "orders", "stock").await;
    let signed_in = sign_in(&app, "app").await;
    let first = orders
        .exchange(&app, &signed_in.member("access_token"), "")
        .await;
    let (old, new) = (signed_in.claims(), first.claims());
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(first.json()["issued_token_type"], kind);
    for same in ["sub", "sid", "auth_time", "amr", "exp"] {
        assert_eq!(new[same], old[same], "{same}");
    }
    assert_eq!(new["scope"], "orders:read");
    assert_eq!(new["aud"], "stock");
    assert_eq!(new["client_id"], "orders");
    assert_eq!(new["act"], json!({"sub": "orders"}));
    let second = stock
        .exchange(&app, &first.member("access_token"), "")
        .await;
    assert_eq!(
        second.claims()["act"],
        json!({"sub": "stock", "act": {"sub": "orders"}})
    );
    let third = orders
        .exchange(&app, &second.member("access_token"), "")
        .await;
    let fourth = stock
        .exchange(&app, &third.member("access_token"), "")
        .await;
    let fifth = orders
        .exchange(&app, &fourth.member("access_token"), "")
        .await;
    assert_eq!(fifth.oauth_error(), (400, "invalid_request".to_owned()));
    let me = request(
        "GET",
        "/auth/me",
        &[("authorization", &bearer(&first.member("access_token")))],
        "",
    );
    assert_eq!(app.send(me).await.problem(), (403, "forbidden".to_owned()));
}

#[tokio::test]
async fn each_error_of_an_exchange_is_said_to_the_letter() {
    let app = TestApp::start().await;
    Program::public(&app, "app").await;
    let orders = Program::register(&app, "orders", "stock", "orders").await;
    let token = sign_in(&app, "app").await.member("access_token");
    for (rest, error) in [
        ("&audience=orders", "invalid_target"),
        ("&resource=stock", "invalid_target"),
        ("&scope=account", "invalid_scope"),
        ("&scope=orders:write", "invalid_scope"),
        (
            "&requested_token_type=urn:ietf:params:oauth:token-type:id_token",
            "invalid_request",
        ),
        ("&actor_token=x", "invalid_request"),
    ] {
        let answer = orders.exchange(&app, &token, rest).await;
        assert_eq!(answer.oauth_error(), (400, error.to_owned()), "{rest}");
    }
    let garbage = orders.exchange(&app, "garbage", "").await;
    assert_eq!(garbage.oauth_error(), (400, "invalid_request".to_owned()));
    let untyped = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=x";
    let answer = orders.ask(&app, TOKEN, untyped).await;
    assert_eq!(answer.oauth_error(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn userinfo_is_for_people() {
    let app = TestApp::start().await;
    let billing = Program::register(&app, "billing", "api", "").await;
    let signed_in = sign_in(&app, "signet").await;
    let ask = |method: &'static str, token: &str| {
        app.send(request(
            method,
            "/oauth/userinfo",
            &[("authorization", &bearer(token))],
            "",
        ))
    };
    let token = signed_in.member("access_token");
    for method in ["GET", "POST"] {
        let answer = ask(method, &token).await;
        let expected = json!({
            "sub": signed_in.claims()["sub"],
            "email": "signet@example.com",
            "email_verified": false,
        });
        assert_eq!(answer.json(), expected);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let own = billing
        .ask(&app, TOKEN, "grant_type=client_credentials")
        .await;
    let refused = ask("GET", &own.member("access_token")).await;
    assert_eq!(
        refused.oauth_error(),
        (403, "insufficient_scope".to_owned())
    );
    let anonymous = app.get("/oauth/userinfo").await;
    assert_eq!(anonymous.status, 401);
    assert_eq!(
        anonymous.header("www-authenticate"),
        Some("Bearer realm=\"signet\"")
    );
    let garbage = ask("GET", "garbage").await;
    assert_eq!(garbage.oauth_error(), (401, "invalid_token".to_owned()));
    assert!(
        garbage
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer ")
    );
}

impl Program {
    /// What introspection says of a token to this client.
    async fn introspect(&self, app: &TestApp, token: &str) -> Value {
        let answer = self
            .ask(app, "/oauth/introspect", &format!("token={token}"))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Exchanges a token; `rest` is added to the form.
    async fn exchange(&self, app: &TestApp, token: &str, rest: &str) -> Answer {
        let form = format!("{EXCHANGE}&subject_token={token}{rest}");
        self.ask(app, TOKEN, &form).await
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}
