//! Attackers on other web pages: what they can make a visitor's browser send.

use serde_json::json;

use super::{PASSWORD, Scene};
use crate::support::{Answer, JSON, request};

/// Requests that read or set the refresh cookie.
const COOKIE_ROUTES: [&str; 4] = [
    "/auth/refresh",
    "/auth/logout",
    "/auth/login",
    "/auth/register",
];

/// Sends what a page can make a browser send, with these headers besides.
async fn send(scene: &Scene, path: &str, headers: &[(&str, &str)]) -> Answer {
    let email = match path {
        "/auth/register" => "eve@example.com",
        _ => scene.mallory.email,
    };
    let body = match path {
        "/auth/login" | "/auth/register" => json!({"email": email, "password": PASSWORD}),
        _ => json!({}),
    };
    let headers = [headers, &[JSON]].concat();
    let asked = request("POST", path, &headers, &body.to_string());
    scene.app.send(asked).await
}

#[tokio::test]
async fn a_cookie_that_was_tossed_in_beside_the_own_one_is_refused_and_both_are_cleared() {
    let scene = Scene::begin().await;
    let own = format!("signet_refresh={}", scene.ada.refresh_token);
    let tossed = format!("signet_refresh={}", scene.mallory.refresh_token);
    let before = scene.remembered().await;
    for (first, second) in [(&own, &tossed), (&tossed, &own), (&own, &own)] {
        let in_one = format!("{first}; {second}");
        let in_one = [("cookie", in_one.as_str())];
        let in_two = [("cookie", first.as_str()), ("cookie", second.as_str())];
        for path in COOKIE_ROUTES {
            refused_and_cleared(&send(&scene, path, &in_one).await, path);
            refused_and_cleared(&send(&scene, path, &in_two).await, path);
        }
    }
    assert_eq!(scene.remembered().await, before);
}

/// One of the two was planted, and the server cannot know which.
fn refused_and_cleared(answer: &Answer, path: &str) {
    let expected = (400, "invalid_request".to_owned());
    assert_eq!(answer.problem(), expected, "{path}");
    let cleared = ["/auth", "/"]
        .map(|path| format!("signet_refresh=; HttpOnly; SameSite=Strict; Path={path}; Max-Age=0"));
    let set: Vec<_> = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .cloned()
        .collect();
    assert_eq!(set, cleared, "{path}");
}

#[tokio::test]
async fn a_page_of_another_origin_changes_nothing_and_sets_no_cookie() {
    let scene = Scene::begin().await;
    let cookie = format!("signet_refresh={}", scene.ada.refresh_token);
    let before = scene.remembered().await;
    let calls = scene.calls.made();
    for headers in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:8080.evil.example")],
        &[("origin", "http://127.0.0.1:8081")],
        &[("origin", "https://127.0.0.1:8080")],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ],
    ] {
        for path in COOKIE_ROUTES {
            let headers = [headers, &[("cookie", cookie.as_str())]].concat();
            let answer = send(&scene, path, &headers).await;
            let expected = (403, "csrf_rejected".to_owned());
            assert_eq!(answer.problem(), expected, "{path} {headers:?}");
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
    let foreign = [
        ("origin", "https://evil.example"),
        ("cookie", cookie.as_str()),
    ];
    let answer = send(&scene, COOKIE_ROUTES[0], &foreign).await;
    let detail = answer.json()["detail"].to_string();
    assert!(detail.contains("https://evil.example"), "{detail}");
    assert!(detail.contains("allowed_origins"), "{detail}");
    assert_eq!(scene.calls.made(), calls, "a store was asked");
    assert_eq!(scene.remembered().await, before);
}
