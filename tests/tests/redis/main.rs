//! Sessions in Redis, and what people notice when it hangs, dies and comes back.

mod cluster;
mod crowd;
mod endings;
mod losses;
mod partitions;
mod report;
mod secured;
mod sentinel;
mod starts;

use std::fs;
use std::sync::Arc;

use serde_json::json;
use signet_test_servers::Redis;
use signet_tests::{Api, Folder, PASSWORD, Reply, SOON, Server, fresh_email, until, within};

#[tokio::test]
async fn two_replicas_on_one_redis_are_one() {
    let redis = Redis::start();
    let url = redis.url();
    let [first, second] = serve_twice(&url);
    let account = first.api().register().await;
    let next = second.api().next_token(&account.refresh_token).await;
    // The other one gives the same successor to a request with the same token.
    assert_eq!(first.api().next_token(&account.refresh_token).await, next);
    let body = json!({"refresh_token": next});
    first.api().post("/auth/logout", &body).await.expect(204);
    second
        .api()
        .refresh(&next)
        .await
        .problem(401, "session_ended");
    let me = second.api().me(&account.access_token).await;
    me.problem(401, "session_ended");
}

#[tokio::test]
async fn while_redis_hangs_only_what_needs_it_is_refused() {
    let redis = Redis::start();
    let (server, operations) = serve(&redis);
    let api = server.api();
    let account = api.register().await;
    let other = api.register().await;
    redis.pause();
    let tokens = [&*account.refresh_token, &other.refresh_token];
    everything_is_unavailable(api, &account.email, tokens).await;
    the_rest_goes_on(api).await;
    let report = operations.get("/readyz").await.expect(503).json();
    assert_eq!(report["checks"]["redis"]["status"], "unusable");
    assert_eq!(report["checks"]["database"]["status"], "ok");

    redis.resume();
    works_soon(api, &account.refresh_token).await;
    operations.get("/readyz").await.expect(200);
}

#[tokio::test]
async fn a_killed_redis_comes_back_with_its_sessions() {
    let mut redis = Redis::with(&["--appendonly", "yes", "--appendfsync", "everysec"]);
    let (server, operations) = serve(&redis);
    let api = server.api();
    let account = api.register().await;
    let ended = api.login(&account.email).await;
    let body = json!({"refresh_token": ended.refresh_token});
    api.post("/auth/logout", &body).await.expect(204);
    let next = api.next_token(&account.refresh_token).await;

    redis.kill();
    let tokens = [&*next, &ended.refresh_token];
    everything_is_unavailable(api, &account.email, tokens).await;
    the_rest_goes_on(api).await;
    let report = operations.get("/readyz").await.expect(503).json();
    let detail = report["checks"]["redis"]["detail"].as_str().expect("why");
    assert_eq!(
        detail,
        "the redis store is unavailable: Redis cannot be reached; trying again in the background"
    );

    redis.start_again();
    works_soon(api, &next).await;
    let refused = api.refresh(&ended.refresh_token).await;
    refused.problem(401, "session_ended");
    let refused = api.me(&ended.access_token).await;
    refused.problem(401, "session_ended");
}

#[tokio::test]
async fn a_registration_that_found_no_redis_is_repeated_when_redis_is_back() {
    let mut redis = Redis::start();
    let (server, _operations) = serve(&redis);
    let api = server.api();
    let account = api.register().await;
    let new = json!({"email": fresh_email(), "password": PASSWORD, "token_delivery": "body"});
    redis.kill();
    let refused = within(SOON, "a refusal", api.post("/auth/register", &new)).await;
    refused.problem(503, "unavailable");

    redis.start_again();
    until_answered(api, &account.refresh_token).await;
    let repeated = until_registered(api, &new).await;
    let signed_in = api.post("/auth/login", &new).await.expect(200);
    let ids = [repeated, signed_in].map(|reply| reply.json()["account"]["id"].clone());
    assert_eq!(ids[0], ids[1]);
    assert_eq!(server.logs().matches("account.registered").count(), 2);
}

/// Repeats a registration. For the first seconds the one before may still be in progress.
async fn until_registered(api: &Api, new: &serde_json::Value) -> Reply {
    let registered = async {
        loop {
            let reply = api.post("/auth/register", new).await;
            if reply.status != 409 {
                return reply.expect(201);
            }
        }
    };
    within(SOON, "the registration is repeated", registered).await
}

#[tokio::test]
async fn a_redis_that_lost_everything_has_ended_every_session() {
    let mut redis = Redis::start();
    let (server, _operations) = serve(&redis);
    let account = server.api().register().await;
    redis.kill();
    redis.start_again();
    let answer = until_answered(server.api(), &account.refresh_token).await;
    answer.problem(401, "session_ended");
    let refused = server.api().me(&account.access_token).await;
    refused.problem(401, "session_ended");
    let event = "\"event.name\":\"deny_list.lost\"";
    until(SOON, "the event", || server.logs().contains(event));
    server.api().login(&account.email).await;
}

#[tokio::test]
async fn a_gateway_is_told_that_nobody_knows_what_was_denied() {
    let mut redis = Redis::start();
    let folder = Arc::new(Folder::with_keys());
    let offline = "[forward_auth.offline]\ndeny_list = false\n";
    fs::write(folder.path().join("signet.toml"), offline).expect("a configuration");
    let server = Server::within(folder, &[("SIGNET_REDIS_URL", &redis.url())]);
    let api = server.api();
    let token = api.register().await.access_token;
    let ask = async |profile: &str| {
        api.get_as(&format!("/forward-auth/{profile}"), &token)
            .await
    };
    ask("default").await.expect(200);
    redis.pause();
    for state in ["hangs", "is dead"] {
        let what = format!("an answer while Redis {state}");
        let refused = within(SOON, &what, ask("default")).await.expect(503);
        let body = json!({"error": "temporarily_unavailable", "reason": "unavailable"});
        assert_eq!(refused.json(), body, "{state}");
        assert_eq!(refused.header("retry-after"), Some("5"), "{state}");
        assert_eq!(refused.header("www-authenticate"), None, "{state}");
        // A bad token is refused by arithmetic, and a profile that does not ask goes on.
        let forged = api.get_as("/forward-auth/default", "garbage").await;
        assert_eq!(forged.expect(401).json()["reason"], "not_three_parts");
        ask("offline").await.expect(200);
        redis.kill();
    }
}

/// Two issuers with their accounts in one file and their sessions in the Redis at `url`.
fn serve_twice(url: &str) -> [Server; 2] {
    serve_twice_with(&[("SIGNET_REDIS_URL", url)])
}

/// Two issuers with their accounts in one file, and these settings.
fn serve_twice_with(settings: &[(&str, &str)]) -> [Server; 2] {
    let first = Server::with(settings);
    let second = Server::within(first.folder().clone(), settings);
    [first, second]
}

/// An issuer with its sessions in `redis`, and the client for its operators.
fn serve(redis: &Redis) -> (Server, Api) {
    let server = Server::with(&[("SIGNET_REDIS_URL", &redis.url())]);
    let operations = server.operations();
    (server, operations)
}

/// The second token signs out: a sign-out that got 503 can still end its session later.
async fn everything_is_unavailable(api: &Api, email: &str, tokens: [&str; 2]) {
    let credentials = json!({"email": email, "password": PASSWORD, "token_delivery": "body"});
    let [kept, ended] = tokens.map(|token| json!({"refresh_token": token}));
    for (path, body) in [
        ("/auth/refresh", &kept),
        ("/auth/login", &credentials),
        ("/auth/logout", &ended),
    ] {
        let answer = within(SOON, &format!("{path} answers"), api.post(path, body)).await;
        answer.problem(503, "unavailable");
        assert!(answer.header("retry-after").is_some(), "{path}");
    }
}

async fn the_rest_goes_on(api: &Api) {
    for path in [
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/healthz",
    ] {
        api.get(path).await.expect(200);
    }
    // A wrong token is refused by arithmetic.
    let refused = api.refresh("sgr_nonsense").await;
    refused.problem(401, "session_ended");
}

async fn works_soon(api: &Api, refresh_token: &str) {
    until_answered(api, refresh_token).await.expect(200);
}

/// Asks until the answer is about the token.
async fn until_answered(api: &Api, refresh_token: &str) -> Reply {
    let answered = async {
        loop {
            let answer = api.refresh(refresh_token).await;
            if answer.status != 503 {
                return answer;
            }
        }
    };
    within(SOON, "the issuer has found Redis again", answered).await
}
