//! Two replicas with a folder each, one of which is forgotten when the keys change.

use std::sync::Arc;
use std::time::Duration;

use signet_test_servers::Redis;
use signet_tests::{Folder, PATIENCE, Reply, Server, within};

use crate::backup::put_back;
use crate::{done, kid_of};

/// Refreshes until the answer has this status.
async fn refreshed(server: &Server, token: &mut String, status: u16) -> Reply {
    let waiting = async {
        // Not so often that others have to wait.
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        loop {
            ticks.tick().await;
            let reply = server.api().refresh(token).await;
            if reply.status == 200 {
                *token = reply.member("refresh_token");
            }
            if reply.status == status {
                return reply;
            }
        }
    };
    within(
        PATIENCE,
        &format!("a refresh with status {status}"),
        waiting,
    )
    .await
}

#[tokio::test]
async fn a_replica_that_is_forgotten_issues_nothing_until_its_folder_has_caught_up() {
    let redis = Redis::start();
    let [kept, forgotten] = [(); 2].map(|()| Arc::new(Folder::with_keys()));
    let (url, database) = (
        redis.url(),
        format!("sqlite://{}", kept.database().display()),
    );
    let settings = [
        ("SIGNET_REDIS_URL", url.as_str()),
        ("SIGNET_DATABASE_URL", &database),
        ("SIGNET_KEYS_RING_LAG", "1s"),
    ];
    let newest = Server::within(Arc::clone(&kept), &settings);
    let behind = Server::within(Arc::clone(&forgotten), &settings);
    let account = newest.api().register().await;
    let mut token = behind.api().next_token(&account.refresh_token).await;

    done(&kept, &["rotate", "--now"]);
    let refused = refreshed(&behind, &mut token, 503).await;
    refused.problem(503, "unavailable");
    let report = behind.operations().get("/readyz").await.expect(503).json();
    let why = report["checks"]["signing_key"]["detail"].as_str();
    let sentence =
        "the keys folder has generation 1 of the key ring, and others have had generation 2";
    assert!(why.expect("why").starts_with(sentence), "{report}");
    behind.api().me(&account.access_token).await.expect(200);
    behind.api().get("/.well-known/jwks.json").await.expect(200);
    newest.operations().get("/readyz").await.expect(200);
    let issued = refreshed(&newest, &mut token, 200).await;

    put_back(&kept.keys(), &forgotten.keys());
    let caught_up = refreshed(&behind, &mut token, 200).await;
    let kids = [issued, caught_up].map(|reply| kid_of(&reply.member("access_token")));
    assert_eq!(kids[0], kids[1]);
    behind.operations().get("/readyz").await.expect(200);
}
