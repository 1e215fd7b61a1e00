//! The kid-miss rule: new keys are found by their first token, and bad tokens cause no flood.

use std::collections::HashSet;
use std::time::Duration;

use signet_verifier::{Clock, Fetched, MissAction};

use crate::jwks_server::Behaviour;
use crate::rig::{Rig, at_once};
use crate::support::{Token, jwks, other, reason, signer};

#[tokio::test]
async fn a_new_key_is_fetched_by_its_first_token() {
    let mut rig = Rig::warm().await;
    rig.server
        .becomes(Behaviour::keys(jwks(&[signer().jwk(), other().jwk()])));
    let rig_ref = &rig;
    let token = rig_ref.token_of(other());
    let (first, second) = tokio::join!(rig_ref.outcome(&token), rig_ref.outcome(&token));
    assert_eq!((first, second), ("accepted", "accepted"));
    assert_eq!(rig.server.requests().len(), 2);
    let misses = [rig.misses.recv().await, rig.misses.recv().await];
    assert_eq!(
        misses
            .map(Option::unwrap)
            .iter()
            .collect::<HashSet<_>>()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_caller_that_cannot_wait_finds_the_new_key_a_moment_later() {
    let mut rig = Rig::warm().await;
    rig.server.becomes(Behaviour::keys(jwks(&[other().jwk()])));
    let token = rig.token_of(other());
    assert_eq!(reason(rig.verifier.verify(&token)), "unknown_key");
    assert_eq!(rig.fetches.recv().await.unwrap(), Ok(Fetched::Received));
    assert_eq!(reason(rig.verifier.verify(&token)), "accepted");
}

#[tokio::test]
async fn a_thousand_bogus_kids_make_two_fetches_and_six_a_minute() {
    let rig = Rig::warm().await;
    for number in 0..1_000 {
        let token = rig.token_of_kid(&format!("bogus-{number}"));
        assert_eq!(rig.outcome(&token).await, "unknown_key");
    }
    assert_eq!(rig.server.requests().len(), 1 + 2);
    for second in 1..60 {
        rig.clock.advance(Duration::from_secs(1));
        for number in 0..10 {
            let token = rig.token_of_kid(&format!("bogus-{second}-{number}"));
            assert_eq!(rig.outcome(&token).await, "unknown_key");
        }
    }
    assert!(
        rig.server.requests().len() <= 1 + 6,
        "{}",
        rig.server.requests().len()
    );
}

#[tokio::test]
async fn a_real_new_key_gets_through_a_flood_of_bogus_ones_within_15_seconds() {
    let rig = Rig::warm().await;
    let mut accepted_at = None;
    for second in 0..30_u32 {
        if second == 10 {
            rig.server
                .becomes(Behaviour::keys(jwks(&[signer().jwk(), other().jwk()])));
        }
        for number in 0..20 {
            rig.outcome(&rig.token_of_kid(&format!("bogus-{second}-{number}")))
                .await;
        }
        if second >= 10 && rig.outcome(&rig.token_of(other())).await == "accepted" {
            accepted_at = accepted_at.or(Some(second));
        }
        rig.clock.advance(Duration::from_secs(1));
    }
    assert!(
        accepted_at.is_some_and(|second| second <= 25),
        "{accepted_at:?}"
    );
}

#[tokio::test]
async fn a_token_that_would_not_pass_anyway_never_makes_a_fetch() {
    let mut rig = Rig::warm().await;
    rig.clock.advance(Duration::from_secs(200));
    let now = rig.clock.now().as_seconds();
    let unknown = || {
        Token::good()
            .header("kid", "bogus")
            .claim("iat", now)
            .claim("exp", now + 60)
    };
    for token in [
        unknown().claim("aud", "another"),
        unknown().claim("iss", "https://evil.test"),
        unknown().claim("exp", now - 60),
        unknown().without_claim("sub"),
        unknown().claim("scope", 1),
    ] {
        let outcome = at_once(rig.verifier.verify_async(&token.sign())).expect("no waiting");
        assert_eq!(reason(outcome), "unknown_key");
    }
    let from_before = unknown().claim("iat", now - 501).sign();
    let outcome = at_once(rig.verifier.verify_async(&from_before)).expect("no waiting");
    assert_eq!(reason(outcome), "unknown_key");
    assert_eq!(rig.misses.recv().await, Some(MissAction::NotEligible));
    assert_eq!(rig.server.requests().len(), 1);
}
