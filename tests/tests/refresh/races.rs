//! Many at once: tabs that share a cookie, and endings that race with refreshes.

use std::collections::BTreeSet;

use futures::future::join_all;
use http::Method;
use rusqlite::Connection;
use serde_json::json;
use signet_tests::StoreChoice;

use crate::tokens::generation;

pub(crate) async fn fifty_simultaneous_refreshes_are_one_rotation_with_one_successor(
    stores: StoreChoice,
) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let mut token = account.refresh_token;
    for round in 2..5 {
        let replies = join_all((0..50).map(|_| api.refresh(&token))).await;
        let successors: BTreeSet<_> = replies
            .into_iter()
            .map(|reply| reply.expect(200).member("refresh_token"))
            .collect();
        assert_eq!(successors.len(), 1, "one successor: {successors:?}");
        token = successors.into_iter().next().unwrap();
        assert_eq!(generation(&token), round, "one rotation");
    }
}

pub(crate) async fn fifty_tabs_that_share_a_cookie_all_go_on(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let cookie = format!("signet_refresh={}", api.register().await.refresh_token);
    let replies = join_all((0..50).map(|_| api.post_with_cookie("/auth/refresh", &cookie))).await;
    let cookies: BTreeSet<_> = replies
        .into_iter()
        .map(|reply| reply.expect(200).set_cookie().value)
        .collect();
    assert_eq!(cookies.len(), 1);
}

// The trigger takes every swap away, as others would who are always quicker.
#[tokio::test]
async fn who_loses_every_race_is_told_to_come_back_and_loses_no_session() {
    let server = StoreChoice::Sqlite.serve();
    let api = server.api();
    let token = api.register().await.refresh_token;
    let database = Connection::open(server.folder().database()).expect("the database");
    let quicker =
        "CREATE TRIGGER quicker BEFORE UPDATE ON sessions BEGIN SELECT RAISE(IGNORE); END";
    database.execute_batch(quicker).expect("a trigger");
    let refused = api.refresh(&token).await;
    refused.problem(503, "unavailable");
    assert!(refused.header("retry-after").is_some());

    database
        .execute_batch("DROP TRIGGER quicker")
        .expect("no trigger");
    api.next_token(&token).await;
}

pub(crate) async fn two_issuers_on_one_database_agree_on_the_successor(stores: StoreChoice) {
    let one = stores.serve();
    let other = one.beside();
    let account = one.api().register().await;
    let all = (0..40).map(|number| {
        let api = if number % 2 == 0 {
            one.api()
        } else {
            other.api()
        };
        api.refresh(&account.refresh_token)
    });
    let successors: BTreeSet<_> = join_all(all)
        .await
        .into_iter()
        .map(|reply| reply.expect(200).member("refresh_token"))
        .collect();
    assert_eq!(successors.len(), 1);
}

pub(crate) async fn a_logout_that_races_refreshes_always_wins(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    for _ in 0..10 {
        let account = api.register().await;
        let refreshes = join_all((0..20).map(|_| api.refresh(&account.refresh_token)));
        let body = json!({"refresh_token": account.refresh_token});
        let logout = api.post("/auth/logout", &body);
        let (refreshes, logout) = tokio::join!(refreshes, logout);
        logout.expect(204);
        api.me(&account.access_token)
            .await
            .problem(401, "session_ended");
        for refreshed in refreshes {
            api.assert_over(&refreshed, "session_ended").await;
        }
    }
}

pub(crate) async fn logging_out_everywhere_while_sessions_refresh_leaves_none(stores: StoreChoice) {
    let server = stores.serve();
    let api = server.api();
    let account = api.register().await;
    let mut sessions = vec![account.clone()];
    for _ in 0..9 {
        sessions.push(api.login(&account.email).await);
    }
    let refreshes = join_all(
        sessions
            .iter()
            .map(|session| api.refresh(&session.refresh_token)),
    );
    let request = api
        .request(Method::POST, "/auth/logout-all")
        .bearer_auth(&account.access_token);
    let (refreshes, ended) = tokio::join!(refreshes, api.send(request));
    ended.expect(204);
    for (session, refreshed) in sessions.iter().zip(refreshes) {
        api.assert_over(&refreshed, "session_ended").await;
        api.refresh(&session.refresh_token)
            .await
            .problem(401, "session_ended");
    }
}
