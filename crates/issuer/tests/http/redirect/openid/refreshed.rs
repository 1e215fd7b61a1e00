//! The ID token of a refresh (OpenID Connect Core 1.0 section 12.2).

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::recreated::{login, refresh_directly};
use super::{ADA, PASSWORD, Plan, Web, identity};
use crate::support::{Answer, JSON, request};

const LATER: Duration = Duration::from_mins(20);

impl Plan {
    /// The first tokens of a session that a person begins for these scopes.
    async fn first(&mut self, scope: &str) -> Answer {
        let code = self.code(&[("scope", scope)]).await;
        let first = self.client.redeem(&self.app, &code).await;
        assert_eq!(first.status, 200, "{}", first.text);
        first
    }

    /// The tokens of a refresh for some of the scopes.
    async fn refresh_for(&self, tokens: &Answer, scope: &str) -> Value {
        let token = tokens.member("refresh_token");
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &token),
            ("scope", scope),
        ];
        let next = self.client.ask(&self.app, "/oauth/token", &form).await;
        assert_eq!(next.status, 200, "{}", next.text);
        next.json()
    }

    async fn refresh(&self, tokens: &Answer) -> Value {
        let next = self.client.refresh(&self.app, tokens).await;
        assert_eq!(next.status, 200, "{}", next.text);
        next.json()
    }

    /// Replaces the client by one that people may also type their passwords for.
    async fn with_direct_client(&mut self) {
        let fields = json!({
            "authentication": "none",
            "first_party": true,
            "scopes": ["account", "openid"],
            "audiences": ["api"],
        });
        self.client = Web::register(&self.app, "app", &fields).await;
    }
}

fn hash_of_access_token(tokens: &Value) -> String {
    let access = tokens["access_token"].as_str().unwrap();
    URL_SAFE_NO_PAD.encode(&digest(&SHA256, access.as_bytes()).as_ref()[..16])
}

#[tokio::test]
async fn a_refresh_returns_the_id_token_of_the_same_sign_in() {
    let mut plan = Plan::begin().await;
    let first = plan.first("openid profile email").await;
    let begun = identity(&first.json());
    plan.app.clock.advance(LATER);
    let next = plan.refresh(&first).await;
    let refreshed = identity(&next);

    let mut expected = begun.clone();
    let claims = expected.as_object_mut().unwrap();
    assert_eq!(claims.remove("nonce"), Some(json!("n-1")));
    for time in ["iat", "exp"] {
        let later = begun[time].as_u64().unwrap() + LATER.as_secs();
        claims.insert(time.to_owned(), json!(later));
    }
    claims.insert("at_hash".to_owned(), json!(hash_of_access_token(&next)));
    assert_eq!(refreshed, expected);
    assert_ne!(refreshed["at_hash"], begun["at_hash"]);
}

/// The response may have been lost.
#[tokio::test]
async fn a_repeated_refresh_returns_an_id_token_too() {
    let mut plan = Plan::begin().await;
    let first = plan.first("openid").await;
    let next = plan.refresh(&first).await;
    let again = plan.refresh(&first).await;
    assert_eq!(again["refresh_token"], next["refresh_token"]);
    assert_eq!(identity(&again)["at_hash"], hash_of_access_token(&again));
    assert_eq!(identity(&again)["sid"], identity(&next)["sid"]);
}

#[tokio::test]
async fn a_refresh_without_openid_returns_no_id_token() {
    let mut plan = Plan::begin().await;
    let without = plan.first("pages:read").await;
    assert_eq!(plan.refresh(&without).await.get("id_token"), None);
    let with = plan.first("openid pages:read").await;
    let narrowed = plan.refresh_for(&with, "pages:read").await;
    assert_eq!(narrowed.get("id_token"), None);
}

#[tokio::test]
async fn the_id_token_of_a_refresh_tells_what_the_named_scopes_allow() {
    let mut plan = Plan::begin().await;
    let first = plan.first("openid profile email").await;
    let narrowed = identity(&plan.refresh_for(&first, "openid email").await);
    assert_eq!(
        (&narrowed["email"], narrowed.get("name")),
        (&json!(ADA), None)
    );
}

#[tokio::test]
async fn a_session_that_was_not_begun_by_redirect_gets_no_id_token() {
    let mut plan = Plan::begin().await;
    plan.with_direct_client().await;
    let direct = login(&plan.app, &plan.client).await;
    let refreshed = plan.refresh(&direct).await;
    assert_eq!(refreshed["scope"], "account openid");
    assert_eq!(refreshed.get("id_token"), None);
    let redirected = plan.first("openid account").await;
    let refreshed = plan.client.refresh(&plan.app, &redirected).await;
    assert_eq!(identity(&refreshed.json())["aud"], "app");
    let by_person = refresh_directly(&plan.app, &refreshed).await;
    assert_eq!(by_person.status, 200, "{}", by_person.text);
    assert_eq!(by_person.json().get("id_token"), None);
}

/// `auth_time` is the time of the original sign-in, and a step-up replaces it.
#[tokio::test]
async fn after_a_step_up_the_id_token_does_not_tell_when_the_person_signed_in() {
    let mut plan = Plan::begin().await;
    plan.with_direct_client().await;
    let first = plan.first("openid account").await;
    plan.app.clock.advance(Duration::from_mins(2));
    let bearer = format!("Bearer {}", first.member("access_token"));
    let headers = [("authorization", bearer.as_str()), JSON];
    let proof = json!({"password": PASSWORD}).to_string();
    let step_up = request("POST", "/auth/step-up", &headers, &proof);
    let stepped_up = plan.app.send(step_up).await;
    assert_eq!(stepped_up.status, 200, "{}", stepped_up.text);
    let refreshed = identity(&plan.refresh(&first).await);
    assert_eq!(refreshed.get("auth_time"), None);
    assert_eq!(refreshed["amr"], json!(["pwd"]));
}
