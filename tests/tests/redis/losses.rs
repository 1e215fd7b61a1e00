//! Redis dies as in a power cut and comes back without its last writes: every client goes on.

use futures::future::{join, join_all};
use http::Method;
use serde_json::json;
use signet_test_servers::Redis;
use signet_tests::{Account, Api, PATIENCE, within};
use tokio::sync::Barrier;

use crate::{serve, until_answered};

#[tokio::test]
async fn sessions_ahead_of_a_redis_that_lost_writes_heal_and_are_counted() {
    let mut redis = flushed_each_second();
    let (server, operations) = serve(&redis);
    let api = server.api();
    let accounts: Vec<_> = join_all((0..CLIENTS).map(|_| api.register())).await;
    let [logged_out, everywhere] = [api.register().await, api.register().await];
    log_out(api, &logged_out).await;
    let image = redis.image();

    // What follows is lost; the first client happens not to write anything.
    let mut tokens = Vec::new();
    for (rotations, account) in accounts.iter().enumerate() {
        tokens.push(rotated(api, &account.refresh_token, rotations).await);
    }
    log_out_everywhere(api, &everywhere).await;
    redis.kill();
    redis.start_again_from(&image);

    until_answered(api, &tokens[0]).await.expect(200);
    for token in &tokens[1..] {
        let next = api.next_token(token).await;
        assert_eq!(api.next_token(token).await, next);
        api.next_token(&next).await;
    }
    assert_eq!(decided(&operations, "heal").await, CLIENTS - 1);
    assert_eq!(server.logs().matches("session.healed").count(), CLIENTS - 1);
    // An ending before the loss is there; one that the database knows of is there in any case.
    for ended in [&logged_out, &everywhere] {
        let refused = api.refresh(&ended.refresh_token).await;
        refused.problem(401, "session_ended");
        let refused = api.me(&ended.access_token).await;
        refused.problem(401, "session_ended");
    }
}

#[tokio::test]
async fn killed_in_the_middle_of_refreshes_redis_costs_nobody_the_session() {
    let mut redis = flushed_each_second();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let accounts = join_all((0..CLIENTS).map(|_| api.register())).await;
    let ended = api.register().await;
    log_out(api, &ended).await;

    let (under_load, refused) = (Barrier::new(CLIENTS + 1), Barrier::new(CLIENTS + 1));
    let clients = accounts.iter().map(|account| async {
        let token = rotated(api, &account.refresh_token, 3).await;
        under_load.wait().await;
        let token = refreshed_until_refused(api, token).await;
        refused.wait().await;
        let next = until_answered(api, &token).await.expect(200);
        rotated(api, &next.member("refresh_token"), 3).await;
    });
    let operator = async {
        under_load.wait().await;
        redis.kill();
        refused.wait().await;
        redis.start_again();
    };
    join(join_all(clients), operator).await;
    let refused = api.refresh(&ended.refresh_token).await;
    refused.problem(401, "session_ended");
    let refused = api.me(&ended.access_token).await;
    refused.problem(401, "session_ended");
}

/// A server with the setting that is usual where sessions are kept.
fn flushed_each_second() -> Redis {
    Redis::with(&["--appendonly", "yes", "--appendfsync", "everysec"])
}

/// Refreshes that many times; the newest token.
async fn rotated(api: &Api, token: &str, times: usize) -> String {
    let mut token = token.to_owned();
    for _ in 0..times {
        token = api.next_token(&token).await;
    }
    token
}

/// Refreshes until Redis is gone; the newest token that came.
async fn refreshed_until_refused(api: &Api, mut token: String) -> String {
    let refused = async {
        loop {
            let answer = api.refresh(&token).await;
            if answer.status == 503 {
                return token;
            }
            token = answer.expect(200).member("refresh_token");
        }
    };
    within(PATIENCE, "Redis is gone", refused).await
}

async fn log_out(api: &Api, account: &Account) {
    let body = json!({"refresh_token": account.refresh_token});
    api.post("/auth/logout", &body).await.expect(204);
}

async fn log_out_everywhere(api: &Api, account: &Account) {
    let request = api.request(Method::POST, "/auth/logout-all");
    let request = request.bearer_auth(&account.access_token);
    api.send(request).await.expect(204);
}

/// How often the issuer has decided so.
async fn decided(operations: &Api, decision: &str) -> usize {
    let metrics = operations.get("/metrics").await.expect(200).text();
    let name = format!("signet_refresh_total{{decision=\"{decision}\"}} ");
    let count = metrics.lines().find_map(|line| line.strip_prefix(&name));
    count.map_or(0, |count| count.parse().expect("a count"))
}

const CLIENTS: usize = 10;
