//! The issuer dies, or its database is behind what was handed out: every client goes on.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use signet_tests::{Api, Server};
use tokio::sync::Notify;

use crate::tokens::generation;

#[tokio::test]
async fn killed_in_the_middle_of_refreshes_it_loses_no_session() {
    let mut server = Server::start();
    let tokens = two_hundred_sessions(server.api()).await;

    let progress = Arc::new(Progress::default());
    let clients = tokens.into_iter().map(|token| {
        let (api, progress) = (server.api().clone(), Arc::clone(&progress));
        tokio::spawn(async move { refresh_until_it_dies(&api, token, &progress).await })
    });
    let clients: Vec<_> = clients.collect();
    progress.half_way.notified().await;
    server.kill();
    let tokens = join_all(clients).await;

    server.start_again();
    for token in tokens {
        let token = token.expect("a client");
        let next = server.api().next_token(&token).await;
        server.api().refresh(&next).await.expect(200);
    }
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let mut server = Server::start();
    for _ in 0..5 {
        let account = server.api().register().await;
        let gone = server.api().login(&account.email).await;
        let second = server.api().next_token(&account.refresh_token).await;
        let body = serde_json::json!({"refresh_token": gone.refresh_token});
        server.api().post("/auth/logout", &body).await.expect(204);
        server.kill();
        server.start_again();
        let api = server.api();
        assert_eq!(generation(&api.next_token(&second).await), 3);
        api.me(&account.access_token).await.expect(200);
        api.me(&gone.access_token)
            .await
            .problem(401, "session_ended");
        api.refresh(&gone.refresh_token)
            .await
            .problem(401, "session_ended");
        api.login(&account.email).await;
    }
}

#[tokio::test]
async fn a_record_set_back_by_one_rotation_heals() {
    let mut server = Server::start();
    let first = server.api().register().await.refresh_token;
    let second = server.api().next_token(&first).await;
    server.kill();
    let data = server.folder().path().join("data");
    let backup = server.folder().path().join("backup");
    copy_folder(&data, &backup);
    server.start_again();
    let third = server.api().next_token(&second).await;
    server.kill();
    fs::remove_dir_all(&data).unwrap();
    copy_folder(&backup, &data);
    server.start_again();

    // The store believes that the second token is the newest; the client holds the third.
    let api = server.api();
    let fourth = api.next_token(&third).await;
    assert_eq!(generation(&fourth), 4);
    assert_eq!(generation(&api.next_token(&fourth).await), 5);
    let logs = server.stop().logs;
    assert!(logs.contains("heal"), "the alarm is logged: {logs}");
}

async fn two_hundred_sessions(api: &Api) -> Vec<String> {
    let mut tokens = Vec::new();
    for _ in 0..10 {
        let account = api.register().await;
        let logins = join_all((0..19).map(|_| api.login(&account.email))).await;
        tokens.push(account.refresh_token);
        tokens.extend(logins.into_iter().map(|session| session.refresh_token));
    }
    assert_eq!(tokens.len(), 200);
    tokens
}

#[derive(Default)]
struct Progress {
    refreshed: AtomicUsize,
    half_way: Notify,
}

/// A client that refreshes again and again; gives the newest token that it has received.
async fn refresh_until_it_dies(api: &Api, mut token: String, progress: &Progress) -> String {
    loop {
        let request = api.request(http::Method::POST, "/auth/refresh");
        let body = serde_json::json!({"refresh_token": token});
        let Some(reply) = api.try_send(request.json(&body)).await else {
            return token;
        };
        token = reply.expect(200).member("refresh_token");
        if progress.refreshed.fetch_add(1, Ordering::Relaxed) + 1 == KILLED_AFTER {
            progress.half_way.notify_one();
        }
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Each of the 200 clients has refreshed two or three times by then, and all are at it.
const KILLED_AFTER: usize = 500;
