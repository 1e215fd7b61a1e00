//! What a start takes on the machine at hand: the first one, which makes two RSA keys, and those
//! that find their keys. Making keys is a matter of luck, so there are many rounds.

use std::sync::Arc;
use std::time::Duration;

use signet_tests::{Folder, Server, run_signet};
use signet_verifier::{Clock, SystemClock};

fn main() {
    let clock = SystemClock::new();
    let (mut making, mut starting) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let folder = Arc::new(Folder::empty());
        let began = clock.monotonic();
        let ran = run_signet(&folder, &["keys", "init"], &[]);
        making.push(clock.monotonic() - began);
        assert!(ran.success, "{}", ran.stderr);
        // The first one makes the database, too.
        Server::within(Arc::clone(&folder), &[]).stop();
        let began = clock.monotonic();
        let server = Server::within(folder, &[]);
        starting.push(clock.monotonic() - began);
        server.stop();
    }
    println!("medians of {ROUNDS} rounds");
    println!("  signet keys init             {:?}", median(making));
    println!("  start to ready, keys there   {:?}", median(starting));
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

const ROUNDS: usize = 30;
