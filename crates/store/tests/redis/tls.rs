//! Redis behind TLS.

use std::path::PathBuf;
use std::time::Duration;

use signet_store::{OpenError, RedisOptions, StoreUrls, Stores, open};
use signet_test_servers::Redis;
use tempfile::TempDir;

use crate::given::NOW;

#[tokio::test]
async fn a_certificate_of_the_named_authority_is_accepted() {
    let (redis, url) = server();
    let connected = connect(&url, Some(file("authority.pem"))).await;
    let (stores, _folder) = connected.unwrap();
    for backend in &stores.backends {
        backend.check().await.unwrap();
    }
    drop(redis);
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let (redis, url) = server();
    // The public ones, and one of another authority.
    for ca_file in [None, Some(file("server.pem"))] {
        let sentence = connect(&url, ca_file).await.err().unwrap().to_string();
        assert!(sentence.contains("invalid peer certificate"), "{sentence}");
    }
    drop(redis);
}

#[tokio::test]
async fn an_authority_that_cannot_be_read_is_a_sentence() {
    let missing = file("nowhere.pem");
    let sentence = |error: OpenError| error.to_string();
    let refused = connect("rediss://localhost", Some(missing.clone())).await;
    assert_eq!(
        refused.err().map(sentence).unwrap(),
        format!(
            "redis_url: redis.ca_file: cannot use {}: No such file or directory (os error 2)",
            missing.display()
        )
    );
    let not_pem = file("generate.sh");
    let refused = connect("rediss://localhost", Some(not_pem.clone())).await;
    assert_eq!(
        refused.err().map(sentence).unwrap(),
        format!(
            "redis_url: redis.ca_file: cannot use {}: it holds no certificates in PEM",
            not_pem.display()
        )
    );
}

fn server() -> (Redis, String) {
    let (certificate, key) = (file("server.pem"), file("server-key.pem"));
    Redis::with_tls(&certificate, &key)
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/redis/tls")
        .join(name)
}

/// Opens the stores, whose database is in a folder that goes with the value.
async fn connect(url: &str, ca_file: Option<PathBuf>) -> Result<(Stores, TempDir), OpenError> {
    let folder = tempfile::tempdir().unwrap();
    let stores = open(
        &StoreUrls {
            database_url: format!("sqlite://{}/signet.db", folder.path().display()),
            redis_url: Some(url.to_owned()),
            redis: RedisOptions {
                ca_file,
                // Reading the public authorities takes a busy machine longer than the default.
                timeout: Duration::from_secs(10),
                ..RedisOptions::default()
            },
            migration: signet_store::Migration::Automatic,
        },
        NOW,
    )
    .await?;
    Ok((stores, folder))
}
