//! A server that comes back without denials: no access token from before is good any more.

use std::time::Duration;

use futures::future::join_all;
use signet_core::ids::TokenId;
use signet_store::{Denied, Stores, TokenFacts};
use signet_test_servers::Redis;
use signet_verifier::Timestamp;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::given::{DENIED_UNTIL, NOW, Place, account_id, session, session_id, token_of};

#[tokio::test]
async fn a_new_deny_list_refuses_no_token_issued_since_the_start() {
    let place = Place::open(Some(Redis::start())).await;
    assert_eq!(refused(&place.first, NOW, NOW).await, Some(false));
    assert_eq!(refused(&place.second, NOW, NOW).await, Some(false));
    let before = Timestamp::from_millis(NOW.as_millis() - 1_000);
    assert_eq!(refused(&place.first, before, NOW).await, Some(true));
}

#[tokio::test]
async fn a_flush_refuses_all_tokens_issued_until_it_is_noticed() {
    let place = Place::open(Some(Redis::start())).await;
    end(&place.first).await;
    let redis = place.redis.as_ref().unwrap();
    assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
    // Both processes notice at once, and one of them begins the epoch.
    let looks = (0..20).map(|turn| {
        let stores = place.handle(turn);
        async move { refused(&stores, at(3), at(5)).await }
    });
    for refused in join_all(looks).await {
        assert_eq!(refused, Some(true));
    }
    for stores in [&place.first, &place.second] {
        let ended = session(1, 0);
        let is_denied = stores.deny_list.is_denied(token_of(&ended), at(6));
        assert!(is_denied.await.unwrap());
        assert_eq!(refused(stores, at(5), at(6)).await, Some(true));
        assert_eq!(refused(stores, at(6), at(6)).await, Some(false));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_without_files_refuses_all_tokens_issued_before() {
    let mut place = Place::open(Some(Redis::start())).await;
    end(&place.first).await;
    let redis = place.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again();
    answers(&place.first).await;
    assert_eq!(refused(&place.first, at(1), at(5)).await, Some(true));
    assert_eq!(refused(&place.first, at(6), at(6)).await, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_from_an_older_copy_refuses_all_tokens_issued_before() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut place = Place::open(Some(Redis::with(&durable))).await;
    let image = place.redis.as_ref().unwrap().image();
    // Of the denial that the copy lacks, only the process that wrote it knows.
    end(&place.first).await;
    assert_eq!(refused(&place.first, at(1), at(2)).await, Some(false));
    let redis = place.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again_from(&image);
    answers(&place.first).await;
    assert_eq!(refused(&place.first, at(1), at(5)).await, Some(true));
    answers(&place.second).await;
    assert_eq!(refused(&place.second, at(1), at(7)).await, Some(true));
    assert_eq!(refused(&place.second, at(7), at(7)).await, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_epoch_that_comes_back_is_replaced() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut place = Place::open(Some(Redis::with(&durable))).await;
    let image = place.redis.as_ref().unwrap().image();
    let redis = place.redis.as_ref().unwrap();
    assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
    assert_eq!(refused(&place.first, at(1), at(5)).await, Some(true));
    let redis = place.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again_from(&image);
    answers(&place.first).await;
    assert_eq!(refused(&place.first, at(7), at(8)).await, Some(true));
    assert_eq!(refused(&place.first, at(9), at(9)).await, Some(false));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_that_loses_nothing_refuses_nothing() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut place = Place::open(Some(Redis::with(&durable))).await;
    end(&place.first).await;
    let redis = place.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again();
    for stores in [&place.first, &place.second] {
        answers(stores).await;
        assert_eq!(refused(stores, at(1), at(5)).await, Some(false));
    }
}

async fn end(stores: &Stores) {
    let session = session(1, 0);
    stores
        .sessions
        .create(&session, 100, DENIED_UNTIL)
        .await
        .unwrap();
    let ended = stores
        .sessions
        .end(account_id(1), session_id(1), DENIED_UNTIL);
    assert!(ended.await.unwrap());
    let other = Denied::Token {
        id: TokenId::from_bytes([9; 16]),
        status: None,
    };
    stores.deny_list.deny(&other, DENIED_UNTIL).await.unwrap();
}

/// Whether a token that was never denied is refused; `None` while there is no answer.
async fn refused(stores: &Stores, issued_at: Timestamp, now: Timestamp) -> Option<bool> {
    let client = "signet".parse().unwrap();
    let token = TokenFacts {
        account_id: None,
        session_id: None,
        clients: std::slice::from_ref(&client),
        id: TokenId::from_bytes([7; 16]),
        issued_at,
    };
    stores.deny_list.is_denied(token, now).await.ok()
}

/// Waits until the store answers.
pub(crate) async fn answers(stores: &Stores) {
    let redis = stores.backends.last().unwrap();
    let answers = async {
        while redis.check().await.is_err() {
            yield_now().await;
        }
    };
    timeout(PATIENCE, answers).await.unwrap();
}

fn at(seconds: u64) -> Timestamp {
    NOW.saturating_add(Duration::from_secs(seconds))
}

const PATIENCE: Duration = Duration::from_secs(30);
