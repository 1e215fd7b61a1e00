//! Keys rotate twice while requests run: whatever Signet has signed is let in at every moment, by
//! gateways that are told of new keys and by one that fetches them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signet_tests::gateway::update_keys;
use signet_tests::{exchange, read_token, run_signet};

use crate::rig::{Rig, bearer, request};

#[tokio::test]
async fn haproxy_reads_new_keys_without_refusing_anybody() {
    reads_new_keys("haproxy", "USR2", "Loading success").await;
}

#[tokio::test]
async fn apache_reads_new_keys_without_refusing_anybody() {
    reads_new_keys("apache-openidc", "USR1", "resuming normal operations").await;
}

/// It fetches the keys anew for a token of a key that it does not know.
#[tokio::test]
async fn apache_fetches_new_keys_without_refusing_anybody() {
    let rig = Rig::with("apache", &AT_ONCE).await;
    rotates_unnoticed(&rig, || ()).await;
}

/// With the shipped script, a reload by this signal, and what the gateway writes when it has read.
async fn reads_new_keys(name: &str, signal: &str, loaded: &str) {
    let rig = Rig::with(name, &AT_ONCE).await;
    let times_loaded = || rig.gateway.log().matches(loaded).count();
    let reload = format!("kill -{signal} {}", rig.gateway.pid());
    rotates_unnoticed(&rig, || {
        let before = times_loaded();
        update_keys(
            rig.gateway.folder(),
            rig.issuer.folder(),
            &["sh", "-c", &reload],
        );
        while times_loaded() == before {
            thread::yield_now();
        }
    })
    .await;
    assert_eq!(times_loaded(), 3, "once for each rotation");
}

/// Rotates twice. Between the two, `update` does what an operator or a timer does in time.
async fn rotates_unnoticed(rig: &Rig, update: impl Fn()) {
    let mut tokens = vec![rig.account.access_token.clone()];
    for _ in 0..2 {
        let last = tokens.last().unwrap();
        tokens.push(next_key_signs(rig, last).await);
        let over = AtomicBool::new(false);
        let refused = thread::scope(|scope| {
            let requests = scope.spawn(|| refused_until(rig, &tokens, &over));
            update();
            over.store(true, Ordering::Relaxed);
            requests.join().unwrap()
        });
        assert_eq!(refused, Vec::<String>::new());
    }
}

/// Rotates, and answers with the first token that the new key has signed.
async fn next_key_signs(rig: &Rig, last: &str) -> String {
    let ran = run_signet(rig.issuer.folder(), &["keys", "rotate", "--now"], &AT_ONCE);
    assert!(ran.success, "{ran:?}");
    let kid = |token: &str| read_token(token).0["kid"].clone();
    loop {
        let token = rig
            .issuer
            .api()
            .login(&rig.account.email)
            .await
            .access_token;
        if kid(&token) != kid(last) {
            return token;
        }
    }
}

/// Shows every token, over and over and for some rounds after the end; answers with what was not 200.
fn refused_until(rig: &Rig, tokens: &[String], over: &AtomicBool) -> Vec<String> {
    let mut refused = Vec::new();
    let mut rounds_left = ROUNDS;
    while rounds_left > 0 {
        if over.load(Ordering::Relaxed) {
            rounds_left -= 1;
        }
        for (number, token) in tokens.iter().enumerate() {
            let text = request("GET /orders/7", &[bearer(token)]);
            let status = exchange(rig.gateway.address(), text.as_bytes()).map(|reply| reply.status);
            if status != Some(200) {
                refused.push(format!("token {number}: {status:?}"));
            }
        }
    }
    refused
}

/// Enough for every worker of a gateway to see every key.
const ROUNDS: usize = 20;
/// Nobody has to wait for others to learn of a key.
const AT_ONCE: [(&str, &str); 2] = [
    ("SIGNET_KEYS_PUBLISH_LEAD", "0s"),
    ("SIGNET_KEYS_RING_LAG", "0s"),
];
