//! Accounts and their sessions.

use serde_json::{Value, json};

use super::Admin;
use crate::support::{Answer, TestApp, request};

const PASSWORD: &str = "engine no. 9 steams";

async fn register(app: &TestApp, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    app.post("/auth/register", &body.to_string()).await
}

async fn login(app: &TestApp, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    app.post("/auth/login", &body.to_string()).await
}

async fn me(app: &TestApp, signed_in: &Answer) -> Answer {
    let bearer = format!("Bearer {}", signed_in.member("access_token"));
    app.send(request(
        "GET",
        "/auth/me",
        &[("authorization", &bearer)],
        "",
    ))
    .await
}

fn account_of(signed_in: &Answer) -> String {
    signed_in.json()["account"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn accounts_are_listed_page_by_page_and_found_by_address() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let mut ids = Vec::new();
    for name in ["ada", "grace", "mary"] {
        ids.push(account_of(
            &register(&app, &format!("{name}@example.com")).await,
        ));
    }
    ids.sort();
    let mut listed = Vec::new();
    let mut path = "/admin/accounts?limit=2".to_owned();
    while !path.is_empty() {
        let page = admin.get(&path).await;
        let accounts = page["accounts"].as_array().unwrap().clone();
        assert!(accounts.len() <= 2);
        listed.extend(
            accounts
                .iter()
                .map(|account| account["id"].as_str().unwrap().to_owned()),
        );
        let next = page["next"].as_str();
        path = next.map_or(String::new(), |id| {
            format!("/admin/accounts?limit=2&after={id}")
        });
    }
    assert_eq!(listed, ids);
    let found = admin.get("/admin/accounts?email=GRACE%40example.com").await;
    assert_eq!(found["accounts"][0]["email"], "grace@example.com");
    assert_eq!(found["accounts"][0]["status"], "active");
    assert_eq!(found["next"], Value::Null);
    let nobody = admin.get("/admin/accounts?email=nobody@example.com").await;
    assert_eq!(nobody, json!({"accounts": [], "next": null}));
    for query in ["email=x", "email=a@b.example&email=a@b.example", "after=x"] {
        admin
            .refuses_list(&format!("/admin/accounts?{query}"))
            .await;
    }
}

#[tokio::test]
async fn an_account_that_is_switched_off_is_out_everywhere_until_it_signs_in_again() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let signed_in = register(&app, "ada@example.com").await;
    let path = format!("/admin/accounts/{}", account_of(&signed_in));
    assert_eq!(admin.get(&path).await["status"], "active");

    let disabled = admin.ask("POST", &format!("{path}/disable"), "").await;
    assert_eq!(disabled.json()["status"], "disabled");
    assert_eq!(
        me(&app, &signed_in).await.problem(),
        (401, "session_ended".to_owned())
    );
    let token = json!({"refresh_token": signed_in.member("refresh_token")}).to_string();
    let refreshed = app.post("/auth/refresh", &token).await;
    assert_eq!(refreshed.problem(), (401, "session_ended".to_owned()));
    let refused = login(&app, "ada@example.com").await;
    assert_eq!(refused.problem(), (401, "invalid_credentials".to_owned()));

    for _ in 0..2 {
        let enabled = admin.ask("POST", &format!("{path}/enable"), "").await;
        assert_eq!(enabled.json()["status"], "active");
    }
    assert_eq!(app.post("/auth/refresh", &token).await.status, 401);
    let again = login(&app, "ada@example.com").await;
    assert_eq!(me(&app, &again).await.status, 200);
    let enabled = admin.ask("POST", &format!("{path}/enable"), "").await;
    assert_eq!(enabled.status, 200);
    assert_eq!(
        me(&app, &again).await.status,
        200,
        "enabling again ends nothing"
    );
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_or_all() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let first = register(&app, "ada@example.com").await;
    let second = login(&app, "ada@example.com").await;
    let third = login(&app, "ada@example.com").await;
    let path = format!("/admin/accounts/{}/sessions", account_of(&first));
    let count = async || admin.get(&path).await["sessions"].as_array().unwrap().len();
    assert_eq!(count().await, 3);
    assert_eq!(admin.get(&path).await["sessions"][0]["current"], false);

    let one = format!("{path}/{}", first.member("session_id"));
    assert_eq!(admin.ask("DELETE", &one, "").await.status, 204);
    let again = admin.ask("DELETE", &one, "").await;
    assert_eq!(again.problem(), (404, "not_found".to_owned()));
    assert_eq!(
        me(&app, &first).await.problem(),
        (401, "session_ended".to_owned())
    );
    assert_eq!(me(&app, &second).await.status, 200);
    assert_eq!(count().await, 2);

    assert_eq!(admin.ask("DELETE", &path, "").await.status, 204);
    assert_eq!(count().await, 0);
    for ended in [&second, &third] {
        assert_eq!(
            me(&app, ended).await.problem(),
            (401, "session_ended".to_owned())
        );
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let nobody = "/admin/accounts/67e55044-10b1-426f-9247-bb680e5fe0c8";
    let session = format!("{nobody}/sessions/AAAAAAAAAAAAAAAAAAAAAA");
    for (method, path) in [
        ("GET", nobody.to_owned()),
        ("GET", "/admin/accounts/x".to_owned()),
        ("POST", format!("{nobody}/disable")),
        ("POST", format!("{nobody}/enable")),
        ("GET", format!("{nobody}/sessions")),
        ("DELETE", format!("{nobody}/sessions")),
        ("DELETE", session),
        ("DELETE", format!("{nobody}/sessions/x")),
    ] {
        let answer = admin.ask(method, &path, "").await;
        assert_eq!(
            answer.problem(),
            (404, "not_found".to_owned()),
            "{method} {path}"
        );
    }
}
