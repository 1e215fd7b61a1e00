//! The database hangs, dies and comes back.

use serde_json::json;
use signet_tests::{Api, PASSWORD, Reply, SOON, fresh_email, run_signet, until, within};

use crate::SharedServers;

#[tokio::test]
async fn while_the_database_hangs_what_needs_it_is_refused_in_time() {
    let stores = SharedServers::start();
    let server = stores.replica(&[]);
    let account = server.api().register().await;
    stores.postgres.pause();
    everything_is_unavailable(server.api(), &account.email, &account.refresh_token).await;
    the_rest_goes_on(server.api()).await;

    stores.postgres.resume();
    works_soon(server.api(), &account.refresh_token).await;
    server.api().login(&account.email).await;
}

#[tokio::test]
async fn a_killed_database_comes_back_with_every_account() {
    let mut stores = SharedServers::start();
    let server = stores.replica(&[]);
    let account = server.api().register().await;
    stores.postgres.kill();
    everything_is_unavailable(server.api(), &account.email, &account.refresh_token).await;
    the_rest_goes_on(server.api()).await;

    stores.postgres.start_again();
    works_soon(server.api(), &account.refresh_token).await;
    server.api().login(&account.email).await;
    for once in [
        "lost the connection to PostgreSQL; trying again until it works",
        "connected to PostgreSQL again",
    ] {
        until(SOON, once, || server.logs().contains(once));
        assert_eq!(server.logs().matches(once).count(), 1, "{once}");
    }
}

#[tokio::test]
async fn an_invitation_outlasts_outages_of_redis_and_of_the_database() {
    let mut stores = SharedServers::start();
    let server = stores.replica(&[("SIGNET_REGISTRATION", "invite")]);
    let email = fresh_email();
    let operations = server.operations().address().to_string();
    let invite = ["account", "invite", &email, "--role", "clerk"];
    let invited = run_signet(
        server.folder(),
        &invite,
        &[("SIGNET_OPS_LISTEN", &operations)],
    );
    assert!(invited.success, "{invited:?}");
    let (_, token) = invited.stdout.split_once("token=").expect("a token");
    let token = token.split_whitespace().next();
    let accept = json!({"invitation": token, "password": PASSWORD, "token_delivery": "body"});
    let send = async || server.api().post("/auth/register", &accept).await;

    stores.redis.pause();
    unavailable(&send().await);
    stores.redis.resume();
    stores.postgres.kill();
    unavailable(&send().await);
    stores.postgres.start_again();
    let accepted = async {
        let mut reply = send().await;
        while reply.status != 201 {
            unavailable(&reply);
            reply = send().await;
        }
        reply
    };
    let accepted = within(SOON, "the invitation is accepted", accepted).await;
    assert_eq!(accepted.json()["account"]["roles"], json!(["clerk"]));
    server.api().login(&email).await;
}

async fn everything_is_unavailable(api: &Api, email: &str, refresh_token: &str) {
    let login = json!({"email": email, "password": PASSWORD});
    let refreshed = within(SOON, "a refresh is answered", api.refresh(refresh_token)).await;
    unavailable(&refreshed);
    unavailable(&api.post("/auth/login", &login).await);
}

fn unavailable(reply: &Reply) {
    reply.problem(503, "unavailable");
}

async fn the_rest_goes_on(api: &Api) {
    for path in [
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/healthz",
    ] {
        api.get(path).await.expect(200);
    }
}

/// The token is the one that was refused: no session is lost.
async fn works_soon(api: &Api, refresh_token: &str) {
    let refreshed = async {
        loop {
            let reply = api.refresh(refresh_token).await;
            if reply.status == 200 {
                return;
            }
            unavailable(&reply);
        }
    };
    within(SOON, "the issuer has found PostgreSQL again", refreshed).await;
}
