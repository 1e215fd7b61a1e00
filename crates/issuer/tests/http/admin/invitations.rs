//! Invitations: who may make them, and what accepting one does.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use signet_test_servers::MailSink;

use super::Admin;
use crate::mailbox::{deliver, mailing_with, newest, token, token_in};
use crate::support::{Answer, TestApp, request};

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "engine no. 9 steams";
const INVITE: [(&str, &str); 1] = [("SIGNET_REGISTRATION", "invite")];

async fn invite(admin: &Admin<'_>, body: Value) -> Answer {
    admin
        .ask("POST", "/admin/invitations", &body.to_string())
        .await
}

/// Invites Ada with these roles; the token of the link that the administrator gets.
async fn invite_ada(admin: &Admin<'_>, roles: &[&str]) -> String {
    let invited = invite(admin, json!({"email": ADA, "roles": roles})).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    token_in(&invited.member("url"), "invite_")
}

async fn register(app: &TestApp, body: Value) -> Answer {
    let mut all = json!({"password": PASSWORD, "token_delivery": "body"});
    let members = all.as_object_mut().unwrap();
    members.extend(body.as_object().unwrap().clone());
    app.post("/auth/register", &all.to_string()).await
}

async fn accept(app: &TestApp, token: &str) -> Answer {
    register(app, json!({ "invitation": token })).await
}

async fn login(app: &TestApp) -> u16 {
    let body = json!({"email": ADA, "password": PASSWORD, "token_delivery": "body"});
    let answer = app.post("/auth/login", &body.to_string()).await;
    answer.status.as_u16()
}

fn invalid() -> (u16, String) {
    (400, "invalid_token".to_owned())
}

#[tokio::test]
async fn an_invitation_registers_a_verified_account_with_its_roles_once() {
    let app = TestApp::with(&INVITE).await;
    let admin = Admin::of(&app);
    let closed = register(&app, json!({"email": ADA})).await;
    assert_eq!(closed.problem(), (403, "registration_closed".to_owned()));
    let token = invite_ada(&admin, &["staff", "admin"]).await;
    let weak = json!({"invitation": token, "password": "my ada password"});
    let weak = register(&app, weak).await;
    assert_eq!(weak.problem(), (400, "validation_failed".to_owned()));
    let registered = register(&app, json!({"invitation": token, "name": "Ada"})).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let account = &registered.json()["account"];
    assert_eq!(account["email"], ADA);
    assert_eq!(account["name"], "Ada");
    assert_eq!(account["roles"], json!(["staff", "admin"]));
    assert_eq!(account["email_verified"], true);
    assert_eq!(login(&app).await, 200);
    let other = json!({"invitation": token, "password": "engine no. 8 steams"});
    assert_eq!(register(&app, other).await.problem(), invalid());
    assert_eq!(
        admin.get("/admin/invitations").await["invitations"],
        json!([])
    );
}

#[tokio::test]
async fn an_invitation_is_refused_late_removed_replaced_or_for_another_address_in_one_text() {
    let app = TestApp::with(&INVITE).await;
    let admin = Admin::of(&app);
    let mut refused = vec![
        accept(&app, "").await,
        accept(&app, "invite_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await,
    ];
    let replaced = invite_ada(&admin, &[]).await;
    let removed = invite_ada(&admin, &[]).await;
    refused.push(accept(&app, &replaced).await);
    let other = json!({"invitation": removed, "email": "bob@example.com"});
    refused.push(register(&app, other).await);
    let listed = admin.get("/admin/invitations").await;
    let id = listed["invitations"][0]["id"].as_str().unwrap();
    let path = format!("/admin/invitations/{id}");
    assert_eq!(admin.ask("DELETE", &path, "").await.status, 204);
    let gone = admin.ask("DELETE", &path, "").await;
    assert_eq!(gone.problem(), (404, "not_found".to_owned()));
    refused.push(accept(&app, &removed).await);
    let body = json!({"email": ADA, "expires_in": 3_600});
    let late = token_in(&invite(&admin, body).await.member("url"), "invite_");
    app.clock.advance(Duration::from_hours(1));
    refused.push(accept(&app, &late).await);
    for answer in refused {
        assert_eq!(answer.problem(), invalid());
        let detail = "the token is unknown, used or expired; ask for a new one";
        assert_eq!(answer.json()["detail"], detail);
    }
    assert_eq!(login(&app).await, 401);
}

#[tokio::test]
async fn an_invitation_is_mailed_if_mail_is_configured() {
    let sink = MailSink::start();
    let app = mailing_with(&sink, &INVITE).await;
    let admin = Admin::of(&app);
    let invited = invite(&admin, json!({"email": ADA, "expires_in": 172_800})).await;
    assert_eq!(invited.status, 201);
    assert_eq!(invited.json()["url"], Value::Null);
    assert_eq!(deliver(&app).await, 1);
    let mail = newest(&sink);
    assert!(mail.contains("To: ada@example.com\n"), "{mail}");
    assert!(
        mail.contains("Subject: Your invitation to Example\n"),
        "{mail}"
    );
    assert!(mail.contains("/links/invite?token=invite_"), "{mail}");
    assert!(mail.contains("valid for 2 days"), "{mail}");
    let registered = accept(&app, &token(&sink, "invite_")).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    // The address is verified: nothing else is mailed.
    assert_eq!(deliver(&app).await, 0);

    let link = json!({"email": "bob@example.com", "deliver": "link"});
    let invited = invite(&admin, link).await;
    assert!(
        invited
            .member("url")
            .starts_with("http://127.0.0.1:8080/links/invite?token=invite_")
    );
    assert_eq!(deliver(&app).await, 0);
}

#[tokio::test]
async fn an_account_that_was_added_with_an_invitation_is_activated_though_registration_is_closed() {
    let app = TestApp::with(&[("SIGNET_REGISTRATION", "closed")]).await;
    let admin = Admin::of(&app);
    let refused = invite(&admin, json!({"email": ADA})).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    let body = json!({"email": ADA, "name": "Ada", "roles": ["staff"], "invite": true});
    let added = admin
        .ask("POST", "/admin/accounts", &body.to_string())
        .await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(added.member("status"), "invited");
    let first = added.json()["invitation"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let roles = invite(&admin, json!({"email": ADA, "roles": ["admin"]})).await;
    assert_eq!(roles.problem(), (409, "conflict".to_owned()));
    let again = invite_ada(&admin, &[]).await;
    let first = accept(&app, &token_in(&first, "invite_")).await;
    assert_eq!(first.problem(), invalid());
    let path = format!("/admin/accounts/{}", added.member("id"));
    let roles = json!({"roles": ["editor"]}).to_string();
    assert_eq!(admin.ask("PATCH", &path, &roles).await.status, 200);
    let registered = register(&app, json!({"invitation": again, "name": "Countess"})).await;
    assert_eq!(registered.status, 201, "{}", registered.text);
    let account = &registered.json()["account"];
    assert_eq!(account["id"].as_str().unwrap(), added.member("id"));
    assert_eq!(account["name"], "Ada");
    assert_eq!(account["roles"], json!(["editor"]));
    assert_eq!(account["email_verified"], true);
    assert_eq!(admin.get(&path).await["status"], "active");
    assert_eq!(login(&app).await, 200);
}

#[tokio::test]
async fn nobody_who_has_an_account_is_invited_and_a_disabled_one_is_not_activated() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    let token = invite_ada(&admin, &["admin"]).await;
    assert_eq!(register(&app, json!({"email": ADA})).await.status, 201);
    let conflict = (409, "email_taken".to_owned());
    assert_eq!(accept(&app, &token).await.problem(), conflict);
    let invited = invite(&admin, json!({"email": ADA})).await;
    assert_eq!(invited.problem(), conflict);

    let body = json!({"email": "bob@example.com", "invite": true}).to_string();
    let added = admin.ask("POST", "/admin/accounts", &body).await;
    let url = added.json()["invitation"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/admin/accounts/{}", added.member("id"));
    let disable = format!("{path}/disable");
    assert_eq!(admin.ask("POST", &disable, "").await.status, 200);
    let disabled = accept(&app, &token_in(&url, "invite_")).await;
    assert_eq!(disabled.problem(), invalid());

    // It has no way to sign in, so it is invited again.
    let enabled = admin.ask("POST", &format!("{path}/enable"), "").await;
    assert_eq!(enabled.json()["status"], "invited", "{}", enabled.text);
    let activate = r#"{"status":"active"}"#;
    let refused = admin.ask("PATCH", &path, activate).await;
    assert_eq!(refused.problem(), (409, "conflict".to_owned()));
    let again = invite(&admin, json!({"email": "bob@example.com"})).await;
    let url = again.member("url");
    let accepted = accept(&app, &token_in(&url, "invite_")).await;
    assert_eq!(accepted.status, 201, "{}", accepted.text);
    assert_eq!(admin.get(&path).await["status"], "active");
}

#[tokio::test]
async fn an_acceptance_that_is_repeated_within_10_minutes_signs_in_to_the_same_account() {
    let app = TestApp::with(&INVITE).await;
    let token = invite_ada(&Admin::of(&app), &["staff"]).await;
    let first = accept(&app, &token).await;
    app.clock
        .advance(Duration::from_mins(10) - Duration::from_millis(1));
    let typed = json!({"invitation": token, "email": "ADA@example.com"});
    for repeated in [accept(&app, &token).await, register(&app, typed).await] {
        assert_eq!(repeated.status, 201, "{}", repeated.text);
        assert_eq!(repeated.json()["account"], first.json()["account"]);
    }
    let another = json!({"invitation": token, "email": "bob@example.com"});
    assert_eq!(register(&app, another).await.problem(), invalid());
    app.clock.advance(Duration::from_millis(1));
    assert_eq!(accept(&app, &token).await.problem(), invalid());
}

#[tokio::test]
async fn wrong_passwords_for_an_accepted_invitation_are_counted() {
    let app = TestApp::with(&INVITE).await;
    let token = invite_ada(&Admin::of(&app), &[]).await;
    assert_eq!(accept(&app, &token).await.status, 201);
    let guess = json!({"invitation": token, "password": "engine no. 8 steams"});
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(register(&app, guess.clone()).await.problem());
    }
    assert_eq!(answers.first(), Some(&invalid()));
    assert_eq!(answers.last(), Some(&(429, "rate_limited".to_owned())));
}

#[tokio::test]
async fn of_twenty_acceptances_at_two_replicas_one_wins() {
    let variables = [INVITE[0], ("SIGNET_LIMITS_ENABLED", "false")];
    let app = TestApp::with(&variables).await;
    let replica = app.replica().await;
    let token = invite_ada(&Admin::of(&app), &[]).await;
    let uses = (0..20).map(|turn| {
        let password = format!("engine no. 9 steams {turn}");
        let body = json!({"invitation": token, "password": password});
        register([&app, &replica][turn % 2], body)
    });
    let answers = join_all(uses).await;
    let done = answers.iter().filter(|answer| answer.status == 201);
    assert_eq!(done.count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!(
            [400, 503].contains(&answer.status.as_u16()),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn invalid_invitations_are_refused_by_field() {
    let app = TestApp::start().await;
    let admin = Admin::of(&app);
    for (body, field) in [
        (json!({}), "email"),
        (json!({"email": ADA, "expires_in": 3_599}), "expires_in"),
        (json!({"email": ADA, "expires_in": 2_592_001}), "expires_in"),
        (json!({"email": ADA, "deliver": "pigeon"}), "deliver"),
        (json!({"email": ADA, "roles": ["a b"]}), "roles"),
    ] {
        let refused = invite(&admin, body).await;
        assert_eq!(refused.problem(), (400, "validation_failed".to_owned()));
        assert_eq!(refused.json()["errors"][0]["field"], field);
    }
    let unmailed = invite(&admin, json!({"email": ADA, "deliver": "mail"})).await;
    assert_eq!(unmailed.problem(), (409, "conflict".to_owned()));
    let both = json!({"email": ADA, "password": PASSWORD, "invite": true}).to_string();
    let both = admin.ask("POST", "/admin/accounts", &both).await;
    assert_eq!(both.json()["errors"][0]["field"], "invite");
}

#[tokio::test]
async fn the_plain_page_of_an_invitation_sets_the_account_up() {
    let app = TestApp::with(&INVITE).await;
    let token = invite_ada(&Admin::of(&app), &[]).await;
    let page = app.get(&format!("/links/invite?token={token}")).await;
    assert!(page.status == 200 && page.text.contains("Set up your account"));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let send = |password: &str| {
        let body = format!("token={token}&new_password={password}");
        app.send(request("POST", "/links/invite", &[form], &body))
    };
    assert_eq!(send("my+ada+password").await.status, 400);
    assert_eq!(send("engine+no.+9+steams").await.status, 200);
    let used = send("engine+no.+8+steams").await;
    assert!(used.status == 400 && used.text.contains("This link is unknown, used or expired"));
    assert_eq!(login(&app).await, 200);
}
