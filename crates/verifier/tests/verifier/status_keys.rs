//! Lists and keys: a new signer of a list makes the verifier look for new and revoked keys, within
//! the time of a poll and without a storm of fetches.

use std::time::Duration;

use signet_verifier::{Clock, Error, FetchError, Fetched, StatusListError};

use crate::jwks_server::Behaviour;
use crate::status_rig::{POLL, StatusRig};
use crate::support::{Token, jwks, other, signer};

fn signed_by_other(list: &Token) -> String {
    let list = list.clone().header("kid", other().kid());
    other().sign(&list.header_json(), &list.claims_json())
}

#[tokio::test]
async fn a_revoked_key_is_refused_after_the_next_poll() {
    let mut rig = StatusRig::warm().await;
    let token = rig.token("a", 0);
    assert_eq!(rig.outcome_now(&token), "accepted");
    // The leaked key leaves the key set, and another key signs lists from now on.
    rig.keys_server
        .becomes(Behaviour::keys(jwks(&[other().jwk()])));
    rig.clock.advance(POLL);
    rig.serve_text(signed_by_other(&rig.list("a", &[7])));
    assert_eq!(rig.outcome_now(&token), "accepted");
    let unknown = StatusListError::Token(Error::UnknownKey);
    assert_eq!(rig.fetched().await, Err(FetchError::StatusList(unknown)));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "unknown_key");
    // A second later, the list itself is known again.
    rig.clock.advance(Duration::from_secs(1));
    let by_other = rig.token_of(other(), "a", 0);
    let _ = rig.outcome_now(&by_other);
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.outcome_now(&by_other), "accepted");
    assert_eq!(rig.outcome_now(&rig.token_of(other(), "a", 7)), "revoked");
}

#[tokio::test]
async fn a_known_key_that_begins_to_sign_lists_is_a_reason_to_look_for_revoked_keys() {
    let mut rig = StatusRig::warm().await;
    let both = jwks(&[signer().jwk(), other().jwk()]);
    rig.keys_server.becomes(Behaviour::keys(both));
    // The keys are due after 225 to 255 s.
    rig.clock.advance(Duration::from_secs(260));
    rig.serve(&rig.list("a", &[7]));
    let _ = rig.outcome_now(&rig.token("a", 0));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    let token = rig.token("a", 0);
    rig.keys_server
        .becomes(Behaviour::keys(jwks(&[other().jwk()])));
    rig.clock.advance(POLL);
    rig.serve_text(signed_by_other(&rig.list("a", &[7])));
    assert_eq!(rig.outcome_now(&token), "accepted");
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "unknown_key");
    // Replicas may learn of it later, so the keys are fetched once more, and then no more.
    for _ in 0..10 {
        rig.clock.advance(POLL);
        rig.serve_text(signed_by_other(&rig.list("a", &[7])));
        let _ = rig.outcome_now(&rig.token_of(other(), "a", 0));
        assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    }
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert!(rig.key_fetches.try_recv().is_err());
}

#[tokio::test]
async fn an_older_list_of_another_key_is_a_reason_to_look_for_revoked_keys() {
    let mut rig = StatusRig::new().await;
    let both = jwks(&[signer().jwk(), other().jwk()]);
    rig.keys_server.becomes(Behaviour::keys(both));
    rig.keys.prefetch().await.unwrap();
    rig.clock.advance(Duration::from_secs(260));
    rig.serve(&rig.list("a", &[7]));
    let token = rig.token("a", 0);
    assert_eq!(rig.outcome(&token).await, "accepted");
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    rig.keys_server
        .becomes(Behaviour::keys(jwks(&[other().jwk()])));
    let issued = rig.clock.now().as_seconds();
    rig.clock.advance(POLL);
    // The replica that has learned of it has a clock that is behind.
    let older = rig.list("a", &[7]).claim("iat", issued - 2);
    rig.serve_text(signed_by_other(&older));
    assert_eq!(rig.outcome_now(&token), "accepted");
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "unknown_key");
}

#[tokio::test]
async fn lists_with_a_new_signer_each_time_make_at_most_six_fetches_of_keys_a_minute() {
    let mut rig = StatusRig::warm().await;
    let before = rig.keys_server.requests().len();
    for number in 0..15 {
        rig.clock.advance(POLL);
        let list = rig.list("a", &[]).header("kid", format!("bogus-{number}"));
        rig.serve(&list);
        let _ = rig.outcome_now(&rig.token("a", 0));
        let unknown = StatusListError::Token(Error::UnknownKey);
        assert_eq!(rig.fetched().await, Err(FetchError::StatusList(unknown)));
    }
    let made = rig.keys_server.requests().len() - before;
    assert!((1..=6).contains(&made), "{made}");
}
