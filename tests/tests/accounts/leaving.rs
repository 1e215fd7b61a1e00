//! Signing out: of one session, of all, and for good.

use http::Method;
use rusqlite::Connection;
use serde_json::json;
use signet_tests::{PASSWORD, StoreChoice};

pub(crate) async fn logging_out_ends_the_session_and_its_access_token_at_once(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let other = api.login(&account.email).await;
    api.me(&account.access_token).await.expect(200);

    let body = json!({"refresh_token": account.refresh_token});
    let reply = api.post("/auth/logout", &body).await.expect(204);
    assert_eq!(reply.body, b"");
    let refused = api.me(&account.access_token).await;
    refused.problem(401, "session_ended");
    assert!(
        refused.challenge().contains(r#"error="invalid_token""#),
        "{}",
        refused.challenge()
    );
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");

    api.me(&other.access_token).await.expect(200);
    api.refresh(&other.refresh_token).await.expect(200);
}

pub(crate) async fn any_token_of_the_session_logs_out_however_old(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let second = api.next_token(&account.refresh_token).await;
    let third = api.next_token(&second).await;
    let body = json!({"refresh_token": account.refresh_token});
    api.post("/auth/logout", &body).await.expect(204);
    api.refresh(&third).await.problem(401, "session_ended");
}

pub(crate) async fn an_access_token_logs_out_too(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let request = api
        .request(Method::POST, "/auth/logout")
        .bearer_auth(&account.access_token);
    api.send(request).await.expect(204);
    api.refresh(&account.refresh_token)
        .await
        .problem(401, "session_ended");
    api.me(&account.access_token)
        .await
        .problem(401, "session_ended");
}

pub(crate) async fn logging_out_is_done_whatever_the_state_of_the_token(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let body = json!({"refresh_token": account.refresh_token});
    for _ in 0..3 {
        api.post("/auth/logout", &body).await.expect(204);
    }
    api.post("/auth/logout", &json!({"refresh_token": "sgr_garbage"}))
        .await
        .expect(204);
    api.post_with_cookie("/auth/logout", "signet_refresh=garbage")
        .await
        .expect(204);
    api.send(api.request(Method::POST, "/auth/logout"))
        .await
        .expect(204);
    let request = api
        .request(Method::POST, "/auth/logout")
        .bearer_auth("garbage");
    api.send(request).await.expect(204);
}

pub(crate) async fn logout_takes_the_body_before_the_cookie_before_the_bearer(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let first = api.register().await;
    let [second, third] = [api.login(&first.email).await, api.login(&first.email).await];
    let logout = || {
        api.request(Method::POST, "/auth/logout")
            .bearer_auth(&third.access_token)
            .header("cookie", format!("signet_refresh={}", second.refresh_token))
    };
    let request = logout().json(&json!({"refresh_token": first.refresh_token}));
    api.send(request).await.expect(204);
    api.me(&first.access_token)
        .await
        .problem(401, "session_ended");
    api.me(&second.access_token).await.expect(200);

    api.send(logout()).await.expect(204);
    api.me(&second.access_token)
        .await
        .problem(401, "session_ended");
    api.me(&third.access_token).await.expect(200);
}

pub(crate) async fn logging_out_everywhere_ends_every_session_of_the_account_alone(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let first = api.register().await;
    let second = api.login(&first.email).await;
    let stranger = api.register().await;
    let request = api
        .request(Method::POST, "/auth/logout-all")
        .bearer_auth(&first.access_token);
    api.send(request).await.expect(204);
    for session in [&first, &second] {
        api.refresh(&session.refresh_token)
            .await
            .problem(401, "session_ended");
        api.me(&session.access_token)
            .await
            .problem(401, "session_ended");
    }
    api.refresh(&stranger.refresh_token).await.expect(200);
    let again = api.login(&first.email).await;
    api.me(&again.access_token).await.expect(200);
    api.refresh(&again.refresh_token).await.expect(200);
}

// The trigger is the own session, which changes the password a moment before.
#[tokio::test]
async fn logging_out_everywhere_is_done_although_the_own_session_was_quicker() {
    let server = StoreChoice::Sqlite.serve();
    let api = server.api();
    let own = api.register().await;
    let database = Connection::open(server.folder().database()).expect("the database");
    let quicker = "
        CREATE TRIGGER quicker BEFORE UPDATE ON accounts WHEN OLD.kept_session IS NULL BEGIN
            UPDATE accounts SET epoch = OLD.epoch + 1, kept_since = OLD.epoch,
                                kept_session = (SELECT sid FROM sessions);
            SELECT RAISE(IGNORE);
        END";
    database.execute_batch(quicker).expect("a trigger");
    let request = api.request(Method::POST, "/auth/logout-all");
    let request = request.bearer_auth(&own.access_token);
    api.send(request).await.expect(204);
    let epoch = database.query_row("SELECT epoch FROM accounts", [], |row| row.get::<_, i64>(0));
    let of_trigger = 1;
    assert!(epoch.expect("an epoch") > of_trigger);
    let refused = api.me(&own.access_token).await;
    refused.problem(401, "session_ended");
    let refused = api.refresh(&own.refresh_token).await;
    refused.problem(401, "session_ended");
}

pub(crate) async fn a_deleted_account_is_gone_with_its_sessions(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let other = api.login(&account.email).await;
    let delete = |password: &str| {
        let request = api.request(Method::DELETE, "/auth/account");
        api.send(
            request
                .bearer_auth(&account.access_token)
                .json(&json!({"password": password})),
        )
    };
    delete("not my password")
        .await
        .problem(401, "invalid_credentials");
    api.me(&other.access_token).await.expect(200);

    delete(PASSWORD).await.expect(204);
    for session in [&account, &other] {
        api.me(&session.access_token)
            .await
            .problem(401, "session_ended");
        api.refresh(&session.refresh_token)
            .await
            .problem(401, "session_ended");
    }
    let body = json!({"email": account.email, "password": PASSWORD});
    api.post("/auth/login", &body)
        .await
        .problem(401, "invalid_credentials");
    let again = api.post("/auth/register", &body).await.expect(201);
    assert_ne!(again.json()["account"]["id"], account.id.as_str());
}
