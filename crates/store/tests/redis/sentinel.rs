//! A primary that Sentinels replace: what was ended stays ended, and sessions go on.

use signet_test_servers::{Redis, RedisPlan, RedisSentinels};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::given::{DENIED_UNTIL, Place, account_id, session, session_id};
use crate::outages::{PATIENCE, is_well_again};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fail_over_is_followed_and_loses_no_ending() {
    let mut servers = RedisSentinels::start(2, 3);
    let url = servers.url();
    let place = Place::open_at(url, ()).await;
    for number in 1..=8 {
        place.begin(&session(number, 0)).await;
    }
    for number in 1..=4 {
        let ended = place
            .first
            .sessions
            .end(account_id(1), session_id(number), DENIED_UNTIL);
        assert!(ended.await.unwrap());
    }
    servers.primary.kill();
    is_well_again(&place).await;
    assert_eq!(place.find(5).await, Some(session(5, 0)));
    let mut left = place.list().await;
    left.sort_unstable();
    assert_eq!(left, [5, 6, 7, 8]);
    for number in 1..=4 {
        assert!(place.is_denied(&session(number, 0)).await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hangs_is_left_for_its_successor() {
    let servers = RedisSentinels::start(2, 3);
    let place = Place::open_at(servers.url(), ()).await;
    place.begin(&session(1, 0)).await;
    let ended = place
        .first
        .sessions
        .end(account_id(1), session_id(1), DENIED_UNTIL);
    assert!(ended.await.unwrap());
    servers.primary.pause();
    is_well_again(&place).await;
    assert!(place.is_denied(&session(1, 0)).await);
    // It comes back as a primary, and a Sentinel makes it a replica: no connection follows it.
    servers.primary.resume();
    place.begin(&session(2, 0)).await;
    assert_eq!(place.find(2).await, Some(session(2, 0)));
    assert!(place.is_denied(&session(1, 0)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_replaced_unheard_is_left() {
    is_left_when_cut_off_with(&[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sentinel_that_missed_the_fail_over_is_not_believed() {
    // The URL names it first.
    is_left_when_cut_off_with(&[0]).await;
}

/// Cuts the primary off from all other servers but these Sentinels, and not from Signet.
async fn is_left_when_cut_off_with(sentinels: &[usize]) {
    let servers = RedisSentinels::planned(RedisPlan::partible(), 2, 3);
    let place = Place::open_at(servers.url(), ()).await;
    place.begin(&session(1, 0)).await;
    servers.wait_until_replicated();
    servers.part(sentinels);
    servers.wait_for_successor();
    // An ending is answered by a primary that has a replica, so by no other than the new one.
    is_well_again(&place).await;
    assert!(servers.primary.cli(&["ROLE"]).starts_with("master"));
    let left = async {
        while is_used(&servers.primary) {
            yield_now().await;
        }
    };
    timeout(PATIENCE, left).await.unwrap();
    place.begin(&session(2, 0)).await;
    servers.mend();
    servers.wait_for_demotion();
    assert_eq!(place.find(1).await, Some(session(1, 0)));
    assert_eq!(place.find(2).await, Some(session(2, 0)));
}

/// Whether anybody but a Sentinel is connected to a port of the server.
fn is_used(server: &Redis) -> bool {
    let clients = server.cli(&["CLIENT", "LIST", "TYPE", "normal"]);
    let mut clients = clients.lines();
    clients.any(|client| client.contains(" addr=127.0.0.1:") && !client.contains(" name=sentinel-"))
}
