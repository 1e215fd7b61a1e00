//! Everything of an account ends while Redis is down: at once in the database, and everywhere as
//! soon as Redis is back.

use http::Method;
use serde_json::json;
use signet_test_servers::Redis;
use signet_tests::{Account, Api, PASSWORD, Reply, SOON, within};

use crate::serve;

#[tokio::test]
async fn a_password_changed_while_redis_is_down_ends_every_other_session() {
    let mut redis = durable();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let own = api.register().await;
    let others = [api.login(&own.email).await, api.login(&own.email).await];
    redis.kill();
    change_password(api, &own, PASSWORD).await.expect(204);
    // It has been changed, and the next request is told so.
    let again = change_password(api, &own, PASSWORD).await;
    again.problem(401, "invalid_credentials");

    redis.start_again();
    denied_soon(api, &others[0]).await;
    for other in &others {
        refused(api, other).await;
    }
    api.me(&own.access_token).await.expect(200);
    let next = api.next_token(&own.refresh_token).await;
    api.next_token(&next).await;
    let login = json!({"email": own.email, "password": NEW_PASSWORD});
    api.post("/auth/login", &login).await.expect(200);
}

#[tokio::test]
async fn logging_out_everywhere_while_redis_hangs_ends_every_session() {
    let redis = durable();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    redis.pause();
    log_out_everywhere(api, &own).await.expect(204);

    redis.resume();
    denied_soon(api, &other).await;
    refused(api, &other).await;
    refused(api, &own).await;
    let again = api.login(&own.email).await;
    api.next_token(&again.refresh_token).await;
}

#[tokio::test]
async fn an_account_deleted_while_redis_is_down_is_gone_with_its_sessions() {
    let mut redis = durable();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    redis.kill();
    let delete = api.request(Method::DELETE, "/auth/account");
    let delete = delete.bearer_auth(&own.access_token);
    let delete = delete.json(&json!({"password": PASSWORD}));
    api.send(delete).await.expect(204);

    redis.start_again();
    denied_soon(api, &other).await;
    // The database alone refuses the access token, so that does not tell whether Redis is back.
    answered_soon(api, &other).await;
    refused(api, &other).await;
    refused(api, &own).await;
    let login = json!({"email": own.email, "password": PASSWORD});
    let login = api.post("/auth/login", &login).await;
    login.problem(401, "invalid_credentials");
}

#[tokio::test]
async fn a_session_that_was_over_is_not_kept_by_a_new_password() {
    let mut redis = durable();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    redis.kill();
    log_out_everywhere(api, &own).await.expect(204);
    // The deny list cannot be read; the password is right.
    change_password(api, &other, PASSWORD).await.expect(204);

    redis.start_again();
    denied_soon(api, &other).await;
    refused(api, &other).await;
    refused(api, &own).await;
}

#[tokio::test]
async fn a_denied_token_ends_nothing_while_redis_answers() {
    let redis = durable();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let own = api.register().await;
    let other = api.login(&own.email).await;
    let body = json!({"refresh_token": own.refresh_token});
    api.post("/auth/logout", &body).await.expect(204);
    let refused = log_out_everywhere(api, &own).await;
    refused.problem(401, "session_ended");
    let refused = change_password(api, &own, PASSWORD).await;
    refused.problem(401, "session_ended");
    api.me(&other.access_token).await.expect(200);
    api.next_token(&other.refresh_token).await;
}

/// A server that has everything that it has answered, whenever it dies.
fn durable() -> Redis {
    Redis::with(&["--appendonly", "yes", "--appendfsync", "always"])
}

async fn change_password(api: &Api, caller: &Account, current: &str) -> Reply {
    let body = json!({"current_password": current, "new_password": NEW_PASSWORD});
    api.post_as("/auth/password", &caller.access_token, &body)
        .await
}

async fn log_out_everywhere(api: &Api, caller: &Account) -> Reply {
    let request = api.request(Method::POST, "/auth/logout-all");
    api.send(request.bearer_auth(&caller.access_token)).await
}

/// Asks until Redis is back and the access token is denied, without showing a refresh token.
async fn denied_soon(api: &Api, session: &Account) {
    let denied = async {
        loop {
            let answer = api.me(&session.access_token).await;
            if answer.status != 503 && answer.status != 200 {
                return answer;
            }
        }
    };
    let answer = within(SOON, "the access token is denied", denied).await;
    answer.problem(401, "session_ended");
}

/// Refreshes until Redis is back.
async fn answered_soon(api: &Api, session: &Account) {
    let answered = async { while api.refresh(&session.refresh_token).await.status == 503 {} };
    within(SOON, "the refresh token gets an answer", answered).await;
}

async fn refused(api: &Api, session: &Account) {
    let refused = api.me(&session.access_token).await;
    refused.problem(401, "session_ended");
    let refused = api.refresh(&session.refresh_token).await;
    refused.problem(401, "session_ended");
}

const NEW_PASSWORD: &str = "engine no. 10 whistles";
