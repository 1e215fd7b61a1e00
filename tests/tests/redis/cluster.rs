//! A Cluster that loses a master or moves slots while people use Signet.

use std::sync::Arc;

use signet_test_servers::RedisCluster;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use crate::crowd::Crowd;
use crate::serve_twice;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_dies_is_replaced_under_load() {
    let mut servers = RedisCluster::start(1);
    let issuers = serve_twice(&servers.url());
    let crowd = Crowd::begin(&issuers.each_ref()).await;
    let fault = Instant::now();
    servers.masters[0].kill();
    // Its successor has no replica, so endings are refused until it is back as one.
    servers.wait_for_successor(0);
    println!("a replica has become master: after {:?}", fault.elapsed());
    servers.masters[0].start_again();
    crowd
        .is_served("after the master is back as a replica")
        .await;
    crowd.report().await.shows_no_older_session_lost(fault);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_move_under_load_and_no_session_is_lost() {
    let servers = Arc::new(RedisCluster::start(1));
    let issuers = serve_twice(&servers.url());
    let crowd = Crowd::begin(&issuers.each_ref()).await;
    let begun = Instant::now();
    let moving = Arc::clone(&servers);
    let moved = spawn_blocking(move || moving.move_slots(2_000, 0, 1));
    moved.await.expect("a whole move");
    println!("2000 slots have moved: after {:?}", begun.elapsed());
    crowd.is_served("after the move").await;
    crowd.report().await.shows_no_fault();
}
