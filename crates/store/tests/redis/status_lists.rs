//! Revocation lists on a server that comes back without them: no bit is leased twice, and what was
//! revoked is not valid again.

use std::time::Duration;

use signet_core::status_list::{ListId, StatusList};
use signet_store::{LeasedBlock, StatusCursor, Stores};
use signet_test_servers::Redis;
use signet_verifier::Timestamp;

use crate::epoch::answers;
use crate::given::{Place, after};

#[tokio::test]
async fn a_flush_revokes_the_lists_from_before() {
    let place = Place::open(Some(Redis::start())).await;
    let before = lease(&place.first, 1, after(1)).await;
    let redis = place.redis.as_ref().unwrap();
    assert_eq!(redis.cli(&["FLUSHALL"]), "OK");
    let next = lease(&place.second, 2, after(2)).await;
    assert_eq!((next.list.id, next.first), (ListId::from_bytes([2; 8]), 0));
    for stores in [&place.first, &place.second] {
        let refused_until = refused_until(stores, after(3)).await;
        assert!(before.list.opened_at <= refused_until);
        assert!(next.list.opened_at > refused_until);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_from_an_older_copy_leases_no_bit_twice() {
    let durable = ["--appendonly", "yes", "--appendfsync", "always"];
    let mut place = Place::open(Some(Redis::with(&durable))).await;
    let before = lease(&place.first, 1, after(1)).await;
    let image = place.redis.as_ref().unwrap().image();
    // Only the process that leased this block knows that the copy lacks it.
    let lost = lease(&place.first, 2, after(2)).await;
    assert_eq!((lost.list, lost.first), (before.list, 64));
    let redis = place.redis.as_mut().unwrap();
    redis.kill();
    redis.start_again_from(&image);
    answers(&place.first).await;
    assert!(before.list.opened_at <= refused_until(&place.first, after(3)).await);
    answers(&place.second).await;
    let next = lease(&place.second, 3, after(4)).await;
    assert_eq!((next.list.id, next.first), (ListId::from_bytes([3; 8]), 0));
}

async fn lease(stores: &Stores, id: u8, now: Timestamp) -> LeasedBlock {
    let list = StatusList::opening(ListId::from_bytes([id; 8]), now, Duration::from_mins(15));
    let times = (now, Timestamp::default());
    let client = "a".parse().unwrap();
    let leased = stores.status_lists.lease(&client, list, times);
    leased.await.unwrap()
}

async fn refused_until(stores: &Stores, now: Timestamp) -> Timestamp {
    let cursor = StatusCursor::default();
    let read = stores.status_lists.changes(&cursor, now).await.unwrap();
    read.0.refused_until
}
