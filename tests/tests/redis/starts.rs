//! A server that starts before its Redis.

use http::Method;
use serde_json::Value;
use signet_test_servers::Redis;
use signet_tests::{Api, PATIENCE, SOON, Server, own_address, within};
use tokio::task::{spawn_blocking, yield_now};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_before_its_redis_waits_and_says_so_once() {
    let mut redis = Redis::start();
    let operations = own_address().to_string();
    let settings = [
        ("SIGNET_REDIS_URL", redis.url()),
        ("SIGNET_OPS_LISTEN", operations.clone()),
    ];
    let settings = settings.each_ref().map(|(name, value)| (*name, &**value));
    let mut server = Server::with(&settings);
    let account = server.api().register().await;
    let public = server.api().address();
    server.kill();
    redis.kill();

    let started = spawn_blocking(move || {
        server.start_again();
        server
    });
    let operations = Api::at(operations.parse().unwrap());
    let report = within(
        PATIENCE,
        "it says what it waits for",
        not_ready(&operations),
    )
    .await;
    let detail = report["checks"]["redis"]["detail"].as_str().expect("why");
    let said = format!(
        "redis_url: cannot reach Redis at {}: ",
        redis.socket().display()
    );
    assert!(detail.starts_with(&said), "{detail}");
    operations.get("/livez").await.expect(200);
    let refused = Api::at(public).refresh(&account.refresh_token).await;
    refused.problem(503, "unavailable");

    redis.start_again();
    let server = within(SOON, "it starts by itself", started).await.unwrap();
    server.operations().get("/readyz").await.expect(200);
    server.api().login(&account.email).await;
    let logs = server.logs();
    assert_eq!(
        logs.matches("the server waits and tries again").count(),
        1,
        "{logs}"
    );
    assert_eq!(
        logs.matches("every store can be reached now").count(),
        1,
        "{logs}"
    );
}

/// What `/readyz` says, as soon as it answers.
async fn not_ready(operations: &Api) -> Value {
    loop {
        let asked = operations.request(Method::GET, "/readyz");
        if let Some(reply) = operations.try_send(asked).await {
            return reply.expect(503).json();
        }
        yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_waits_for_its_redis_stops_when_it_is_told_to() {
    let mut redis = Redis::start();
    redis.kill();
    let folder = signet_tests::Folder::with_keys();
    let program = std::process::Command::new("timeout")
        .args(["--preserve-status", "1"])
        .arg(signet_tests::signet_program())
        .arg("serve")
        .current_dir(folder.path())
        .env_clear()
        .env("SIGNET_LISTEN", "127.0.0.1:0")
        .env("SIGNET_OPS_LISTEN", "127.0.0.1:0")
        .env("SIGNET_REDIS_URL", redis.url())
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(0), "{program:?}");
    let said = String::from_utf8_lossy(&program.stderr);
    assert!(said.contains("redis_url: cannot reach Redis at"), "{said}");
}
