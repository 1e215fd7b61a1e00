//! A primary that Sentinels replace: what was ended stays ended, and sessions go on.

use signet_test_servers::RedisSentinels;

use crate::given::{DENIED_UNTIL, Place, account_id, session, session_id};
use crate::outages::is_well_again;

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
