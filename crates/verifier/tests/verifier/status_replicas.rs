//! Lists from replicas of an issuer, whose clocks differ and which learn of a revocation at
//! different times: what one of them has revoked stays revoked, and no list lives longer.

use std::time::Duration;

use signet_verifier::{Clock, Fetched, StatusListState};

use crate::status_rig::{POLL, StatusRig};
use crate::support::Token;

/// The list of a replica whose clock is behind: it expires as much earlier as it was issued.
fn issued_at(rig: &StatusRig, seconds: u64, revoked: &[usize]) -> Token {
    rig.list("a", revoked)
        .claim("iat", seconds)
        .claim("exp", seconds + 60)
}

#[tokio::test]
async fn a_replica_whose_clock_is_behind_revokes_with_the_next_poll() {
    let mut rig = StatusRig::warm().await;
    let start = rig.clock.now().as_seconds();
    rig.serve(&issued_at(&rig, start - 2, &[9]));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert_eq!(rig.outcome_now(&rig.token("a", 9)), "revoked");
    assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    let health = rig.keys.health().status_lists.remove(0);
    assert_eq!((health.failures_in_a_row, health.last_failure), (0, None));
    assert_eq!(health.age, Some(Duration::ZERO));
}

#[tokio::test]
async fn a_newer_list_of_a_replica_that_lags_ends_no_revocation() {
    let mut rig = StatusRig::warm().await;
    let start = rig.clock.now().as_seconds();
    for issued in [start, start + 1, start + 3] {
        rig.serve(&issued_at(&rig, issued, &[]));
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
        assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
        assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    }
}

#[tokio::test]
async fn lists_that_are_all_older_leave_the_known_one_until_it_expires() {
    let mut rig = StatusRig::warm().await;
    let start = rig.clock.now();
    let (good, revoked) = (rig.token("a", 0), rig.token("a", 7));
    rig.serve(&issued_at(&rig, start.as_seconds() - 1, &[]));
    for _ in 0..22 {
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    }
    // 88 s have passed. The list lived for 60 s, and clocks may differ by 30 s.
    rig.clock.advance(Duration::from_millis(1_999));
    assert_eq!(rig.outcome_now(&good), "accepted");
    assert_eq!(rig.outcome_now(&revoked), "revoked");
    rig.clock.advance(Duration::from_millis(1));
    assert_eq!(rig.outcome_now(&good), "revocation_unknown");
    assert_eq!(rig.outcome_now(&revoked), "revocation_unknown");
    let health = rig.keys.health().status_lists.remove(0);
    assert_eq!(health.state, StatusListState::Stale);
}
