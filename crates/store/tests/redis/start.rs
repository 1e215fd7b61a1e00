//! What is refused at the start, in sentences that hold no secret.

use std::path::Path;

use signet_store::{Migration, RedisOptions, StoreUrls, inspect_redis, open};
use signet_test_servers::Redis;

use crate::given::{NOW, documented_user};

#[tokio::test]
async fn a_server_that_evicts_is_refused() {
    let redis = Redis::with(&["--maxmemory-policy", "allkeys-lru"]);
    assert_eq!(
        refusal(&redis.url()).await,
        format!(
            "redis_url: Redis at {} has maxmemory-policy allkeys-lru and would drop sessions and \
             denials when memory runs short; set maxmemory-policy noeviction",
            redis.socket().display()
        )
    );
}

#[tokio::test]
async fn a_look_asks_for_the_time_and_writes_nothing() {
    let redis = Redis::start();
    let urls = |url: String| StoreUrls {
        database_url: "sqlite:///nowhere/signet.db".to_owned(),
        redis_url: Some(url),
        redis: RedisOptions::default(),
        migration: Migration::Automatic,
    };
    let found = inspect_redis(&urls(redis.url())).await.unwrap().unwrap();
    let name = format!("Redis at {}", redis.socket().display());
    assert_eq!(found.name, name);
    assert!(found.clock.is_some());
    assert_eq!(redis.cli(&["DBSIZE"]), "0");
    let evicting = Redis::with(&["--maxmemory-policy", "allkeys-lru"]);
    let refused = inspect_redis(&urls(evicting.url())).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("set maxmemory-policy noeviction")
    );
}

#[tokio::test]
async fn a_wrong_password_is_said_without_being_repeated() {
    let redis = Redis::with(&["--requirepass", "correct-horse"]);
    let refused = format!(
        "redis_url: Redis at {} refuses this user name and password",
        redis.socket().display()
    );
    for url in [
        redis.url(),
        redis.url_as("default", "wrong-battery"),
        redis.url_as("nobody", "correct-horse"),
    ] {
        let sentence = refusal(&url).await;
        assert!(sentence.starts_with(&refused), "{sentence}");
        for secret in ["wrong-battery", "correct-horse", "nobody"] {
            assert!(!sentence.contains(secret), "{sentence}");
        }
    }
    assert!(accepts(&redis.url_as("default", "correct-horse")).await);
}

#[tokio::test]
async fn a_user_needs_only_what_the_sentence_names() {
    let redis = Redis::start();
    let user = documented_user("Redis", "s3cret");
    let (_, grants) = user.split_once(" ~").unwrap();
    let user = format!("ACL SETUSER {user}");
    let words: Vec<_> = user.split(' ').collect();
    assert_eq!(redis.cli(&words), "OK");
    assert!(accepts(&redis.url_as("signet", "s3cret")).await);

    assert_eq!(
        redis.cli(&["ACL", "SETUSER", "signet", "-@scripting"]),
        "OK"
    );
    let sentence = refusal(&redis.url_as("signet", "s3cret")).await;
    let forbidden = format!(
        "redis_url: Redis at {} does not allow what is needed: ",
        redis.socket().display()
    );
    assert!(sentence.starts_with(&forbidden), "{sentence}");
    let (keys, commands) = grants.split_once(' ').unwrap();
    let rights = format!("the keys ~{keys} and the commands {commands};");
    assert!(sentence.contains(&rights), "{sentence}");
    assert!(!sentence.contains("s3cret"), "{sentence}");
}

#[tokio::test]
async fn a_user_who_may_not_ask_for_settings_is_accepted() {
    let redis = Redis::start();
    let user = "ACL SETUSER signet on >s3cret ~signet:* +@all -config -info";
    let words: Vec<_> = user.split(' ').collect();
    assert_eq!(redis.cli(&words), "OK");
    assert!(accepts(&redis.url_as("signet", "s3cret")).await);
}

#[tokio::test]
async fn no_server_is_a_sentence() {
    let mut redis = Redis::start();
    redis.kill();
    let sentence = refusal(&redis.url()).await;
    let unreachable = format!(
        "redis_url: cannot reach Redis at {}: ",
        redis.socket().display()
    );
    assert!(sentence.starts_with(&unreachable), "{sentence}");
    assert!(
        sentence.ends_with("; start it, or check the address; use rediss if it takes TLS only"),
        "{sentence}"
    );
}

#[tokio::test]
async fn another_url_is_refused_without_being_repeated() {
    for url in [
        "",
        "hunter2",
        "http://hunter2@localhost",
        "redis://:hunter2@",
    ] {
        let sentence = refusal(url).await;
        assert!(
            sentence.starts_with("redis_url: this value is not supported; supported is redis://"),
            "{sentence}"
        );
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
    assert_eq!(
        refusal("rediss://localhost/#insecure").await,
        "redis_url: `#insecure` would accept any certificate; name the authority in redis.ca_file \
         instead"
    );
}

async fn accepts(url: &str) -> bool {
    open_beside(tempfile::tempdir().unwrap().path(), url)
        .await
        .is_ok()
}

async fn refusal(url: &str) -> String {
    let opened = open_beside(tempfile::tempdir().unwrap().path(), url).await;
    opened.err().unwrap().to_string()
}

async fn open_beside(
    folder: &Path,
    url: &str,
) -> Result<signet_store::Stores, signet_store::OpenError> {
    open(
        &StoreUrls {
            database_url: format!("sqlite://{}/signet.db", folder.display()),
            redis_url: Some(url.to_owned()),
            redis: RedisOptions::default(),
            migration: Migration::Automatic,
        },
        NOW,
    )
    .await
}
