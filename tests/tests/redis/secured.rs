//! Redis with TLS only and with users who may do what the documentation says and no more.

use std::path::{Path, PathBuf};

use serde_json::json;
use signet_test_servers::{RedisCluster, RedisPlan, RedisSecurity, RedisSentinels, acl_user};
use signet_tests::{Folder, SOON, Server, run_signet, within};

use crate::{serve_twice_with, until_answered};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sentinels_with_tls_and_users_serve_before_and_after_a_fail_over() {
    let mut servers = RedisSentinels::planned(RedisPlan::secured(security("Redis")), 2, 3);
    let url = format!("{}?{WATCH}", signed_in(&servers.url()));
    let issuers = serve_both(&url);
    let kept = serves(&issuers).await;
    servers.wait_until_replicated();
    servers.primary.kill();
    goes_on(&issuers, &kept).await;
    tell_no_secret(&issuers);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_with_tls_and_users_serves_before_and_after_its_slots_moved() {
    let servers = RedisCluster::planned(RedisPlan::secured(security("Cluster")), 1);
    let issuers = serve_both(&signed_in(&servers.url()));
    let kept = serves(&issuers).await;
    // The old masters answer `MOVED` from then on.
    for (number, replica) in servers.replicas.iter().enumerate() {
        assert_eq!(replica.cli(&["CLUSTER", "FAILOVER"]), "OK");
        servers.wait_for_successor(number);
        servers.wait_for_demotion(number);
    }
    goes_on(&issuers, &kept).await;
    tell_no_secret(&issuers);
}

#[test]
fn a_wrong_password_stops_the_start_and_is_not_told() {
    let sentinels = RedisSentinels::planned(RedisPlan::secured(security("Redis")), 0, 1);
    let cluster = RedisCluster::planned(RedisPlan::secured(security("Cluster")), 0);
    let wrong = |url: &str| signed_in(url).replace(PASSWORD, "wr0ng");
    for url in [
        format!("{}?{WATCH}", wrong(&sentinels.url())),
        format!(
            "{}?{}",
            signed_in(&sentinels.url()),
            WATCH.replace(PASSWORD, "wr0ng")
        ),
        wrong(&cluster.url()),
    ] {
        let authority = certificate("authority");
        let settings = settings(&url, &authority);
        let ran = run_signet(&Folder::with_keys(), &["serve"], &settings);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!ran.success, "{said}");
        assert!(
            said.contains("refuses this user name and password"),
            "{said}"
        );
        for secret in ["wr0ng", PASSWORD] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

fn serve_both(url: &str) -> [Server; 2] {
    serve_twice_with(&settings(url, &certificate("authority")))
}

fn settings<'a>(url: &'a str, authority: &'a Path) -> [(&'static str, &'a str); 2] {
    let authority = authority.to_str().expect("a path");
    [
        ("SIGNET_REDIS_URL", url),
        ("SIGNET_REDIS_CA_FILE", authority),
    ]
}

/// People sign in, refresh and sign out at two issuers. Returns the tokens of a session each that
/// goes on, of accounts in different parts of a Cluster.
async fn serves([first, second]: &[Server; 2]) -> Vec<String> {
    let mut kept = Vec::new();
    for _ in 0..ACCOUNTS {
        let account = first.api().register().await;
        let ended = second.api().login(&account.email).await;
        let next = second.api().next_token(&account.refresh_token).await;
        let body = json!({"refresh_token": ended.refresh_token});
        second.api().post("/auth/logout", &body).await.expect(204);
        let refused = first.api().refresh(&ended.refresh_token).await;
        refused.problem(401, "session_ended");
        let refused = first.api().me(&ended.access_token).await;
        refused.problem(401, "session_ended");
        kept.push(first.api().next_token(&next).await);
    }
    kept
}

/// The sessions go on, and one of them can be ended.
async fn goes_on([first, second]: &[Server; 2], kept: &[String]) {
    for token in kept {
        let reply = until_answered(first.api(), token).await.expect(200);
        let next = reply.member("refresh_token");
        let reply = until_answered(second.api(), &next).await.expect(200);
        let next = reply.member("refresh_token");
        let body = json!({"refresh_token": next});
        let ended = async { while first.api().post("/auth/logout", &body).await.status == 503 {} };
        within(SOON, "a session is ended", ended).await;
        let refused = until_answered(second.api(), &next).await;
        refused.problem(401, "session_ended");
    }
}

fn tell_no_secret(issuers: &[Server]) {
    for issuer in issuers {
        assert!(!issuer.logs().contains(PASSWORD));
    }
}

fn signed_in(url: &str) -> String {
    url.replace("://", &format!("://signet:{PASSWORD}@"))
}

/// TLS with certificates of the tests, and the users of a section of docs/stores.md.
fn security(heading: &str) -> RedisSecurity {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/stores.md");
    RedisSecurity {
        certificate: certificate("server"),
        key: certificate("server-key"),
        authority: certificate("authority"),
        user: acl_user(&page, heading, PASSWORD),
        sentinel_user: acl_user(&page, "Sentinel", PASSWORD),
    }
}

fn certificate(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/store/tests/redis/tls")
        .join(format!("{name}.pem"))
}

const PASSWORD: &str = "c0rrect-horse";

/// How an issuer signs in to Sentinels.
const WATCH: &str = "sentinel_user=signet&sentinel_password=c0rrect-horse";

/// Enough for every master of a Cluster to have one.
const ACCOUNTS: usize = 8;
