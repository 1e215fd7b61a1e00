//! A primary that Sentinels replace while people use Signet.

use signet_test_servers::RedisSentinels;
use tokio::time::Instant;

use crate::crowd::Crowd;
use crate::serve_twice;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_dies_is_replaced_under_load() {
    let mut servers = RedisSentinels::start(2, 3);
    let issuers = serve_twice(&servers.url());
    let crowd = Crowd::begin(&issuers.each_ref()).await;
    let fault = Instant::now();
    servers.primary.kill();
    crowd.is_served("after the death of the primary").await;
    servers.primary.start_again();
    crowd.is_served("while the old primary returns").await;
    crowd.report().await.shows_no_older_session_lost(fault);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_hangs_is_replaced_under_load() {
    let servers = RedisSentinels::start(2, 3);
    let issuers = serve_twice(&servers.url());
    let crowd = Crowd::begin(&issuers.each_ref()).await;
    let fault = Instant::now();
    servers.primary.pause();
    crowd.is_served("after the primary has stopped").await;
    servers.primary.resume();
    crowd.is_served("while the old primary returns").await;
    crowd.report().await.shows_no_older_session_lost(fault);
}
