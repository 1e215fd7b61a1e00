//! Remote keys against a server that behaves and misbehaves, on a clock that the test owns.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use signet_verifier::{
    Clock, Error, FetchError, Fetched, Keys, KeysError, KeysState, KidRule, ManualClock,
    MissAction, Observer, RemoteKeys, SetupError, Timestamp, Verifier,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::jwks_server::{Behaviour, JwksServer, closed_port};
use crate::support::{NOW, Signer, Token, clock, jwks, other, policy, reason, signer};

/// Passes on what it is told.
#[derive(Debug)]
struct Reporter {
    fetches: UnboundedSender<Result<Fetched, FetchError>>,
    misses: UnboundedSender<MissAction>,
}

impl Observer for Reporter {
    fn fetched(&self, outcome: Result<Fetched, &FetchError>) {
        self.fetches.send(outcome.map_err(Clone::clone)).unwrap();
    }

    fn missed(&self, action: MissAction) {
        self.misses.send(action).unwrap();
    }
}

/// A verifier with remote keys and everything a test needs to drive it.
struct Rig {
    server: JwksServer,
    clock: Arc<ManualClock>,
    keys: RemoteKeys,
    verifier: Verifier,
    fetches: UnboundedReceiver<Result<Fetched, FetchError>>,
    misses: UnboundedReceiver<MissAction>,
}

impl Rig {
    async fn new(behaviour: Behaviour) -> Self {
        Self::seeded(behaviour, None).await
    }

    async fn seeded(behaviour: Behaviour, seed: Option<Keys>) -> Self {
        let server = JwksServer::start(behaviour).await;
        let clock = clock();
        let (fetches_in, fetches) = unbounded_channel();
        let (misses_in, misses) = unbounded_channel();
        let reporter = Reporter {
            fetches: fetches_in,
            misses: misses_in,
        };
        let shared_clock: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let mut builder = RemoteKeys::builder()
            .clock(Arc::clone(&shared_clock))
            .observer(Arc::new(reporter));
        if let Some(seed) = seed {
            builder = builder.seed(seed);
        }
        let keys = builder.build(&server.url()).unwrap();
        let verifier = Verifier::with_clock(policy(), keys.clone(), shared_clock);
        Self {
            server,
            clock,
            keys,
            verifier,
            fetches,
            misses,
        }
    }

    /// One that has fetched the signer's key.
    async fn warm() -> Self {
        let mut rig = Self::new(Behaviour::keys(jwks(&[signer().jwk()]))).await;
        rig.keys.prefetch().await.unwrap();
        assert_eq!(rig.fetches.recv().await.unwrap(), Ok(Fetched::Received));
        rig
    }

    /// Lets time pass until a refresh is due, and waits for it.
    async fn refresh_after(&mut self, passed: Duration) -> Result<Fetched, FetchError> {
        self.clock.advance(passed);
        let _ = self.verifier.verify(&self.token()).is_ok();
        self.fetches.recv().await.unwrap()
    }

    /// A good token of this moment.
    fn token(&self) -> String {
        self.token_of(signer())
    }

    fn token_of(&self, signer: &Signer) -> String {
        let now = self.clock.now().as_seconds();
        let token = Token::good()
            .header("kid", signer.kid())
            .claim("iat", now)
            .claim("exp", now + 600);
        signer.sign(&token.header_json(), &token.claims_json())
    }

    fn token_of_kid(&self, kid: &str) -> String {
        let now = self.clock.now().as_seconds();
        Token::good()
            .header("kid", kid)
            .claim("iat", now)
            .claim("exp", now + 600)
            .sign()
    }

    async fn outcome(&self, token: &str) -> &'static str {
        reason(self.verifier.verify_async(token).await)
    }
}

/// What a future says without waiting for anything.
fn at_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

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
        rig.clock.advance(Duration::from_mins(5));
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
        let failure = rig.refresh_after(Duration::from_hours(1)).await;
        assert_eq!(failure, Err(FetchError::Status(503)), "hour {hour}");
        assert_eq!(rig.outcome(&rig.token()).await, "accepted", "hour {hour}");
        assert_eq!(rig.keys.health().state, KeysState::Stale);
    }
    assert!(rig.refresh_after(Duration::from_hours(1)).await.is_err());
    assert_eq!(rig.keys.health().state, KeysState::Dead);
    for token in [rig.token(), rig.token_of(other())] {
        let outcome = at_once(rig.verifier.verify_async(&token)).expect("no waiting");
        assert_eq!(reason(outcome), "keys_unavailable");
    }
    rig.server.becomes(Behaviour::keys(jwks(&[signer().jwk()])));
    assert_eq!(
        rig.refresh_after(Duration::from_mins(1)).await,
        Ok(Fetched::Received)
    );
    assert_eq!(rig.outcome(&rig.token()).await, "accepted");
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
            .collect::<std::collections::HashSet<_>>()
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
        let outcome = rig.refresh_after(Duration::from_mins(5)).await;
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
        let outcome = rig.refresh_after(Duration::from_mins(5)).await;
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
