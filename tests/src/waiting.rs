//! Waiting for others: what does not come ends a test with a sentence, instead of holding it up.

use std::thread;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// Waits until `what` has happened, and prints how long that took; fails after `limit`.
pub async fn within<T>(limit: Duration, what: &str, future: impl Future<Output = T>) -> T {
    let begun = Instant::now();
    let Ok(outcome) = timeout(limit, future).await else {
        panic!("not within {limit:?}: {what}");
    };
    println!("{what}: after {:?}", begun.elapsed());
    outcome
}

/// The same for what only a blocking function sees: looks again and again until `holds`.
#[track_caller]
pub fn until(limit: Duration, what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "not within {limit:?}: {what}");
        thread::sleep(PAUSE);
    }
    println!("{what}: after {:?}", begun.elapsed());
}

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(10);

/// What has not happened by then on the busiest of machines will never happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// For what is promised within two seconds. What is measured is printed; a test fails far beyond
/// the promise only, because others use the machine too, and far before a request is given up.
pub const SOON: Duration = Duration::from_secs(10);
