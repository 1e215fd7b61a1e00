//! Paths, methods, request ids.

use http::Method;
use serde_json::json;
use signet_tests::{Reply, StoreChoice};

pub(crate) async fn what_is_not_there_is_a_problem_document(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    for path in [
        "/auth/nothing",
        "/auth/me/",
        "/auth/me/x",
        "/auth",
        "/nothing",
        "/auth/%00",
        "/auth/%ff",
        "/auth/../auth/x",
    ] {
        api.get(path).await.problem(404, "not_found");
    }
}

pub(crate) async fn a_wrong_method_is_told_the_right_ones(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    for (method, path, allowed) in [
        (Method::GET, "/auth/login", "POST"),
        (Method::PUT, "/auth/register", "POST"),
        (Method::DELETE, "/auth/refresh", "POST"),
        (Method::POST, "/auth/me", "GET,HEAD,PATCH"),
        (Method::GET, "/auth/account", "DELETE"),
        (Method::POST, "/.well-known/jwks.json", "GET,HEAD"),
        (Method::PATCH, "/auth/login", "POST"),
        (Method::PUT, "/auth/me", "GET,HEAD,PATCH"),
        (Method::PATCH, "/healthz", "GET,HEAD"),
        (Method::PATCH, "/.well-known/jwks.json", "GET,HEAD"),
    ] {
        let reply = api.send(api.request(method, path)).await;
        reply.problem(405, "method_not_allowed");
        let mut methods: Vec<_> = reply
            .header("allow")
            .unwrap()
            .split(',')
            .map(str::trim)
            .collect();
        methods.sort_unstable();
        assert_eq!(methods.join(","), allowed, "{path}");
    }
}

pub(crate) async fn a_request_id_is_taken_over_if_it_is_a_sound_one(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let ask = async |id: &str| -> Reply {
        api.send(
            api.request(Method::GET, "/auth/me")
                .header("x-request-id", id),
        )
        .await
    };
    let longest = "x".repeat(64);
    for sound in ["a", "Trace_7.b-9", longest.as_str()] {
        assert_eq!(ask(sound).await.header("x-request-id"), Some(sound));
    }
    let too_long = "x".repeat(65);
    for unsound in ["", "a b", "a;b", "a/b", "é", too_long.as_str()] {
        let reply = ask(unsound).await;
        let made = reply.header("x-request-id").expect("a request id");
        assert_ne!(made, unsound);
        assert!(made.len() == 32 && made.chars().all(is_sound), "{made}");
    }
    let request = api.request(Method::GET, "/nowhere");
    let nowhere = api.send(request.header("x-request-id", "a b")).await;
    assert_eq!(nowhere.header("x-request-id").unwrap().len(), 32);
    let first = api.get("/healthz").await.expect(200);
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
    let second = api.get("/healthz").await;
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    ask("find-me-in-the-logs").await;
    assert!(server.stop().logs.contains("find-me-in-the-logs"));
}

pub(crate) async fn no_answer_under_auth_is_kept_by_a_cache(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    for reply in [
        api.me(&account.access_token).await,
        api.me("garbage").await,
        api.get_as("/auth/sessions", &account.access_token).await,
        api.refresh(&account.refresh_token).await,
        api.refresh("garbage").await,
        api.post(
            "/auth/login",
            &json!({"email": "a@example.com", "password": "wrong one"}),
        )
        .await,
    ] {
        assert_eq!(
            reply.header("cache-control"),
            Some("no-store"),
            "{}",
            reply.text()
        );
    }
}

pub(crate) async fn the_operations_are_not_on_the_public_port(stores: StoreChoice) {
    let server = stores.serve();
    for path in ["/metrics", "/livez", "/readyz", "/admin/accounts"] {
        server.api().get(path).await.problem(404, "not_found");
    }
}

fn is_sound(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-".contains(character)
}
