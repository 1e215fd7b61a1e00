//! What a session costs in Redis.

use std::net::IpAddr;

use signet_core::session::{SeenFrom, Session};
use signet_store::Swapped;
use signet_test_servers::Redis;

use crate::given::{Place, session, successor};

#[tokio::test]
#[expect(clippy::print_stdout, reason = "`make session-bytes` shows it")]
async fn a_session_takes_at_most_300_bytes_however_often_it_rotated() {
    let place = Place::open(Some(Redis::start())).await;
    let address = IpAddr::from([203, 0, 113, 9]);
    let later = SeenFrom::new(UPDATED_BROWSER, Some(IpAddr::from([198, 51, 100, 9])));
    let mut current = session(1, 0).seen_from(SeenFrom::new(BROWSER, Some(address)));
    place.begin(&current).await;
    let at_first = bytes_used(&place, &current);
    for round in 1..=10_000 {
        let mut next = successor(&current, round * 600);
        next.refreshed_from = later.clone();
        let swapped = place.first.sessions.swap(&next).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
        current = next;
    }
    let at_last = bytes_used(&place, &current);
    println!("bytes of a session in Redis, as MEMORY USAGE counts: {at_first}");
    println!("after 10,000 rotations by an updated browser at another address: {at_last}");
    assert!(at_first <= 300, "{at_first}");
    assert!(at_last <= 300, "{at_last}");
}

/// As Redis counts it: key, value and their entry.
fn bytes_used(place: &Place, session: &Session) -> usize {
    let redis = place.redis.as_ref().unwrap();
    let id = std::str::from_utf8(session.id.as_bytes()).unwrap();
    let account = std::str::from_utf8(session.account_id.as_bytes()).unwrap();
    let key = format!("signet:s{{@{account}}}{id}");
    redis.cli(&["MEMORY", "USAGE", &key]).parse().unwrap()
}

const BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like \
                       Gecko) Chrome/142.0.0.0 Safari/537.36";

const UPDATED_BROWSER: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 \
                               (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36";
