//! Endings that wait for replicas.

use std::time::Duration;

use signet_store::{RedisOptions, StoreError};
use signet_test_servers::Redis;
use tokio::time::timeout;

use crate::given::{DENIED_UNTIL, NOW, Place, account_id, session, session_id};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ending_without_enough_acknowledgements_is_not_answered() {
    let primary = Redis::on_a_port(&[]);
    let replica = primary.replica();
    // The number is not set: there is one, so one is asked for.
    let place = Place::open(Some(primary)).await;
    place.begin(&session(1, 0)).await;
    let end = || {
        place
            .first
            .sessions
            .end(account_id(1), session_id(1), DENIED_UNTIL)
    };

    replica.pause();
    let StoreError::Unavailable { cause, .. } = end().await.unwrap_err() else {
        unreachable!("nothing is damaged");
    };
    assert_eq!(
        cause.to_string(),
        "not enough replicas acknowledged in time: 0 of 1"
    );
    // What is not an ending does not wait.
    place.begin(&session(2, 0)).await;
    assert!(place.find(2).await.is_some());

    replica.resume();
    let repeated = async { while end().await.is_err() {} };
    timeout(Duration::from_secs(5), repeated).await.unwrap();
    assert!(place.is_denied(&session(1, 0)).await);
    let sessions = &place.second.sessions;
    let found = sessions.find(account_id(1), session_id(1), NOW).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn nobody_waits_for_replicas_that_were_not_asked_for() {
    let primary = Redis::on_a_port(&[]);
    let replica = primary.replica();
    let options = RedisOptions {
        acknowledgements: Some(0),
        ..RedisOptions::default()
    };
    let place = Place::open_with(Some(primary), options).await;
    replica.pause();
    let sessions = &place.first.sessions;
    let ended = sessions.end(account_id(1), session_id(1), DENIED_UNTIL);
    assert!(!ended.await.unwrap());
}
