//! Sentinels and a Cluster that take TLS only, from known users only: what is refused, in sentences
//! that hold no secret.

use std::path::PathBuf;
use std::time::Duration;

use signet_store::{Migration, OpenError, RedisOptions, StoreUrls, Stores, open};
use signet_test_servers::{RedisCluster, RedisPlan, RedisSecurity, RedisSentinels};
use tempfile::TempDir;

use crate::given::{NOW, documented_user};

#[tokio::test]
async fn sentinels_that_are_not_trusted_or_do_not_trust_us_are_refused() {
    let servers = RedisSentinels::planned(RedisPlan::secured(security("server")), 0, 1);
    let url = |user: &str, sentinel: &str| {
        let url = servers.url().replace("://", &format!("://{user}@"));
        format!("{url}?{sentinel}")
    };
    let right = url(SIGNET, WATCH);
    accepted(&right).await;
    for refused in [
        url("signet:wr0ng", WATCH),
        url(SIGNET, "sentinel_user=watch&sentinel_password=wr0ng"),
        servers.url(),
    ] {
        let sentence = refusal(&refused, "authority").await;
        contains(&sentence, "refuses this user name and password");
    }
    is_refused_without_trust(&right).await;

    let rights = ["ACL", "SETUSER", "watch", "-sentinel|master"];
    assert_eq!(servers.sentinels[0].cli(&rights), "OK");
    let sentence = refusal(&right, "authority").await;
    contains(&sentence, "does not allow what is needed");
    let user = documented_user("Sentinel", "");
    let (_, rights) = user.split_once("> ").unwrap();
    contains(&sentence, &format!("a user of Sentinels needs {rights}"));
}

#[tokio::test]
async fn a_cluster_that_is_not_trusted_or_does_not_trust_us_is_refused() {
    let servers = RedisCluster::planned(RedisPlan::secured(security("server")), 0);
    let url = |user: &str| servers.url().replace("://", &format!("://{user}@"));
    let right = url(SIGNET);
    accepted(&right).await;
    for refused in [url("signet:wr0ng"), url("other:s3cret"), servers.url()] {
        let sentence = refusal(&refused, "authority").await;
        contains(&sentence, "refuses this user name and password");
    }
    is_refused_without_trust(&right).await;

    for master in &servers.masters {
        let rights = ["ACL", "SETUSER", "signet", "-cluster|slots"];
        assert_eq!(master.cli(&rights), "OK");
    }
    let sentence = refusal(&right, "authority").await;
    contains(&sentence, "does not allow what is needed");
    contains(&sentence, "in a Cluster also +cluster|slots");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let sentinels = RedisSentinels::planned(RedisPlan::secured(security("elsewhere")), 0, 1);
    let cluster = RedisCluster::planned(RedisPlan::secured(security("elsewhere")), 0);
    let sentinels = format!("{}?{WATCH}", sentinels.url());
    for url in [sentinels, cluster.url()] {
        let url = url.replace("://", &format!("://{SIGNET}@"));
        let sentence = refusal(&url, "authority").await;
        contains(&sentence, "cannot reach Redis at localhost:");
        contains(&sentence, "certificate not valid for name \"localhost\"");
    }
}

/// Neither with another authority, nor without TLS.
async fn is_refused_without_trust(right: &str) {
    let sentence = refusal(right, "elsewhere").await;
    contains(&sentence, "cannot reach Redis at localhost:");
    contains(&sentence, "invalid peer certificate");
    let plain = right.replace("rediss+", "redis+");
    let sentence = refusal(&plain, "authority").await;
    contains(&sentence, "cannot reach Redis at localhost:");
    contains(&sentence, "use rediss if it takes TLS only");
}

fn security(certificate: &str) -> RedisSecurity {
    RedisSecurity {
        certificate: file(certificate),
        key: file(&format!("{certificate}-key")),
        authority: file("authority"),
        user: documented_user("Cluster", "s3cret"),
        sentinel_user: documented_user("Sentinel", "s3cret").replace("signet", "watch"),
    }
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/redis/tls")
        .join(format!("{name}.pem"))
}

async fn accepted(url: &str) {
    let (stores, _folder) = opened(url, "authority").await.unwrap();
    for backend in &stores.backends {
        backend.check().await.unwrap();
    }
}

async fn refusal(url: &str, authority: &str) -> String {
    let sentence = opened(url, authority).await.err().unwrap().to_string();
    for secret in ["s3cret", "wr0ng"] {
        assert!(!sentence.contains(secret), "{sentence}");
    }
    sentence
}

/// Opens the stores, whose database is in a folder that goes with the value.
async fn opened(url: &str, authority: &str) -> Result<(Stores, TempDir), OpenError> {
    let folder = tempfile::tempdir().unwrap();
    let urls = StoreUrls {
        database_url: format!("sqlite://{}/signet.db", folder.path().display()),
        redis_url: Some(url.to_owned()),
        redis: RedisOptions {
            ca_file: Some(file(authority)),
            // A busy machine takes longer than the default.
            timeout: Duration::from_secs(5),
            ..RedisOptions::default()
        },
        migration: Migration::Automatic,
    };
    let stores = open(&urls, NOW).await?;
    Ok((stores, folder))
}

fn contains(sentence: &str, part: &str) {
    assert!(sentence.contains(part), "{sentence}");
}

const SIGNET: &str = "signet:s3cret";
const WATCH: &str = "sentinel_user=watch&sentinel_password=s3cret";
