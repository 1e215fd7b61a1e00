//! Keys rotate twice while requests run: whatever Signet has signed is let in at every moment, by
//! gateways that are told of new keys and by one that fetches them.

use std::net::SocketAddr;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;

use signet_tests::gateway::update_keys;
use signet_tests::{PATIENCE, exchange, read_token, run_signet, within};

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
    rotates_unnoticed(&rig, async || ()).await;
}

/// With the shipped script, a reload by this signal, and what the gateway writes when it has read.
async fn reads_new_keys(name: &str, signal: &str, loaded: &str) {
    let rig = Rig::with(name, &AT_ONCE).await;
    let times_loaded = || rig.gateway.log().matches(loaded).count();
    let reload = format!("kill -{signal} {}", rig.gateway.pid());
    rotates_unnoticed(&rig, async || {
        let before = times_loaded();
        update_keys(
            rig.gateway.folder(),
            rig.issuer.folder(),
            &["sh", "-c", &reload],
        );
        let loads = changes_from(before, times_loaded);
        within(PATIENCE, "the gateway loads the new keys", loads).await;
    })
    .await;
    assert_eq!(times_loaded(), 3, "once for each rotation");
}

/// Rotates twice. Between the two, `update` does what an operator or a timer does in time.
async fn rotates_unnoticed(rig: &Rig, update: impl AsyncFn()) {
    let mut tokens = vec![rig.account.access_token.clone()];
    for _ in 0..2 {
        let last = tokens.last().unwrap();
        tokens.push(next_key_signs(rig, last).await);
        let (address, shown) = (rig.gateway.address(), tokens.clone());
        // Whatever happens to the test, its end of the channel goes with it.
        let (going_on, is_over) = mpsc::channel();
        let requests = thread::spawn(move || refused_until(address, &shown, &is_over));
        update().await;
        drop(going_on);
        assert_eq!(requests.join().unwrap(), Vec::<String>::new());
    }
}

/// Rotates, and answers with the first token that the new key has signed.
async fn next_key_signs(rig: &Rig, last: &str) -> String {
    let ran = run_signet(rig.issuer.folder(), &["keys", "rotate", "--now"], &AT_ONCE);
    assert!(ran.success, "{ran:?}");
    let kid = |token: &str| read_token(token).0["kid"].clone();
    let signed = async {
        loop {
            let account = rig.issuer.api().login(&rig.account.email).await;
            if kid(&account.access_token) != kid(last) {
                return account.access_token;
            }
        }
    };
    within(PATIENCE, "the next key signs", signed).await
}

/// Shows every token, over and over and for some rounds after the end; answers with what was not 200.
fn refused_until(gateway: SocketAddr, tokens: &[String], is_over: &Receiver<()>) -> Vec<String> {
    let mut refused = Vec::new();
    let mut rounds_left = ROUNDS;
    while rounds_left > 0 {
        if is_over.try_recv() == Err(TryRecvError::Disconnected) {
            rounds_left -= 1;
        }
        for (number, token) in tokens.iter().enumerate() {
            let text = request("GET /orders/7", &[bearer(token)]);
            let status = exchange(gateway, text.as_bytes()).map(|reply| reply.status);
            if status != Some(200) {
                refused.push(format!("token {number}: {status:?}"));
            }
        }
    }
    refused
}

async fn changes_from(before: usize, count: impl Fn() -> usize) {
    while count() == before {
        tokio::task::yield_now().await;
    }
}

/// Enough for every worker of a gateway to see every key.
const ROUNDS: usize = 20;
/// No client waits for others to learn of a key.
const AT_ONCE: [(&str, &str); 2] = [
    ("SIGNET_KEYS_PUBLISH_LEAD", "0s"),
    ("SIGNET_KEYS_RING_LAG", "0s"),
];
