//! The logs: one JSON object a line, the security events by name, and never a secret.

use http::Method;
use serde_json::{Value, json};
use signet_tests::{Api, Server};

const PASSWORD: &str = "correct horse battery staple";
const NEW_PASSWORD: &str = "correct horse battery stapler";
const WRONG_PASSWORD: &str = "engine no. 8 stands";

#[tokio::test]
async fn no_token_password_or_address_is_ever_written() {
    for format in ["json", "pretty"] {
        let server = Server::with(&[
            ("SIGNET_LOG", "trace"),
            ("SIGNET_LOG_FORMAT", format),
            ("SIGNET_REFRESH_GRACE", "0s"),
        ]);
        let mut secrets = everything_an_account_does(server.api()).await;
        secrets.extend(what_goes_wrong(server.api()).await);
        assert!(secrets.len() > 12, "{secrets:?}");
        let logs = server.stop().logs;
        assert!(logs.lines().count() > 10, "{logs}");
        assert!(logs.contains("/auth/register"), "{logs}");
        for secret in secrets {
            assert!(!logs.contains(&secret), "{secret} is in the logs: {logs}");
        }
    }
}

#[tokio::test]
async fn every_line_is_a_json_object() {
    let server = Server::start();
    everything_an_account_does(server.api()).await;
    let logs = server.stop().logs;
    for line in logs
        .lines()
        .filter(|line| !line.starts_with("signet ready on "))
    {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(
            object["level"].is_string() && object["timestamp"].is_string(),
            "{line}"
        );
    }
}

#[tokio::test]
async fn a_flood_of_refused_requests_is_counted_and_every_event_is_kept() {
    let server = Server::with(&[("SIGNET_AUDIT_FILE", "audit.log")]);
    let account = server.api().register().await;
    let wrong = json!({"email": account.email, "password": WRONG_PASSWORD});
    for _ in 0..5 {
        server.api().post("/auth/login", &wrong).await.expect(401);
    }
    for _ in 0..3_000 {
        server.api().refresh("sgr_garbage").await.expect(401);
    }
    let folder = std::sync::Arc::clone(server.folder());
    let exit = server.stop();
    let lines = exit
        .logs
        .lines()
        .filter(|line| line.contains("/auth/refresh"));
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let counted = lines
        .iter()
        .filter_map(|line| line["refused.count"].as_u64());
    let own = lines
        .iter()
        .filter(|line| line["refused.count"].is_null())
        .count();
    println!("{} lines for 3000 refused requests", lines.len());
    assert_eq!(own as u64 + counted.sum::<u64>(), 3_000);
    assert!(lines.len() < 500, "{}", lines.len());
    let audit = std::fs::read_to_string(folder.path().join("audit.log")).unwrap();
    assert_eq!(audit.matches("\"sign_in.failed\"").count(), 5);
}

#[tokio::test]
async fn errors_give_away_nothing_from_inside() {
    let server = Server::start();
    let api = server.api();
    let account = api.register().await;
    let inside = [
        "sqlite", "rusqlite", "argon2", "src/", ".rs", "panicked", "aws", "/tmp",
    ];
    for reply in [
        api.me("garbage").await,
        api.refresh("sgr_garbage").await,
        api.post("/auth/login", &json!({"email": "x", "password": 7}))
            .await,
        api.post(
            "/auth/register",
            &json!({"email": account.email, "password": PASSWORD}),
        )
        .await,
        api.get("/nothing").await,
    ] {
        let text = reply.text().to_lowercase();
        for word in inside {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert_eq!(reply.header("server"), None);
    }
}

/// Tokens and passwords in the wrong places and with mistakes; all that must not be written down.
async fn what_goes_wrong(api: &Api) -> Vec<String> {
    let account = api.register().await;
    let access_token = account.access_token;
    let wrong = json!({"email": account.email, "password": WRONG_PASSWORD});
    api.post("/auth/login", &wrong).await.expect(401);
    api.refresh("sgr_garbage-in").await.expect(401);
    api.me(&format!("{access_token}x")).await.expect(401);
    api.get_as(&format!("/auth/me?token={access_token}"), &access_token)
        .await
        .expect(200);
    api.get_as(&format!("/auth/{access_token}"), &access_token)
        .await
        .expect(404);
    let signature = access_token.rsplit('.').next().unwrap().to_owned();
    let typed = [WRONG_PASSWORD, "sgr_"].map(str::to_owned);
    let of_account = [
        account.email,
        account.refresh_token,
        signature,
        access_token,
    ];
    of_account.into_iter().chain(typed).collect()
}

/// Uses every route, well and badly; gives all that must not be written down.
async fn everything_an_account_does(api: &Api) -> Vec<String> {
    let email = "grace.hopper@example.com";
    let credentials = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let mut secrets = vec![
        email.to_owned(),
        PASSWORD.to_owned(),
        NEW_PASSWORD.to_owned(),
    ];
    let mut seen = |reply: &signet_tests::Reply| {
        let json = reply.json();
        for name in ["access_token", "refresh_token"] {
            if let Some(token) = json[name].as_str() {
                secrets.push(token.to_owned());
                // Not a part that would do, either: of an access token that is the signature.
                secrets.extend(token.rsplit('.').next().map(str::to_owned));
            }
        }
        secrets.extend(reply.set_cookies().into_iter().map(|cookie| cookie.value));
    };
    let registered = api.post("/auth/register", &credentials).await.expect(201);
    seen(&registered);
    let taken = json!({"email": email, "password": NEW_PASSWORD});
    api.post("/auth/register", &taken).await.expect(409);
    let login = api.post("/auth/login", &credentials).await.expect(200);
    seen(&login);
    let browser = json!({"email": email, "password": PASSWORD});
    let browser = api.post("/auth/login", &browser).await.expect(200);
    seen(&browser);
    seen(
        &api.post_with_cookie("/auth/refresh", &browser.set_cookie().sent())
            .await
            .expect(200),
    );
    let refreshed = api
        .refresh(&login.member("refresh_token"))
        .await
        .expect(200);
    seen(&refreshed);
    let access_token = registered.member("access_token");
    api.me(&access_token).await.expect(200);
    api.get_as(
        &format!("/auth/sessions?access_token={access_token}"),
        &access_token,
    )
    .await;
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    api.post_as("/auth/password", &access_token, &change)
        .await
        .expect(204);
    api.post("/auth/login", &credentials).await.expect(401);
    api.refresh(&refreshed.member("refresh_token"))
        .await
        .expect(401);
    let old = registered.member("refresh_token");
    let next = api.refresh(&old).await.expect(200);
    seen(&next);
    let newest = api.refresh(&next.member("refresh_token")).await.expect(200);
    seen(&newest);
    // Used too often: the session ends, and the event is logged.
    api.refresh(&old).await;
    api.post(
        "/auth/logout",
        &json!({"refresh_token": newest.member("refresh_token")}),
    )
    .await;
    let request = api
        .request(Method::DELETE, "/auth/account")
        .bearer_auth(&access_token);
    api.send(request.json(&json!({"password": NEW_PASSWORD})))
        .await;
    secrets.retain(|secret| !secret.is_empty());
    secrets
}
