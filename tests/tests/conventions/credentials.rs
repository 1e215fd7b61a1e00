//! One credential at a time.

use http::Method;
use serde_json::json;
use signet_tests::{PASSWORD, StoreChoice, bearer};

pub(crate) async fn two_authorization_headers_are_refused(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let own_session = format!("/auth/sessions/{}", account.session_id);
    for (method, path) in [
        (Method::POST, "/auth/register"),
        (Method::POST, "/auth/login"),
        (Method::POST, "/auth/refresh"),
        (Method::POST, "/auth/logout"),
        (Method::POST, "/auth/logout-all"),
        (Method::GET, "/auth/me"),
        (Method::POST, "/auth/password"),
        (Method::GET, "/auth/sessions"),
        (Method::DELETE, own_session.as_str()),
        (Method::DELETE, "/auth/account"),
    ] {
        let request = api
            .request(method, path)
            .header("authorization", bearer(&account.access_token))
            .header("authorization", bearer(&account.access_token));
        // Alone, this body would be fine for most of them.
        let body = json!({
            "email": account.email, "password": PASSWORD, "token_delivery": "body",
            "refresh_token": account.refresh_token,
        });
        let reply = api.send(request.json(&body)).await;
        reply.problem(400, "invalid_request");
        assert!(reply.challenge().contains("invalid_request"));
    }
    api.refresh(&account.refresh_token).await.expect(200);
    api.me(&account.access_token).await.expect(200);
}

pub(crate) async fn two_refresh_cookies_are_refused_and_cleared(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let token = account.refresh_token.as_str();
    let cookies = format!("signet_refresh={token}; signet_refresh={token}");
    let one_header = api
        .request(Method::POST, "/auth/refresh")
        .header("cookie", cookies);
    let two_headers = api
        .request(Method::POST, "/auth/refresh")
        .header("cookie", format!("signet_refresh={token}"))
        .header("cookie", "theme=dark; signet_refresh=other");
    for request in [one_header, two_headers] {
        let reply = api.send(request).await;
        reply.problem(400, "invalid_request");
        let mut cleared: Vec<_> = reply.set_cookies();
        cleared.sort_by(|a, b| a.attributes.cmp(&b.attributes));
        let paths: Vec<_> = cleared
            .iter()
            .map(|cookie| {
                assert!(
                    cookie.attributes.contains(&"Max-Age=0".to_owned()),
                    "{cookie:?}"
                );
                cookie
                    .attributes
                    .iter()
                    .find(|attribute| attribute.starts_with("Path="))
                    .unwrap()
            })
            .collect();
        assert_eq!(paths, ["Path=/", "Path=/auth"]);
    }
    api.refresh(token).await.expect(200);
}

pub(crate) async fn cookie_and_body_together_are_refused_at_refresh(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let token = account.refresh_token.as_str();
    let request = api
        .request(Method::POST, "/auth/refresh")
        .header("cookie", format!("signet_refresh={token}"))
        .json(&json!({"refresh_token": token}));
    api.send(request).await.problem(400, "invalid_request");
    assert_eq!(api.refresh(token).await.expect(200).set_cookies(), []);
}

pub(crate) async fn bearer_routes_ignore_the_cookie(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let cookie = format!("signet_refresh={}", account.refresh_token);
    let ask = |cookie: &str| {
        api.request(Method::GET, "/auth/me")
            .header("cookie", cookie)
    };
    api.send(ask(&cookie)).await.problem(401, "token_missing");
    for cookie in [
        cookie.as_str(),
        "signet_refresh=garbage",
        "signet_refresh=a; signet_refresh=b",
    ] {
        api.send(ask(cookie).bearer_auth(&account.access_token))
            .await
            .expect(200);
    }
}

pub(crate) async fn other_schemes_are_no_bearer(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let token = &account.access_token;
    let cases = [
        ("Basic YWRhOnNlY3JldA==".to_owned(), "token_missing"),
        ("Bearer".to_owned(), "token_missing"),
        ("Bearer ".to_owned(), "token_missing"),
        (format!("Bearer{token}"), "token_missing"),
        (format!("Token {token}"), "token_missing"),
        (format!("Bearer {token} {token}"), "token_invalid"),
        (format!("Bearer {token}, Bearer {token}"), "token_invalid"),
        ("Bearer \u{e9}".to_owned(), "token_invalid"),
    ];
    for (value, code) in cases {
        println!("{value}");
        let request = api.request(Method::GET, "/auth/me");
        let reply = api.send(request.header("authorization", value)).await;
        reply.problem(401, code);
        let names_an_error = reply.challenge().contains("error=");
        assert_eq!(names_an_error, code != "token_missing");
    }
}

pub(crate) async fn refresh_tokens_and_access_tokens_are_not_interchangeable(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    api.me(&account.refresh_token)
        .await
        .problem(401, "token_invalid");
    api.refresh(&account.access_token)
        .await
        .problem(401, "session_ended");
    let body = json!({"email": account.email, "password": PASSWORD, "client_id": "nobody"});
    api.post("/auth/login", &body)
        .await
        .problem(400, "validation_failed");
}
