//! `GET /auth/me`, and what every route that wants a bearer says to the wrong ones.

use http::Method;
use serde_json::json;
use signet_tests::{Forger, StoreChoice, bearer};

pub(crate) async fn an_access_token_tells_who_one_is(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let me = api.me(&account.access_token).await.expect(200);
    let json = me.json();
    assert_eq!(json["id"], account.id.as_str());
    assert_eq!(json["email"], account.email.as_str());
    assert_eq!(json["name"], json!(null));
    assert_eq!(json["roles"], json!([]));
    assert!(!me.text().contains("argon2"), "{}", me.text());
}

pub(crate) async fn the_scheme_is_read_in_any_case(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    for scheme in ["bearer", "BEARER"] {
        let request = api.request(Method::GET, "/auth/me");
        let request = request.header(
            "authorization",
            format!("{scheme} {}", account.access_token),
        );
        api.send(request).await.expect(200);
    }
}

pub(crate) async fn without_a_token_there_is_a_challenge_without_an_error(stores: StoreChoice) {
    let server = stores.serve();
    let reply = server.api().get("/auth/me").await;
    reply.problem(401, "token_missing");
    assert!(
        !reply.challenge().contains("error"),
        "{}",
        reply.challenge()
    );
}

pub(crate) async fn expired_and_invalid_tokens_are_told_apart(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let forger = Forger::with_key_of(server.folder(), &account.access_token);

    // The forger signs as the issuer does: an unchanged token is taken.
    api.me(&forger.with_claims(&json!({}))).await.expect(200);

    let expired = api.me(&forger.expired()).await;
    expired.problem(401, "token_expired");
    assert!(
        expired.challenge().contains(r#"error="invalid_token""#),
        "{}",
        expired.challenge()
    );

    // A server whose clock is ahead has signed it: a refresh gets another one.
    let later = 4_000_000_000_u64;
    let from_ahead = forger.with_claims(&json!({"iat": later, "exp": later + 600}));
    api.me(&from_ahead).await.problem(401, "token_expired");

    for (what, token) in [
        ("garbage", "garbage".to_owned()),
        (
            "a cut token",
            account.access_token[..account.access_token.len() - 4].to_owned(),
        ),
        (
            "another issuer",
            forger.with_claims(&json!({"iss": "http://evil.example"})),
        ),
        ("no end", forger.with_claims(&json!({"exp": null}))),
        ("no subject", forger.with_claims(&json!({"sub": null}))),
        ("an id token", forger.with_header(&json!({"typ": "JWT"}))),
        ("no type", forger.with_header(&json!({"typ": null}))),
        (
            "an unknown key",
            forger.with_header(&json!({"kid": "unknown"})),
        ),
        (
            "a critical extension",
            forger.with_header(&json!({"crit": ["b64"], "b64": false})),
        ),
    ] {
        let reply = api.me(&token).await;
        assert_eq!(
            reply.json()["code"],
            "token_invalid",
            "{what}: {}",
            reply.text()
        );
        reply.problem(401, "token_invalid");
        assert!(
            reply.challenge().contains(r#"error="invalid_token""#),
            "{what}"
        );
    }
}

pub(crate) async fn the_token_never_chooses_the_algorithm(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let forger = Forger::with_key_of(server.folder(), &account.access_token);
    for algorithm in [
        "none", "None", "HS256", "RS384", "RS512", "PS256", "ES256", "rs256",
    ] {
        let token = forger.with_header(&json!({"alg": algorithm}));
        api.me(&token).await.problem(401, "token_invalid");
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        api.me(&format!("{unsigned}."))
            .await
            .problem(401, "token_invalid");
    }
}

pub(crate) async fn a_token_for_something_else_does_not_open_the_account(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let forger = Forger::with_key_of(server.folder(), &account.access_token);
    for (what, changes) in [
        ("no session", json!({"sid": null})),
        ("no scope", json!({"scope": null})),
        ("another scope", json!({"scope": "accounts orders:read"})),
        ("somebody acts", json!({"act": {"sub": "orders"}})),
    ] {
        let reply = api.me(&forger.with_claims(&changes)).await;
        println!("{what}");
        reply.problem(403, "forbidden");
        assert!(
            reply.challenge().contains(r#"error="insufficient_scope""#),
            "{what}: {}",
            reply.challenge()
        );
    }
}

pub(crate) async fn every_route_of_an_account_wants_a_bearer(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    for (method, path) in [
        (Method::POST, "/auth/logout-all"),
        (Method::GET, "/auth/me"),
        (Method::POST, "/auth/password"),
        (Method::GET, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions/AAAAAAAAAAAAAAAAAAAAAA"),
        (Method::DELETE, "/auth/account"),
        (Method::POST, "/auth/step-up"),
        (Method::POST, "/auth/step-up/options"),
        (Method::POST, "/auth/mfa/totp"),
        (Method::POST, "/auth/mfa/totp/confirm"),
        (Method::DELETE, "/auth/mfa/totp"),
        (Method::POST, "/auth/mfa/recovery-codes"),
        (Method::GET, "/auth/passkeys"),
        (Method::POST, "/auth/passkeys/options"),
        (Method::POST, "/auth/passkeys"),
        (Method::PATCH, "/auth/passkeys/AAAA"),
        (Method::DELETE, "/auth/passkeys/AAAA"),
    ] {
        let reply = api.send(api.request(method.clone(), path)).await;
        reply.problem(401, "token_missing");
        reply.challenge();
        let request = api
            .request(method, path)
            .header("authorization", bearer("garbage"));
        api.send(request).await.problem(401, "token_invalid");
    }
}
