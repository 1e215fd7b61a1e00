//! Two replicas on the same stores behave as one.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use signet_tests::{Api, PASSWORD, fresh_email};

use crate::SharedServers;

#[tokio::test]
async fn what_one_replica_does_the_other_knows() {
    let stores = SharedServers::start();
    let (first, second) = (stores.replica(&[]), stores.replica(&[]));
    let (one, other) = (first.api(), second.api());
    let account = one.register().await;
    other.me(&account.access_token).await.expect(200);
    assert_eq!(other.login(&account.email).await.id, account.id);
    let mut token = account.refresh_token;
    for api in [one, other, other, one] {
        token = api.next_token(&token).await;
    }
    let jwks = "/.well-known/jwks.json";
    let published = one.get(jwks).await.expect(200).body;
    assert_eq!(other.get(jwks).await.expect(200).body, published);

    let body = json!({"refresh_token": token});
    one.post("/auth/logout", &body).await.expect(204);
    other.refresh(&token).await.problem(401, "session_ended");
    let me = other.me(&account.access_token).await;
    me.problem(401, "session_ended");
}

#[tokio::test]
async fn fifty_refreshes_at_two_replicas_are_one_rotation() {
    let stores = SharedServers::start();
    let (first, second) = (stores.replica(&[]), stores.replica(&[]));
    let token = first.api().register().await.refresh_token;
    let refreshes = (0..50).map(|turn| either(turn, first.api(), second.api()).refresh(&token));
    let replies = join_all(refreshes).await.into_iter();
    let successors: BTreeSet<_> = replies
        .map(|reply| reply.expect(200).member("refresh_token"))
        .collect();
    assert_eq!(successors.len(), 1, "{successors:?}");
}

#[tokio::test]
async fn of_many_registrations_of_one_address_at_two_replicas_one_succeeds() {
    let stores = SharedServers::start();
    let (first, second) = (stores.replica(&[]), stores.replica(&[]));
    let body = json!({"email": fresh_email(), "password": PASSWORD, "token_delivery": "body"});
    let attempts = (0..20).map(|turn| {
        let api = either(turn, first.api(), second.api());
        api.post("/auth/register", &body)
    });
    let mut registered = 0;
    for reply in join_all(attempts).await {
        if reply.status == 201 {
            registered += 1;
        } else {
            reply.problem(409, "email_taken");
        }
    }
    assert_eq!(registered, 1);
}

#[tokio::test]
async fn a_new_password_at_one_replica_ends_the_sessions_of_the_other() {
    let stores = SharedServers::start();
    let (first, second) = (stores.replica(&[]), stores.replica(&[]));
    let account = first.api().register().await;
    let elsewhere = second.api().login(&account.email).await;
    let body = json!({"current_password": PASSWORD, "new_password": "engine no. 8 steams"});
    let changed = first
        .api()
        .post_as("/auth/password", &account.access_token, &body);
    changed.await.expect(204);
    let refused = second.api().refresh(&elsewhere.refresh_token).await;
    refused.problem(401, "session_ended");
    let refused = second.api().me(&elsewhere.access_token).await;
    refused.problem(401, "session_ended");
    second.api().next_token(&account.refresh_token).await;
}

#[tokio::test]
async fn a_replica_that_dies_takes_nothing_with_it() {
    let stores = SharedServers::start();
    let (mut first, second) = (stores.replica(&[]), stores.replica(&[]));
    let account = first.api().register().await;
    let token = first.api().next_token(&account.refresh_token).await;
    first.kill();
    second.api().next_token(&token).await;
    second.api().login(&account.email).await;
}

fn either<'a>(turn: usize, one: &'a Api, other: &'a Api) -> &'a Api {
    if turn.is_multiple_of(2) { one } else { other }
}
