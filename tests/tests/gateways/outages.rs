//! The issuer refuses, breaks, hangs and dies: what clients get then. Nothing ever opens.

use serde_json::json;
use signet_test_servers::Redis;
use signet_tests::gateway::Gateway;

use crate::rig::{Rig, bearer, behind};
use crate::table;
use crate::tokens::check_challenge;

/// Looks at one gateway while its issuer is in trouble.
pub async fn check(name: &str) {
    let redis = Redis::start();
    let mut rig = Rig::with(name, &[("SIGNET_REDIS_URL", &redis.url())]).await;
    let forger = rig.forger();
    let good = bearer(&rig.account.access_token);
    // More than a header holds, which the issuer answers with 403.
    let scope = vec!["s".repeat(100); 11].join(" ");
    let forbidden = bearer(&forger.with_claims(&json!({"scope": scope})));
    let expired = bearer(&forger.expired());

    let mut seen = Vec::new();
    let mut look = |rig: &Rig, case: &str, header: Option<&String>| {
        let headers: Vec<_> = header.into_iter().cloned().collect();
        seen.push((case.to_owned(), status(rig, case, &headers)));
    };
    look(&rig, "well/good", Some(&good));
    look(&rig, "well/expired", Some(&expired));
    look(&rig, "well/forbidden", Some(&forbidden));
    look(&rig, "well/none", None);
    drop(redis);
    look(&rig, "broken/good", Some(&good));
    look(&rig, "broken/expired", Some(&expired));
    look(&rig, "broken/none", None);
    rig.issuer.pause();
    look(&rig, "hanging/good", Some(&good));
    look(&rig, "hanging/none", None);
    rig.issuer.kill();
    look(&rig, "dead/good", Some(&good));
    look(&rig, "dead/expired", Some(&expired));
    look(&rig, "dead/none", None);
    rig.gateway = Gateway::start(rig.shipped, behind(&rig.issuer, &rig.service));
    look(&rig, "never-seen/good", Some(&good));
    look(&rig, "never-seen/none", None);
    table::compare(TABLE, name, &seen);
}

/// The status that a client gets; for a good token the service has to have been asked as well.
fn status(rig: &Rig, state: &str, headers: &[String]) -> String {
    let (reply, received) = rig.send("GET /orders/7", headers);
    let Some(reply) = reply else {
        assert!(received.is_empty(), "{state}");
        return "closed".to_owned();
    };
    assert_eq!(reply.status == 200, received.len() == 1, "{state}");
    check_challenge(state, &reply);
    if reply.status == 503 {
        assert_eq!(reply.header("retry-after").len(), 1, "{state}: {reply:?}");
    }
    reply.status.to_string()
}

const TABLE: &str = include_str!("outages.txt");
