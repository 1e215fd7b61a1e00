//! Refresh cookies that another host of the site has planted, behind https.

use std::time::Duration;

use crate::support::{Answer, JSON, TestApp, request};

const HTTPS: (&str, &str) = ("SIGNET_PUBLIC_URL", "https://auth.example.com");

async fn register(app: &TestApp, email: &str) -> Answer {
    let body = format!(r#"{{"email":"{email}","password":"engine no. 9 steams"}}"#);
    app.post("/auth/register", &body).await
}

/// What the browser keeps of an answer: the refresh cookie and the binding.
fn kept(answer: &Answer) -> [String; 2] {
    let cookies = answer.headers.get_all("set-cookie").iter();
    let pairs = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    // The device is known by a cookie of its own, which is not enough to sign in.
    let pairs = pairs.filter(|pair| !pair.starts_with("__Host-signet_device="));
    let pairs: Vec<_> = pairs.map(str::to_owned).collect();
    assert!(
        pairs[0].starts_with("__Secure-signet_refresh=sgr_"),
        "{pairs:?}"
    );
    assert!(pairs[1].starts_with("__Host-signet_binding="), "{pairs:?}");
    pairs.try_into().unwrap()
}

async fn send(app: &TestApp, path: &str, cookies: &[&str]) -> Answer {
    let cookies = cookies.join("; ");
    app.send(request("POST", path, &[("cookie", &cookies)], ""))
        .await
}

#[tokio::test]
async fn the_binding_is_a_cookie_that_no_other_host_can_set() {
    let app = TestApp::with(&[HTTPS]).await;
    let answer = register(&app, "ada@example.com").await;
    let mut cookies = answer.headers.get_all("set-cookie").iter().skip(1);
    let binding = cookies.next().unwrap().to_str().unwrap();
    let (_, attributes) = binding.split_once(';').unwrap();
    assert_eq!(
        attributes,
        " HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=1209600"
    );
    let [token, binding] = kept(&answer);
    let refreshed = send(&app, "/auth/refresh", &[&token, &binding]).await;
    assert_eq!(refreshed.status, 200);
    let [_, again] = kept(&refreshed);
    assert_eq!(again, binding);
}

#[tokio::test]
async fn a_planted_cookie_alone_signs_nobody_in() {
    let app = TestApp::with(&[HTTPS]).await;
    let [planted, binding] = kept(&register(&app, "eve@example.com").await);
    let [_, victims] = kept(&register(&app, "ada@example.com").await);
    let in_body = r#"{"email":"eve@example.com","password":"engine no. 9 steams",
                      "token_delivery":"body"}"#;
    let from_body = app
        .post("/auth/login", in_body)
        .await
        .member("refresh_token");
    let from_body = format!("__Secure-signet_refresh={from_body}");
    for cookies in [
        &[planted.as_str()][..],
        &[&planted, &victims],
        &[&from_body],
        &[&from_body, &binding],
    ] {
        let refused = send(&app, "/auth/refresh", cookies).await;
        assert_eq!(
            refused.problem(),
            (401, "session_ended".to_owned()),
            "{cookies:?}"
        );
        assert_eq!(refused.headers.get_all("set-cookie").iter().count(), 2);
    }
    assert_eq!(
        send(&app, "/auth/refresh", &[&planted, &binding])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn beside_a_planted_cookie_the_bound_one_is_taken_in_any_order() {
    let app = TestApp::with(&[HTTPS]).await;
    let [planted, _] = kept(&register(&app, "eve@example.com").await);
    let own = register(&app, "ada@example.com").await;
    let [token, binding] = kept(&own);
    for cookies in [
        [planted.as_str(), &token, &binding],
        [&token, &planted, &binding],
    ] {
        let refreshed = send(&app, "/auth/refresh", &cookies).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.text);
        assert_eq!(refreshed.json()["session_id"], own.json()["session_id"]);
    }
    let signed_out = send(&app, "/auth/logout", &[&planted, &token, &binding]).await;
    assert_eq!(signed_out.status, 204);
    let cleared = signed_out.headers.get_all("set-cookie").iter();
    let cleared: Vec<_> = cleared.map(|cookie| cookie.to_str().unwrap()).collect();
    assert!(
        cleared[1].starts_with("__Host-signet_binding=;"),
        "{cleared:?}"
    );
    let refused = send(&app, "/auth/refresh", &[&token, &binding]).await;
    assert_eq!(refused.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn planted_cookies_keep_nobody_from_signing_in() {
    let app = TestApp::with(&[HTTPS]).await;
    let [planted, _] = kept(&register(&app, "eve@example.com").await);
    register(&app, "ada@example.com").await;
    let cookies = format!("{planted}; {planted}");
    let body = r#"{"email":"ada@example.com","password":"engine no. 9 steams"}"#;
    let login = request("POST", "/auth/login", &[JSON, ("cookie", &cookies)], body);
    let signed_in = app.send(login).await;
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let [token, binding] = kept(&signed_in);
    let refreshed = send(
        &app,
        "/auth/refresh",
        &[&planted, &planted, &token, &binding],
    )
    .await;
    assert_eq!(refreshed.status, 200);

    let in_body = body.replace('}', r#","token_delivery":"body"}"#);
    let own = format!("{cookies}; {token}; {binding}");
    for (cookies, removed) in [(&cookies, 0), (&own, 2)] {
        let login = request(
            "POST",
            "/auth/login",
            &[JSON, ("cookie", cookies)],
            &in_body,
        );
        let signed_in = app.send(login).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.text);
        let set = signed_in.headers.get_all("set-cookie").iter();
        assert_eq!(set.count(), removed, "{cookies}");
    }
    let over = send(&app, "/auth/refresh", &[&token, &binding]).await;
    assert_eq!(over.problem(), (401, "session_ended".to_owned()));
}

#[tokio::test]
async fn a_session_of_an_earlier_version_gets_its_binding_at_the_next_refresh() {
    let app = TestApp::with(&[HTTPS]).await;
    let registered = register(&app, "ada@example.com").await;
    let [token, _] = kept(&registered);
    let account = registered.json()["account"]["id"].as_str().unwrap().parse();
    let session = registered.member("session_id").parse().unwrap();
    let sessions = &app.app.flows.stores.sessions;
    let now = app.app.flows.clock.now();
    let found = sessions.find(account.unwrap(), session, now).await.unwrap();
    let mut earlier = found.unwrap();
    earlier.grant.cnf = None;
    earlier.version += 1;
    sessions.swap(&earlier).await.unwrap();
    let refreshed = send(&app, "/auth/refresh", &[&token]).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.text);
    let [token, binding] = kept(&refreshed);
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(
        send(&app, "/auth/refresh", &[&token, &binding])
            .await
            .status,
        200
    );
}
