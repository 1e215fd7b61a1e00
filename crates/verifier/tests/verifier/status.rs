//! Revocation by status lists: who is refused, from when on, and what a verifier fetches for it.

use std::time::Duration;

use serde_json::json;
use signet_verifier::{
    Error, FetchError, Fetched, Keys, Policy, RemoteKeys, SetupError, StatusListState, Verifier,
};

use crate::jwks_server::Behaviour;
use crate::rig::at_once;
use crate::status_rig::{POLL, StatusRig};
use crate::support::{AUDIENCE, clock, jwks, other, reason, signer};

#[tokio::test]
async fn a_revoked_token_is_refused_with_401_and_others_are_accepted() {
    let rig = StatusRig::warm().await;
    assert_eq!(rig.outcome(&rig.token("a", 6)).await, "accepted");
    assert_eq!(rig.outcome(&rig.token("a", 8)).await, "accepted");
    let refusal = rig.verifier.verify(&rig.token("a", 7)).unwrap_err();
    assert_eq!(refusal, Error::Revoked);
    assert_eq!((refusal.http_status(), refusal.reason()), (401, "revoked"));
    assert_eq!(refusal.oauth_error(), Some("invalid_token"));
    let request = rig.lists_server.requests().remove(0);
    assert!(
        request.starts_with("get /status/a http/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("accept: application/statuslist+jwt\r\n"));
}

#[tokio::test]
async fn a_revocation_is_known_with_the_next_poll_and_nobody_waits() {
    let mut rig = StatusRig::warm().await;
    let token = rig.token("a", 9);
    assert_eq!(rig.outcome_now(&token), "accepted");
    rig.serve(&rig.list("a", &[7, 9]));
    rig.clock.advance(Duration::from_millis(2_400));
    assert_eq!(rig.outcome_now(&token), "accepted");
    assert_eq!(rig.lists_server.requests().len(), 1);
    rig.clock.advance(Duration::from_millis(1_200));
    let outcome = at_once(rig.verifier.verify_async(&token)).expect("no waiting");
    assert_eq!(reason(outcome), "accepted");
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.outcome_now(&token), "revoked");
}

#[tokio::test]
async fn a_verification_that_cannot_wait_gets_503_at_first_sight_of_a_list() {
    let mut rig = StatusRig::new().await;
    rig.serve(&rig.list("a", &[7]));
    let refusal = rig.verifier.verify(&rig.token("a", 0)).unwrap_err();
    assert_eq!(refusal.reason(), "revocation_unknown");
    assert_eq!(refusal.http_status(), 503);
    assert_eq!(refusal.retry_after_seconds(), Some(1));
    assert_eq!(refusal.www_authenticate("orders"), None);
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
}

#[tokio::test]
async fn a_hundred_first_requests_share_one_fetch() {
    let rig = StatusRig::new().await;
    rig.serve(&rig.list("a", &[7]));
    let token = rig.token("a", 0);
    let first = rig.outcome(&token);
    for _ in 0..100 {
        assert_eq!(rig.outcome_now(&token), "revocation_unknown");
    }
    assert_eq!(first.await, "accepted");
    assert_eq!(rig.lists_server.requests().len(), 1);
}

#[tokio::test]
async fn the_first_request_of_a_service_waits_for_keys_and_list() {
    let rig = StatusRig::new().await;
    rig.serve(&rig.list("a", &[7]));
    let keys = RemoteKeys::builder()
        .check_status()
        .clock(rig.shared_clock());
    let keys = keys.build(&rig.keys_server.url()).unwrap();
    let verifier = Verifier::with_clock(rig.policy(), keys, rig.shared_clock());
    let outcome = verifier.verify_async(&rig.token("a", 7)).await;
    assert_eq!(reason(outcome), "revoked");
    let outcome = verifier.verify_async(&rig.token("a", 0)).await;
    assert_eq!(reason(outcome), "accepted");
}

#[tokio::test]
async fn a_token_without_status_is_accepted_unless_the_policy_requires_it() {
    let rig = StatusRig::warm().await;
    let token = rig.without_status().sign();
    assert_eq!(rig.outcome(&token).await, "accepted");
    let strict = rig.verifier_with(rig.policy().require_status());
    assert_eq!(strict.verify(&token).unwrap_err(), Error::StatusMissing);
    assert_eq!(reason(strict.verify(&rig.token("a", 0))), "accepted");
    let keys = Keys::from_jwks(jwks(&[signer().jwk()])).unwrap();
    let unchecked = Verifier::with_clock(rig.policy().require_status(), keys, clock());
    let outcome = unchecked.verify(&rig.token("a", 0));
    assert_eq!(reason(outcome), "revocation_unknown");
}

#[tokio::test]
async fn a_status_that_names_no_entry_is_refused_where_status_is_checked() {
    let rig = StatusRig::warm().await;
    let unchecked = RemoteKeys::new(&rig.keys_server.url()).unwrap();
    unchecked.prefetch().await.unwrap();
    let unchecked = Verifier::with_clock(rig.policy(), unchecked, rig.shared_clock());
    for status in [
        json!("active"),
        json!(null),
        json!({}),
        json!({ "status_list": {} }),
        json!({ "status_list": { "idx": -1, "uri": rig.uri("a") } }),
        json!({ "status_list": { "idx": 1.5, "uri": rig.uri("a") } }),
        json!({ "status_list": { "idx": "1", "uri": rig.uri("a") } }),
        json!({ "status_list": { "idx": 1, "uri": null } }),
    ] {
        let token = rig.unsigned(status.clone()).sign();
        assert_eq!(rig.outcome(&token).await, "claims_malformed", "{status}");
        assert_eq!(reason(unchecked.verify(&token)), "accepted", "{status}");
    }
    let beyond = rig.token("a", 128);
    assert_eq!(rig.outcome(&beyond).await, "revocation_unknown");
    let far_beyond = rig.token("a", u64::MAX);
    assert_eq!(rig.outcome(&far_beyond).await, "revocation_unknown");
}

#[tokio::test]
async fn a_service_that_reads_the_status_itself_still_finds_it() {
    #[derive(serde::Deserialize)]
    struct Extra {
        status: serde_json::Value,
    }
    let rig = StatusRig::warm().await;
    let claims = rig.verifier.verify_as::<Extra>(&rig.token("a", 3)).unwrap();
    assert_eq!(claims.extra.status["status_list"]["idx"], 3);
}

#[tokio::test]
async fn a_list_outside_the_issuers_url_is_never_fetched() {
    let rig = StatusRig::warm().await;
    let evil = crate::jwks_server::JwksServer::start(Behaviour::status(500)).await;
    let issuer = &rig.lists_server.origin;
    for uri in [
        format!("{}/status/a", evil.origin),
        format!("{issuer}1/status/a"),
        format!("{issuer}.evil.test/status/a"),
        format!("{issuer}@{}/status/a", evil.origin),
        format!("{issuer}/../status/a"),
        format!("{issuer}/status/a?list=b"),
        format!("{issuer}/status/a#b"),
        format!("{issuer}/status/%2e%2e/a"),
        format!("{issuer}/status/a b"),
        issuer.clone(),
        String::new(),
    ] {
        let status = json!({ "status_list": { "idx": 0, "uri": uri } });
        let token = rig.unsigned(status).sign();
        assert_eq!(rig.outcome(&token).await, "status_list_refused", "{uri}");
    }
    assert_eq!(evil.requests(), [""; 0]);
    assert_eq!(rig.lists_server.requests().len(), 1);
    assert_eq!(rig.keys.health().status_lists.len(), 1);
}

#[tokio::test]
async fn only_tokens_that_are_valid_otherwise_make_a_fetch() {
    let rig = StatusRig::new().await;
    let status = json!({ "status_list": { "idx": 0, "uri": rig.uri("a") } });
    let token = rig.unsigned(status);
    let forged = other().sign(&token.header_json(), &token.claims_json());
    assert_eq!(rig.outcome(&forged).await, "signature_invalid");
    let elsewhere = token.clone().claim("aud", "another").sign();
    assert_eq!(rig.outcome(&elsewhere).await, "audience_mismatch");
    assert_eq!(rig.lists_server.requests(), [""; 0]);
    assert_eq!(rig.keys.health().status_lists, []);
}

#[tokio::test]
async fn an_unchanged_list_is_not_sent_again_and_stays_in_use() {
    let mut rig = StatusRig::new().await;
    let list = rig.list("a", &[7]).sign();
    rig.lists_server.becomes(Behaviour::Tagged {
        etag: "\"1\"".to_owned(),
        body: list,
    });
    assert_eq!(rig.outcome(&rig.token("a", 7)).await, "revoked");
    assert_eq!(rig.fetched().await, Ok(Fetched::Received));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::NotModified));
    assert_eq!(rig.outcome_now(&rig.token("a", 7)), "revoked");
    assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    // An expired list is fetched without a condition, so that the issuer sends the new one.
    let expired = rig.poll_after(Duration::from_secs(60)).await;
    assert_eq!(expired, Ok(Fetched::Received));
}

#[tokio::test]
async fn a_304_to_a_request_without_a_condition_renews_no_list() {
    let mut rig = StatusRig::warm().await;
    rig.lists_server.becomes(Behaviour::status(304));
    let outcome = rig.poll_after(POLL).await;
    assert_eq!(outcome, Err(FetchError::Status(304)));
    let health = rig.keys.health().status_lists.remove(0);
    assert_eq!((health.failures_in_a_row, health.age), (1, Some(POLL)));
}

#[tokio::test]
async fn a_list_that_no_token_names_for_five_minutes_is_dropped() {
    let rig = StatusRig::warm().await;
    let uris = |rig: &StatusRig| {
        let lists = rig.keys.health().status_lists.into_iter();
        lists.map(|list| list.uri.into_string()).collect::<Vec<_>>()
    };
    rig.clock.advance(Duration::from_secs(299));
    rig.serve(&rig.list("b", &[7]));
    assert_eq!(rig.outcome(&rig.token("b", 7)).await, "revoked");
    assert_eq!(uris(&rig), [rig.uri("a"), rig.uri("b")]);
    rig.clock.advance(Duration::from_secs(1));
    rig.serve(&rig.list("c", &[7]));
    assert_eq!(rig.outcome(&rig.token("c", 7)).await, "revoked");
    assert_eq!(uris(&rig), [rig.uri("b"), rig.uri("c")]);
}

#[tokio::test]
async fn there_are_at_most_eight_lists_and_the_longest_idle_one_gives_way() {
    let rig = StatusRig::new().await;
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for name in names {
        rig.serve(&rig.list(name, &[7]));
        assert_eq!(rig.outcome(&rig.token(name, 0)).await, "accepted");
        rig.clock.advance(Duration::from_millis(100));
    }
    rig.serve(&rig.list("i", &[7]));
    let ninth = rig.verifier.verify_async(&rig.token("i", 0)).await;
    assert_eq!(ninth.unwrap_err().retry_after_seconds(), Some(60));
    rig.clock.advance(Duration::from_secs(30));
    for name in ["a", "c", "d", "e", "f", "g", "h"] {
        let _ = rig.outcome_now(&rig.token(name, 0));
    }
    rig.clock.advance(Duration::from_secs(31));
    rig.serve(&rig.list("i", &[7]));
    assert_eq!(rig.outcome(&rig.token("i", 7)).await, "revoked");
    let uris = rig.keys.health().status_lists;
    let uris: Vec<_> = uris.iter().map(|list| list.uri.to_string()).collect();
    assert_eq!(uris.len(), 8);
    assert!(!uris.contains(&rig.uri("b")) && uris.contains(&rig.uri("i")));
}

#[tokio::test]
async fn health_and_observer_show_age_and_outcome_of_each_list() {
    let mut rig = StatusRig::warm().await;
    rig.lists_server.becomes(Behaviour::status(500));
    rig.clock.advance(POLL);
    assert_eq!(rig.outcome_now(&rig.token("a", 0)), "accepted");
    let (uri, outcome, age) = rig.lists.recv().await.unwrap();
    assert_eq!((uri, age), (rig.uri("a"), Some(POLL)));
    assert_eq!(outcome, Err(FetchError::Status(500)));
    let health = rig.keys.health().status_lists.remove(0);
    assert_eq!((*health.uri).to_owned(), rig.uri("a"));
    assert_eq!(health.state, StatusListState::Current);
    assert_eq!((health.age, health.failures_in_a_row), (Some(POLL), 1));
    assert_eq!(health.last_failure, Some(FetchError::Status(500)));
    rig.clock.advance(Duration::from_secs(60));
    let health = rig.keys.health().status_lists.remove(0);
    assert_eq!(health.state, StatusListState::Stale);
}

#[tokio::test]
async fn lists_can_be_fetched_at_another_address_of_the_issuer() {
    let rig = StatusRig::new().await;
    let issuer = "https://auth.example.com";
    let uri = format!("{issuer}/status/a");
    rig.serve(
        &rig.list("a", &[7])
            .claim("sub", uri.as_str())
            .claim("iss", issuer),
    );
    let keys = RemoteKeys::builder()
        .check_status_at(format!("{}/inside/", rig.lists_server.origin))
        .clock(rig.shared_clock())
        .build(&rig.keys_server.url())
        .unwrap();
    let policy = Policy::new(issuer, AUDIENCE);
    let verifier = Verifier::with_clock(policy, keys, rig.shared_clock());
    let token = |index: u64| {
        let status = json!({ "status_list": { "idx": index, "uri": uri } });
        rig.unsigned(status).claim("iss", issuer).sign()
    };
    assert_eq!(reason(verifier.verify_async(&token(7)).await), "revoked");
    assert_eq!(reason(verifier.verify_async(&token(0)).await), "accepted");
    let request = rig.lists_server.requests().remove(0);
    assert!(
        request.starts_with("get /inside/status/a http/1.1\r\n"),
        "{request}"
    );
    let elsewhere = RemoteKeys::builder().check_status_at("http://10.0.0.1");
    let refused = elsewhere.build(&rig.keys_server.url()).unwrap_err();
    assert!(matches!(refused, SetupError::NotHttps { .. }), "{refused}");
}

#[cfg(feature = "cache")]
#[tokio::test]
async fn a_cached_token_is_refused_as_soon_as_the_list_says_so() {
    let mut rig = StatusRig::warm().await;
    let cached = signet_verifier::CachedVerifier::new(rig.verifier_with(rig.policy()), 10);
    let token = rig.token("a", 9);
    for _ in 0..2 {
        assert!(cached.verify(&token).is_ok());
    }
    rig.serve(&rig.list("a", &[7, 9]));
    assert_eq!(rig.poll_after(POLL).await, Ok(Fetched::Received));
    assert_eq!(cached.verify(&token).unwrap_err(), Error::Revoked);
}
