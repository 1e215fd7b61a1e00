//! Two primaries for 15 seconds: a network failure cuts a server off from the others and not from
//! the issuers, while people use Signet.

use std::time::Duration;

use signet_test_servers::{RedisCluster, RedisPlan, RedisSentinels};
use signet_tests::{PATIENCE, Server, until};
use tokio::time::Instant;

use crate::crowd::Crowd;
use crate::report::{Report, Written};
use crate::serve_twice;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_primaries_lose_sign_ins_and_no_ending() {
    let mut parted = part(RedisPlan::partible()).await;
    for what in [Written::SignIn, Written::Refresh] {
        assert!(parted.written_at_the_old(what) > 0, "two primaries");
    }
    assert_eq!(parted.written_at_the_old(Written::SignOut), 0);
    let followed = parted.followed;
    let report = &mut parted.report;
    report.forgive(|accepted| accepted.issuer == CUT_OFF && accepted.asked < followed);
    report.shows_no_older_session_lost(parted.begun);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_min_replicas_the_old_primary_takes_no_writes() {
    let settings = "--min-replicas-to-write 1 --min-replicas-max-lag 1";
    let settings: Vec<_> = settings.split(' ').collect();
    let plan = RedisPlan::partible().with(&settings).down_after_ms(3_000);
    let mut parted = part(plan).await;
    for what in [Written::SignIn, Written::Refresh, Written::SignOut] {
        assert_eq!(parted.written_at_the_old(what), 0);
    }
    let followed = parted.followed;
    let report = &mut parted.report;
    report.forgive(|accepted| {
        accepted.what == "access token" && accepted.issuer == CUT_OFF && accepted.asked < followed
    });
    report.shows_no_older_session_lost(parted.begun);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_of_a_cluster_that_is_cut_off_stops_by_itself() {
    let servers = RedisCluster::planned(RedisPlan::partible(), 1);
    let issuers = serve_twice(&servers.url());
    let crowd = Crowd::begin(&issuers.each_ref()).await;
    let begun = Instant::now();
    servers.part(0);
    servers.wait_for_successor(0);
    println!("a replica has become master: after {:?}", begun.elapsed());
    crowd.is_busy_until(begun + PARTED).await;
    let old = &servers.masters[0];
    assert!(old.cli(&["ROLE"]).starts_with("master"));
    let answer = old.cli(&["GET", "any"]);
    assert!(answer.starts_with("CLUSTERDOWN"), "{answer}");
    servers.mend();
    servers.wait_for_demotion(0);
    crowd.is_served("after the old master is a replica").await;
    let report = crowd.report().await;
    report.shows_no_older_session_lost(begun);
}

/// What came of two primaries.
struct Parted {
    report: Report,
    begun: Instant,
    elected: Instant,
    mended: Instant,
    /// When the issuer that had stayed with the old primary had left it.
    followed: Instant,
}

impl Parted {
    fn written_at_the_old(&self, what: Written) -> usize {
        self.report
            .written(what, CUT_OFF, self.elected..self.mended)
    }
}

/// Cuts a primary and one of its Sentinels off for a while. One issuer reaches no other Sentinel
/// and stays with the old primary. The other one follows the fail-over, although it reaches the old
/// primary and that Sentinel too.
async fn part(plan: RedisPlan) -> Parted {
    let servers = RedisSentinels::planned(plan, 2, 3);
    let stays = Server::with(&[("SIGNET_REDIS_URL", &servers.url_by(0))]);
    let folder = stays.folder().clone();
    let follows = Server::within(folder, &[("SIGNET_REDIS_URL", &servers.url())]);
    let crowd = Crowd::begin(&[&stays, &follows]).await;
    let begun = Instant::now();
    servers.part(&[0]);
    let successor = servers.wait_for_successor();
    let elected = Instant::now();
    println!("a replica has become primary: after {:?}", elected - begun);
    has_left(&follows);
    crowd.is_busy_until(begun + PARTED).await;
    for server in [&servers.primary, &servers.replicas[successor]] {
        assert!(server.cli(&["ROLE"]).starts_with("master"));
    }
    assert!(!stays.logs().contains(LEFT));
    let mended = Instant::now();
    servers.mend();
    has_left(&stays);
    let followed = Instant::now();
    servers.wait_for_demotion();
    println!("it is a replica: after {:?}", mended.elapsed());
    crowd.is_served("after the old primary is a replica").await;
    let report = crowd.report().await;
    Parted {
        report,
        begun,
        elected,
        mended,
        followed,
    }
}

/// Waits until an issuer has left the primary that was replaced. Its connection for endings may have
/// been lost before, because no replica acknowledged.
fn has_left(issuer: &Server) {
    until(PATIENCE, "the issuer has left the old primary", || {
        let logs = issuer.logs();
        let mut lines = logs.lines();
        lines.any(|line| line.contains(LEFT) && line.contains("\"sessions\""))
    });
}

/// How long the network is parted.
const PARTED: Duration = Duration::from_secs(15);

/// The issuer that stays with the old primary.
const CUT_OFF: usize = 0;

const LEFT: &str = "left a Redis that is no longer the primary";
