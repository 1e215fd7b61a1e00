//! One credential at a time.

use http::Method;
use serde_json::json;
use signet_tests::{PASSWORD, Server, bearer};

#[tokio::test]
async fn two_authorization_headers_are_refused() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    for (method, path) in [
        (Method::GET, "/auth/me"),
        (Method::GET, "/auth/sessions"),
        (Method::POST, "/auth/logout-all"),
        (Method::POST, "/auth/logout"),
        (Method::POST, "/auth/password"),
        (Method::DELETE, "/auth/account"),
    ] {
        let request = api
            .request(method, path)
            .header("authorization", bearer(&account.access_token))
            .header("authorization", bearer(&account.access_token));
        api.send(request.json(&json!({})))
            .await
            .problem(400, "invalid_request");
    }
    api.me(&account.access_token).await.expect(200);
}

#[tokio::test]
async fn two_refresh_cookies_are_refused_and_cleared() {
    let server = Server::start();
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

#[tokio::test]
async fn cookie_and_body_together_are_refused_at_refresh() {
    let server = Server::start();
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

#[tokio::test]
async fn bearer_routes_ignore_the_cookie() {
    let server = Server::start();
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

#[tokio::test]
async fn other_schemes_are_no_bearer() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    for value in [
        "Basic YWRhOnNlY3JldA==".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer{}", account.access_token),
        format!("Token {}", account.access_token),
        format!("Bearer {} {}", account.access_token, account.access_token),
        format!(
            "Bearer {}, Bearer {}",
            account.access_token, account.access_token
        ),
        "Bearer \u{e9}".to_owned(),
    ] {
        let reply = api
            .send(
                api.request(Method::GET, "/auth/me")
                    .header("authorization", &value),
            )
            .await;
        assert!(
            matches!(reply.status, 400 | 401),
            "{value}: {}",
            reply.text()
        );
        assert!(reply.json()["code"].is_string(), "{value}");
    }
}

#[tokio::test]
async fn refresh_tokens_and_access_tokens_are_not_interchangeable() {
    let server = Server::start();
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
