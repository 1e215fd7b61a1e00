//! Custom claims: an administrator sets them, a client asks for them, services and gateways read
//! them.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use signet_verifier::{Claims, Clock, Error, Keys, Policy, Verifier};

use super::Admin;
use crate::oauth::{Program, sign_in};
use crate::support::{Answer, TestApp, request};

const FILE: &str = r#"
audience = ["api"]
[forward_auth.tenants]
audiences = ["api", "orders"]
claims = ["tenant", "limits", "plan_name"]
"#;

/// Registers the public client `app`, which asks for two claims.
async fn register_app(admin: &Admin<'_>) {
    let client = json!({
        "client_id": "app", "authentication": "none", "grants": ["refresh_token"],
        "scopes": ["account", "orders:read"], "audiences": ["orders"],
        "account_claims": ["tenant", "limits"],
    });
    let added = admin
        .ask("POST", "/admin/clients", &client.to_string())
        .await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.json()["account_claims"], json!(["tenant", "limits"]));
}

/// Signs a person in with `app`. An administrator sets the claims afterwards.
async fn signed_in(app: &TestApp, admin: &Admin<'_>) -> Answer {
    register_app(admin).await;
    let signed_in = sign_in(app, "app").await;
    assert_eq!(signed_in.claims()["tenant"], Value::Null);
    set(
        admin,
        &signed_in,
        json!({"tenant": "Acme, Inc.", "limits": {"seats": 5}, "secret": 1}),
    )
    .await;
    signed_in
}

async fn set(admin: &Admin<'_>, of: &Answer, claims: Value) {
    let path = format!(
        "/admin/accounts/{}",
        of.json()["account"]["id"].as_str().unwrap()
    );
    let body = json!({"claims": claims}).to_string();
    assert_eq!(admin.ask("PATCH", &path, &body).await.status, 200);
}

async fn refresh(app: &TestApp, tokens: &Answer) -> Answer {
    let body = json!({"refresh_token": tokens.member("refresh_token")});
    app.post("/auth/refresh", &body.to_string()).await
}

/// The custom claims of an access token.
fn custom(answer: &Answer) -> Value {
    let claims = answer.claims();
    json!([claims["tenant"], claims["limits"], claims["secret"]])
}

#[tokio::test]
async fn a_clients_tokens_have_the_claims_that_it_asks_for_and_no_others() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let first = signed_in(&app, &admin).await;
    let expected = json!(["Acme, Inc.", {"seats": 5}, null]);
    let refreshed = refresh(&app, &first).await;
    assert_eq!(custom(&refreshed), expected);
    let body = json!({"email": "app@example.com", "password": "engine no. 9 steams",
        "token_delivery": "body", "client_id": "app"});
    let again = app.post("/auth/login", &body.to_string()).await;
    assert_eq!(custom(&again), expected);
    // The server's own client asks for none.
    let body = json!({"email": "app@example.com", "password": "engine no. 9 steams"});
    let own = app.post("/auth/login", &body.to_string()).await;
    assert_eq!(custom(&own), json!([null, null, null]));

    set(&admin, &first, json!({})).await;
    let without = refresh(&app, &refreshed).await;
    assert_eq!(custom(&without), json!([null, null, null]));
}

#[tokio::test]
async fn an_exchanged_token_has_the_claims_that_the_exchanging_client_asks_for() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let first = signed_in(&app, &admin).await;
    let subject = refresh(&app, &first).await.member("access_token");
    let plain = Program::register(&app, "plain", "billing", "orders").await;
    let exchange = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token={subject}\
         &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token"
    );
    let exchanged = plain.ask(&app, "/oauth/token", &exchange).await;
    assert_eq!(custom(&exchanged), json!([null, null, null]));
    assert_eq!(exchanged.claims()["sub"], first.json()["account"]["id"]);

    let client = json!({
        "client_id": "asking", "grants": ["urn:ietf:params:oauth:grant-type:token-exchange",
            "client_credentials"],
        "audiences": ["billing"], "owns": ["orders"], "account_claims": ["secret"],
    });
    let added = admin
        .ask("POST", "/admin/clients", &client.to_string())
        .await;
    let secret = added.member("client_secret");
    let asking = Program {
        id: "asking",
        secret: Some(secret),
    };
    let exchanged = asking.ask(&app, "/oauth/token", &exchange).await;
    assert_eq!(custom(&exchanged), json!([null, null, 1]));
    let own = asking
        .ask(&app, "/oauth/token", "grant_type=client_credentials")
        .await;
    assert_eq!(custom(&own), json!([null, null, null]));
}

#[tokio::test]
async fn a_service_reads_the_claims_into_a_type_of_its_own() {
    #[derive(Debug, Deserialize)]
    struct Tenant {
        tenant: String,
        limits: Value,
    }
    let app = TestApp::start().await;
    let first = signed_in(&app, &Admin::of(&app)).await;
    let keys = Keys::from_jwks(app.get("/.well-known/jwks.json").await.text).unwrap();
    let policy = Policy::new("http://127.0.0.1:8080", "orders");
    let clock: Arc<dyn Clock> = Arc::clone(&app.clock) as _;
    let verifier = Verifier::with_clock(policy.clone(), keys, clock);
    let token = refresh(&app, &first).await.member("access_token");
    let claims: Claims<Tenant> = verifier.verify_as(&token).unwrap();
    assert_eq!(claims.extra.tenant, "Acme, Inc.");
    assert_eq!(claims.extra.limits, json!({"seats": 5}));
    let claims: Claims<Tenant> = verifier.verify_by(&token, &policy).unwrap();
    assert_eq!(claims.extra.tenant, "Acme, Inc.");
    // The first token was issued before the account had claims.
    let without = verifier.verify_as::<Tenant>(&first.member("access_token"));
    assert_eq!(without.unwrap_err(), Error::ClaimsMalformed);
}

#[tokio::test]
async fn introspection_shows_the_custom_claims() {
    let app = TestApp::start().await;
    let first = signed_in(&app, &Admin::of(&app)).await;
    let token = refresh(&app, &first).await.member("access_token");
    let service = Program::register(&app, "service", "billing", "orders").await;
    let answer = service
        .ask(&app, "/oauth/introspect", &format!("token={token}"))
        .await;
    assert_eq!(answer.json()["active"], true);
    assert_eq!(answer.json()["tenant"], "Acme, Inc.");
    assert_eq!(answer.json()["limits"], json!({"seats": 5}));
    assert_eq!(answer.json()["secret"], Value::Null);
}

#[tokio::test]
async fn a_gateway_gets_the_claims_of_its_profile_in_headers_that_are_always_there() {
    let app = TestApp::with_file(FILE).await;
    let first = signed_in(&app, &Admin::of(&app)).await;
    let with_claims = refresh(&app, &first).await;
    for (tokens, tenant, limits) in [
        (&first, "-", "-"),
        (&with_claims, "Acme%2C%20Inc.", "{\"seats\":5}"),
    ] {
        let bearer = format!("Bearer {}", tokens.member("access_token"));
        let headers = [
            ("authorization", bearer.as_str()),
            ("x-auth-claim-tenant", "forged"),
            ("x-auth-claim-plan-name", "forged"),
        ];
        let answer = app
            .send(request("GET", "/forward-auth/tenants", &headers, ""))
            .await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-auth-claim-tenant"), Some(tenant));
        assert_eq!(answer.header("x-auth-claim-limits"), Some(limits));
        assert_eq!(answer.header("x-auth-claim-plan-name"), Some("-"));
    }
}

#[tokio::test]
async fn a_client_cannot_ask_for_a_claim_that_a_standard_defines_or_for_too_many() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    for (claims, code) in [
        (json!(["sub"]), "invalid"),
        (json!(["email"]), "invalid"),
        (json!(["a b"]), "invalid"),
        (json!("tenant"), "wrong_type"),
    ] {
        let client = json!({"client_id": "app", "audiences": ["api"], "account_claims": claims});
        let refused = admin
            .ask("POST", "/admin/clients", &client.to_string())
            .await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], "account_claims");
        assert_eq!(refused.json()["errors"][0]["code"], code);
    }
    let many: Vec<_> = (0..33).map(|number| format!("claim-{number}")).collect();
    let client = json!({"client_id": "app", "audiences": ["api"], "account_claims": many});
    let refused = admin
        .ask("POST", "/admin/clients", &client.to_string())
        .await;
    assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
}
