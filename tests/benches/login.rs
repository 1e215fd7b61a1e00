//! What a login and a refresh take over HTTP, one after the other on the machine at hand.
//!
//! An unknown address and a wrong password have to take the same time, or the answer's delay tells
//! who has an account.

use std::time::Duration;

use serde_json::json;
use signet_tests::{Account, Api, PASSWORD, Reply, Server};
use signet_verifier::{Clock, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let server = Server::start();
    let api = server.api();
    let [account, refreshing] = [api.register().await, api.register().await];
    let clock = SystemClock::new();
    let mut times = [const { Vec::new() }; 4];
    let mut token = refreshing.refresh_token.clone();
    // Interleaved, so that whatever else the machine does hits all of them.
    for round in 0..ROUNDS {
        let unknown = format!("nobody-{round}@example.com");
        times[0].push(
            timed(&clock, login(api, &account.email, PASSWORD, 200))
                .await
                .0,
        );
        times[1].push(
            timed(&clock, login(api, &account.email, "not my password", 401))
                .await
                .0,
        );
        times[2].push(timed(&clock, login(api, &unknown, PASSWORD, 401)).await.0);
        let (time, next) = timed(&clock, refresh(api, &refreshing, &token)).await;
        times[3].push(time);
        token = next;
    }
    let [right, wrong, unknown, refresh] = times.map(median);
    println!("medians of {ROUNDS} interleaved rounds, one request at a time");
    println!("  login, right password   {right:?}");
    println!("  login, wrong password   {wrong:?}");
    println!("  login, unknown account  {unknown:?}");
    println!("  refresh                 {refresh:?}");
    let ratio = unknown.as_secs_f64() / wrong.as_secs_f64();
    println!("  unknown account / wrong password: {ratio:.3}");
}

async fn login(api: &Api, email: &str, password: &str, status: u16) -> Reply {
    let body = json!({"email": email, "password": password, "token_delivery": "body"});
    api.post("/auth/login", &body).await.expect(status)
}

async fn refresh(api: &Api, account: &Account, token: &str) -> String {
    let reply = api.refresh(token).await.expect(200);
    assert_eq!(reply.member("session_id"), account.session_id);
    reply.member("refresh_token")
}

async fn timed<T>(clock: &SystemClock, work: impl Future<Output = T>) -> (Duration, T) {
    let began = clock.monotonic();
    let result = work.await;
    (clock.monotonic() - began, result)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

const ROUNDS: usize = 100;
