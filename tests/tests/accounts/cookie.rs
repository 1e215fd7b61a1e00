//! The refresh cookie: how it is set, sent back and cleared.

use serde_json::json;
use signet_tests::{PASSWORD, SetCookie, StoreChoice, fresh_email};

pub(crate) async fn the_refresh_token_is_in_a_cookie_that_no_script_reads(stores: StoreChoice) {
    let server = stores.serve();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    for path in ["/auth/register", "/auth/login"] {
        let reply = server.api().post(path, &body).await;
        let cookie = reply.set_cookie();
        assert_eq!(cookie.name, "signet_refresh");
        assert!(cookie.value.starts_with("sgr_"));
        assert_eq!(
            cookie.attributes,
            [
                "HttpOnly",
                "Max-Age=1209600",
                "Path=/auth",
                "SameSite=Strict"
            ]
        );
        assert_eq!(reply.json()["refresh_token"], json!(null));
        assert!(!reply.text().contains("sgr_"));
    }
}

pub(crate) async fn behind_https_the_cookie_is_secure_and_says_so_in_its_name(stores: StoreChoice) {
    let server = stores.serve_with(&[("SIGNET_PUBLIC_URL", "https://auth.example.com")]);
    let api = server.api();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let cookies = api
        .post("/auth/register", &body)
        .await
        .expect(201)
        .set_cookies();
    let shown: Vec<_> = cookies
        .iter()
        .filter(|cookie| cookie.name != "__Host-signet_device")
        .map(|cookie| (cookie.name.as_str(), cookie.attributes.join("; ")))
        .collect();
    let attributes =
        |path| format!("HttpOnly; Max-Age=1209600; Path={path}; SameSite=Strict; Secure");
    assert_eq!(
        shown,
        [
            ("__Secure-signet_refresh", attributes("/auth")),
            ("__Host-signet_binding", attributes("/")),
        ]
    );
    let sent: Vec<_> = cookies.iter().map(SetCookie::sent).collect();
    api.post_with_cookie("/auth/refresh", &sent.join("; "))
        .await
        .expect(200);
    api.post_with_cookie("/auth/refresh", &sent[0])
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn a_token_asked_for_in_the_body_sets_no_cookie(stores: StoreChoice) {
    let server = stores.serve();
    let body = json!({"email": fresh_email(), "password": PASSWORD, "token_delivery": "body"});
    for path in ["/auth/register", "/auth/login"] {
        let reply = server.api().post(path, &body).await;
        assert!(reply.member("refresh_token").starts_with("sgr_"));
        assert_eq!(reply.set_cookies(), []);
    }
}

pub(crate) async fn a_refresh_answers_the_way_it_was_asked(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let first = api
        .post("/auth/register", &body)
        .await
        .expect(201)
        .set_cookie();
    let reply = api
        .post_with_cookie("/auth/refresh", &first.sent())
        .await
        .expect(200);
    let second = reply.set_cookie();
    assert_eq!(
        (second.name, second.attributes),
        (first.name, first.attributes)
    );
    assert_ne!(second.value, first.value);
    assert_eq!(reply.json()["refresh_token"], json!(null));
    assert_eq!(reply.header("cache-control"), Some("no-store"));

    let reply = api.refresh(&second.value).await.expect(200);
    assert!(reply.member("refresh_token").starts_with("sgr_"));
    assert_eq!(reply.set_cookies(), []);
}

pub(crate) async fn logging_out_clears_the_cookie(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let cookie = api
        .post("/auth/register", &body)
        .await
        .expect(201)
        .set_cookie();
    let reply = api
        .post_with_cookie("/auth/logout", &cookie.sent())
        .await
        .expect(204);
    let cleared = reply.set_cookie();
    assert_eq!(
        (cleared.name.as_str(), cleared.value.as_str()),
        ("signet_refresh", "")
    );
    assert!(
        cleared.attributes.contains(&"Max-Age=0".to_owned()),
        "{cleared:?}"
    );
    assert!(
        cleared.attributes.contains(&"Path=/auth".to_owned()),
        "{cleared:?}"
    );
    api.post_with_cookie("/auth/refresh", &cookie.sent())
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn signing_in_again_with_the_cookie_ends_its_old_session(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let old = api
        .post("/auth/register", &body)
        .await
        .expect(201)
        .set_cookie();
    let request = api.request(http::Method::POST, "/auth/login").json(&body);
    let new = api
        .send(request.header("cookie", old.sent()))
        .await
        .expect(200)
        .set_cookie();
    api.post_with_cookie("/auth/refresh", &old.sent())
        .await
        .problem(401, "session_ended");
    api.post_with_cookie("/auth/refresh", &new.sent())
        .await
        .expect(200);
}

pub(crate) async fn signing_in_for_the_body_with_the_cookie_ends_its_session_and_removes_it(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let body = json!({"email": fresh_email(), "password": PASSWORD});
    let registered = api.post("/auth/register", &body).await.expect(201);
    let old = registered.set_cookie();
    let mut in_body = body;
    in_body["token_delivery"] = json!("body");
    let sign_in = async |header: (&str, &str)| {
        let request = api.request(http::Method::POST, "/auth/login");
        let request = request.header("cookie", old.sent()).json(&in_body);
        let reply = api.send(request.header(header.0, header.1)).await;
        assert!(reply.member("refresh_token").starts_with("sgr_"));
        reply
    };
    for foreign in [
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(sign_in(foreign).await.set_cookies(), []);
    }
    let still = api.post_with_cookie("/auth/refresh", &old.sent()).await;
    still.expect(200);

    let removed = sign_in(("sec-fetch-site", "same-origin"))
        .await
        .set_cookie();
    assert_eq!(
        (removed.name.as_str(), removed.value.as_str()),
        ("signet_refresh", "")
    );
    assert!(removed.attributes.contains(&"Max-Age=0".to_owned()));
    let over = api.post_with_cookie("/auth/refresh", &old.sent()).await;
    over.problem(401, "session_ended");
}
