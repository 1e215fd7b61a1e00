//! Lists and keys: a new signer of a list makes the verifier look for new and revoked keys, within
//! the time of a poll and without a storm of fetches.

use std::time::Duration;

use serde_json::json;
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

/// A list whose issuer publishes these keys.
fn naming(rig: &StatusRig, kids: &[String]) -> Token {
    rig.list("a", &[7]).claim("kids", json!(kids))
}

/// A verifier that knows two keys, and a list that names both.
async fn with_two_keys() -> (StatusRig, [String; 2]) {
    let kids = [signer().kid(), other().kid()];
    let mut rig = StatusRig::warm().await;
    let both = jwks(&[signer().jwk(), other().jwk()]);
    rig.keys_server.becomes(Behaviour::keys(both));
    // The keys are due after 225 to 255 s.
    rig.clock.advance(Duration::from_secs(260));
    rig.serve(&naming(&rig, &kids));
    let _ = rig.outcome_now(&rig.token("a", 0));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    (rig, kids)
}

#[tokio::test]
async fn a_revoked_key_that_signs_no_list_is_refused_after_the_next_poll() {
    let (mut rig, [active, _]) = with_two_keys().await;
    let token = rig.token_of(other(), "a", 0);
    assert_eq!(rig.outcome_now(&token), "accepted");
    rig.keys_server
        .becomes(Behaviour::keys(jwks(&[signer().jwk()])));
    rig.serve(&naming(&rig, std::slice::from_ref(&active)));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "unknown_key");
    assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    // A token of an unknown key is a reason to look for that key.
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    for _ in 0..10 {
        rig.serve(&naming(&rig, std::slice::from_ref(&active)));
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    }
    assert!(rig.key_fetches.try_recv().is_err());
}

#[tokio::test]
async fn a_key_set_of_a_replica_that_lags_is_fetched_again_although_the_list_has_not_changed() {
    let (mut rig, [active, _]) = with_two_keys().await;
    let token = rig.token_of(other(), "a", 0);
    let list = naming(&rig, std::slice::from_ref(&active)).sign();
    rig.lists_server.becomes(Behaviour::Answer {
        status: 200,
        headers: "ETag: \"1\"\r\n".to_owned(),
        body: list,
    });
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "accepted");
    rig.keys_server
        .becomes(Behaviour::keys(jwks(&[signer().jwk()])));
    rig.lists_server.becomes(Behaviour::status(304));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::NotModified));
    assert_eq!(rig.key_fetches.recv().await, Some(Ok(Fetched::Received)));
    assert_eq!(rig.outcome_now(&token), "unknown_key");
}

#[tokio::test]
async fn a_key_that_stays_in_the_key_set_makes_at_most_two_fetches_a_minute() {
    let (mut rig, [active, _]) = with_two_keys().await;
    let before = rig.keys_server.requests().len();
    for _ in 0..15 {
        rig.serve(&naming(&rig, std::slice::from_ref(&active)));
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    }
    let made = rig.keys_server.requests().len() - before;
    assert!((1..=2).contains(&made), "{made}");
}

#[tokio::test]
async fn a_new_signer_that_was_published_before_makes_no_fetch_if_lists_name_the_keys() {
    let (mut rig, kids) = with_two_keys().await;
    rig.serve_text(signed_by_other(&naming(&rig, &kids)));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert!(rig.key_fetches.try_recv().is_err());
}

#[tokio::test]
async fn another_issuers_claim_of_that_name_is_ignored() {
    let (mut rig, _) = with_two_keys().await;
    for kids in [json!("a"), json!({"a": 1}), json!([1])] {
        rig.serve(&rig.list("a", &[7]).claim("kids", kids));
        assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    }
    assert!(rig.key_fetches.try_recv().is_err());
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
