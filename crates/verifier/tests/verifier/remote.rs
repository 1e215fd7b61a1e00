//! Remote keys against a server that behaves and misbehaves, on a clock that the test owns.

use std::sync::Arc;
use std::time::Duration;

use signet_verifier::{
    Error, FetchError, Fetched, Keys, KeysError, KeysState, KidRule, ManualClock, RemoteKeys,
    SetupError, Timestamp,
};

use crate::jwks_server::{Behaviour, JwksServer, closed_port};
use crate::rig::{Rig, at_once};
use crate::support::{NOW, clock, jwks, other, reason, signer};

#[tokio::test]
async fn a_hundred_cold_calls_make_one_fetch() {
    let rig = Arc::new(Rig::new(Behaviour::keys(jwks(&[signer().jwk()]))).await);
    assert_eq!(rig.keys.health().state, KeysState::Empty);
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let rig = Arc::clone(&rig);
            tokio::spawn(async move { rig.outcome(&rig.token()).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), "accepted");
    }
    assert_eq!(rig.server.requests().len(), 1);
    assert_eq!(rig.keys.health().state, KeysState::Fresh);
}

#[tokio::test]
async fn without_keys_it_says_503_and_asks_no_more_than_the_back_off_allows() {
    let mut rig = Rig::new(Behaviour::status(500)).await;
    let Err(Error::KeysUnavailable { .. }) = rig.verifier.verify_async(&rig.token()).await else {
        panic!("there are no keys");
    };
    assert_eq!(
        rig.fetches.recv().await.unwrap(),
        Err(FetchError::Status(500))
    );
    for _ in 0..100 {
        let outcome = at_once(rig.verifier.verify_async(&rig.token()));
        let Some(Err(error @ Error::KeysUnavailable { .. })) = outcome else {
            panic!("it waits between attempts");
        };
        assert_eq!(
            (error.http_status(), error.retry_after_seconds()),
            (503, Some(1))
        );
    }
    assert_eq!(rig.server.requests().len(), 1);
    rig.server.becomes(Behaviour::keys(jwks(&[signer().jwk()])));
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.outcome(&rig.token()).await, "accepted");
}

#[tokio::test]
async fn good_tokens_never_wait_for_a_server_that_hangs_or_is_gone() {
    for behaviour in [Behaviour::Hang, Behaviour::Close] {
        let rig = Rig::warm().await;
        rig.server.becomes(behaviour);
        rig.clock.advance(Duration::from_secs(5 * 60));
        let token = rig.token();
        for _ in 0..5_000 {
            let outcome = at_once(rig.verifier.verify_async(&token));
            assert_eq!(reason(outcome.expect("no waiting")), "accepted");
        }
        assert_eq!(rig.keys.health().state, KeysState::Stale);
    }
}

#[tokio::test]
async fn a_day_without_the_issuer_fails_closed_and_its_return_heals() {
    let mut rig = Rig::warm().await;
    rig.server.becomes(Behaviour::status(503));
    for hour in 1..24 {
        let failure = rig.refresh_after(Duration::from_secs(60 * 60)).await;
        assert_eq!(failure, Err(FetchError::Status(503)), "hour {hour}");
        assert_eq!(rig.outcome(&rig.token()).await, "accepted", "hour {hour}");
        assert_eq!(rig.keys.health().state, KeysState::Stale);
    }
    assert!(
        rig.refresh_after(Duration::from_secs(60 * 60))
            .await
            .is_err()
    );
    assert_eq!(rig.keys.health().state, KeysState::Dead);
    for token in [rig.token(), rig.token_of(other())] {
        let outcome = at_once(rig.verifier.verify_async(&token)).expect("no waiting");
        assert_eq!(reason(outcome), "keys_unavailable");
    }
    rig.server.becomes(Behaviour::keys(jwks(&[signer().jwk()])));
    assert_eq!(
        rig.refresh_after(Duration::from_secs(60)).await,
        Ok(Fetched::Received)
    );
    assert_eq!(rig.outcome(&rig.token()).await, "accepted");
}

#[tokio::test]
async fn stale_keys_are_used_for_as_long_as_the_service_has_set() {
    let clock = clock();
    let keys = RemoteKeys::builder()
        .clock(Arc::<ManualClock>::clone(&clock))
        .seed(Keys::from_jwks(jwks(&[signer().jwk()])).unwrap())
        .max_stale(Duration::from_secs(10 * 60))
        .build(&format!("http://127.0.0.1:{}/", closed_port().await))
        .unwrap();
    clock.advance(Duration::from_secs(599));
    assert_eq!(keys.health().state, KeysState::Stale);
    clock.advance(Duration::from_secs(1));
    assert_eq!(keys.health().state, KeysState::Dead);
}

#[tokio::test]
async fn a_removed_key_dies_at_the_next_refresh() {
    let mut rig = Rig::warm().await;
    rig.server.becomes(Behaviour::keys(jwks(&[other().jwk()])));
    rig.clock.advance(Duration::from_secs(224));
    assert_eq!(rig.outcome(&rig.token()).await, "accepted");
    assert_eq!(
        rig.refresh_after(Duration::from_secs(31)).await,
        Ok(Fetched::Received)
    );
    assert_eq!(rig.outcome(&rig.token_of(other())).await, "accepted");
    assert_eq!(rig.outcome(&rig.token()).await, "unknown_key");
}

#[tokio::test]
async fn every_failure_has_a_name_and_keeps_the_keys() {
    let mut rig = Rig::warm().await;
    let no_key = KeysError::NoUsableKey { skipped: 0 };
    for (behaviour, expected) in [
        (Behaviour::status(404), FetchError::Status(404)),
        (Behaviour::status(302), FetchError::Status(302)),
        (Behaviour::status(204), FetchError::Status(204)),
        (Behaviour::status(304), FetchError::Status(304)),
        (Behaviour::keys("{}"), FetchError::Keys(KeysError::NotAJwks)),
        (
            Behaviour::keys("<html>"),
            FetchError::Keys(KeysError::NotAJwks),
        ),
        (
            Behaviour::keys("\u{0}"),
            FetchError::Keys(KeysError::NotAJwks),
        ),
        (Behaviour::keys(jwks(&[])), FetchError::Keys(no_key)),
        (Behaviour::keys(" ".repeat(65_537)), FetchError::TooLong),
        (Behaviour::Endless, FetchError::TooLong),
        (Behaviour::BreakOff, FetchError::Http),
        (Behaviour::Noise, FetchError::Http),
        (Behaviour::Close, FetchError::Http),
        (Behaviour::Hang, FetchError::Timeout),
    ] {
        rig.server.becomes(behaviour.clone());
        let outcome = rig.refresh_after(Duration::from_secs(5 * 60)).await;
        assert_eq!(outcome, Err(expected), "{behaviour:?}");
        assert_eq!(rig.outcome(&rig.token()).await, "accepted");
    }
    let health = rig.keys.health();
    assert_eq!((health.state, health.keys), (KeysState::Stale, 1));
    assert_eq!(
        (health.failures_in_a_row, health.last_failure),
        (14, Some(FetchError::Timeout))
    );
}

#[tokio::test]
async fn nobody_there_is_a_failure_too() {
    let url = format!("http://127.0.0.1:{}/jwks", closed_port().await);
    let keys = RemoteKeys::new(&url).unwrap();
    assert_eq!(keys.prefetch().await, Err(FetchError::Connect));
    let unresolvable = RemoteKeys::new("https://nobody.invalid/jwks").unwrap();
    assert_eq!(unresolvable.prefetch().await, Err(FetchError::Connect));
}

#[tokio::test]
async fn an_unchanged_set_is_not_sent_again_but_counts_as_fetched() {
    let body = jwks(&[signer().jwk()]);
    let mut rig = Rig::new(Behaviour::Tagged {
        etag: "\"one\"".to_owned(),
        body,
    })
    .await;
    rig.keys.prefetch().await.unwrap();
    assert_eq!(rig.fetches.recv().await.unwrap(), Ok(Fetched::Received));
    for _ in 0..2 {
        let outcome = rig.refresh_after(Duration::from_secs(5 * 60)).await;
        assert_eq!(outcome, Ok(Fetched::NotModified));
        assert_eq!(rig.keys.health().state, KeysState::Fresh);
        assert_eq!(rig.outcome(&rig.token()).await, "accepted");
    }
    let requests = rig.server.requests();
    assert!(!requests[0].contains("if-none-match"));
    assert!(requests[1].contains("if-none-match: \"one\""));
    assert!(requests[2].contains("if-none-match: \"one\""));
}

#[tokio::test]
async fn setting_the_clock_changes_no_key_age() {
    let rig = Rig::warm().await;
    for seconds in [0, NOW - 86_400 * 365, NOW + 86_400 * 365] {
        rig.clock.set(Timestamp::from_seconds(seconds));
        assert_eq!(rig.outcome(&rig.token()).await, "accepted");
        assert_eq!(rig.keys.health().state, KeysState::Fresh);
    }
    assert_eq!(rig.server.requests().len(), 1);
}

#[tokio::test]
async fn a_seed_serves_until_the_issuer_answers() {
    let seed = Keys::from_jwks(jwks(&[signer().jwk()])).unwrap();
    let mut rig = Rig::seeded(Behaviour::status(500), Some(seed)).await;
    let outcome = at_once(rig.verifier.verify_async(&rig.token())).expect("no waiting");
    assert_eq!(reason(outcome), "accepted");
    assert_eq!(rig.keys.health().state, KeysState::Stale);
    assert_eq!(
        rig.fetches.recv().await.unwrap(),
        Err(FetchError::Status(500))
    );
    rig.server.becomes(Behaviour::keys(jwks(&[other().jwk()])));
    assert_eq!(
        rig.refresh_after(Duration::from_secs(1)).await,
        Ok(Fetched::Received)
    );
    assert_eq!(rig.outcome(&rig.token()).await, "unknown_key");
}

#[tokio::test]
async fn other_issuers_may_name_their_keys_as_they_like() {
    let mut jwk = signer().jwk();
    jwk["kid"] = "2026-11".into();
    let server = JwksServer::start(Behaviour::keys(jwks(&[jwk]))).await;
    let strict = RemoteKeys::new(&server.url()).unwrap();
    let expected = FetchError::Keys(KeysError::NoUsableKey { skipped: 1 });
    assert_eq!(strict.prefetch().await, Err(expected));
    let relaxed = RemoteKeys::builder()
        .kid_rule(KidRule::Any)
        .build(&server.url())
        .unwrap();
    assert_eq!(relaxed.prefetch().await, Ok(()));
}

#[test]
fn a_url_that_is_not_safe_is_refused() {
    let not_https = SetupError::NotHttps {
        host: "auth".to_owned(),
    };
    assert_eq!(
        RemoteKeys::new("http://auth:8080/jwks").unwrap_err(),
        not_https
    );
    assert_eq!(
        RemoteKeys::new("jwks.json").unwrap_err(),
        SetupError::MalformedUrl
    );
    let allowed = RemoteKeys::builder()
        .danger_allow_http("auth")
        .build("http://auth:8080/jwks");
    assert!(allowed.is_ok());
    let rootless = RemoteKeys::builder()
        .root_certificate("none")
        .build("https://auth/");
    assert_eq!(rootless.unwrap_err(), SetupError::RootCertificate);
}
