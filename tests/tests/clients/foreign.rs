//! Our verifier and another issuer: oidc-provider of npm, which signs access tokens as RFC 9068
//! says and names its keys as it likes.

use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::Duration;

use signet_tests::{Api, Forger};
use signet_verifier::{
    Claims, Clock, Error, KidRule, ManualClock, Policy, RemoteKeys, SystemClock, Verifier,
    Verifiers,
};

use crate::issued::{FOREIGN_KEY, Issued, flipped};
use crate::program::{self, Running};

#[tokio::test]
async fn a_token_of_another_issuer_verifies_with_the_keys_of_its_metadata() {
    let provider = Provider::start();
    let token = provider.token(AUDIENCE).await;
    let verifier = Verifier::new(provider.policy(AUDIENCE), provider.keys().await);
    let claims = verifier.verify_async(&token).await.expect("a good token");
    assert_eq!(claims.iss, provider.api.base());
    assert_eq!(claims.sub, "reports");
    assert_eq!(claims.aud, [AUDIENCE]);
    assert_eq!(claims.scope, "orders:read");
    assert_eq!(claims.client_id.as_deref(), Some("reports"));
}

#[tokio::test]
async fn a_kid_that_is_no_thumbprint_has_to_be_allowed() {
    let provider = Provider::start();
    let token = provider.token(AUDIENCE).await;
    let discovered = Verifier::discover(provider.policy(AUDIENCE)).await;
    let verifier = discovered.expect("metadata");
    assert_eq!(
        reason(verifier.verify_async(&token).await),
        "keys_unavailable"
    );
}

#[tokio::test]
async fn a_token_of_another_issuer_that_is_not_quite_right_is_refused() {
    let provider = Provider::start();
    let verifier = Verifier::new(provider.policy(AUDIENCE), provider.keys().await);
    let good = provider.token(AUDIENCE).await;
    assert_eq!(reason(verifier.verify_async(&good).await), "accepted");
    let ours = Issued::start().await;
    let forged = Forger::with_foreign_key(FOREIGN_KEY, &good);
    for (token, expected) in [
        (
            provider.token("billing.example.com").await,
            "audience_mismatch",
        ),
        (provider.token("pss.example.com").await, "algorithm_refused"),
        (
            provider.token("opaque.example.com").await,
            "not_three_parts",
        ),
        (flipped(&good), "signature_invalid"),
        (
            forged.with_claims(&serde_json::json!({})),
            "signature_invalid",
        ),
        (ours.account.access_token.clone(), "unknown_key"),
    ] {
        assert_eq!(
            reason(verifier.verify_async(&token).await),
            expected,
            "{token}"
        );
    }
}

#[tokio::test]
async fn a_token_of_another_issuer_ends() {
    let provider = Provider::start();
    let clock = Arc::new(ManualClock::new(SystemClock::new().now()));
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let policy = provider.policy(AUDIENCE);
    let verifier = Verifier::with_clock(policy, provider.keys().await, time);
    let token = provider.token(AUDIENCE).await;
    assert_eq!(reason(verifier.verify_async(&token).await), "accepted");
    clock.advance(Duration::from_mins(11));
    assert_eq!(reason(verifier.verify_async(&token).await), "expired");
}

#[tokio::test]
async fn one_service_takes_tokens_of_both_issuers_and_of_no_third() {
    let (provider, ours, third) = (Provider::start(), Issued::start().await, Provider::start());
    let our_policy = Policy::new(ours.server.api().base(), "api");
    let our_verifier = Verifier::discover(our_policy).await.expect("metadata");
    let their_verifier = Verifier::new(provider.policy(AUDIENCE), provider.keys().await);
    let both = Verifiers::new([our_verifier, their_verifier]);
    let verify = async |token: &str| reason(both.verify_async_as(token).await);

    let their_token = provider.token(AUDIENCE).await;
    assert_eq!(verify(&their_token).await, "accepted");
    assert_eq!(verify(&ours.account.access_token).await, "accepted");
    assert_eq!(verify(&ours.client_token).await, "accepted");

    // Each has its own audience and keys, whatever a token says.
    let elsewhere = provider.token("api").await;
    assert_eq!(verify(&elsewhere).await, "audience_mismatch");
    let in_their_name = serde_json::json!({"iss": provider.api.base(), "aud": AUDIENCE});
    let in_their_name = ours.forger().with_claims(&in_their_name);
    assert_eq!(verify(&in_their_name).await, "unknown_key");
    assert_eq!(
        verify(&third.token(AUDIENCE).await).await,
        "issuer_mismatch"
    );
}

/// The other issuer, until it is dropped.
struct Provider {
    _running: Running,
    api: Api,
}

impl Provider {
    fn start() -> Self {
        let mut child = program::start("issuer-oidc-provider.mjs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        let read = BufReader::new(stdout).read_line(&mut line);
        assert!(read.expect("text") > 0, "it did not start");
        let address = line.trim().parse().expect("an address");
        Self {
            _running: Running(child),
            api: Api::at(address),
        }
    }

    /// A token that a client has for itself, for the service of this name.
    async fn token(&self, audience: &str) -> String {
        let form =
            format!("grant_type=client_credentials&scope=orders:read&resource=https://{audience}");
        let client = ("reports", "known-to-the-test");
        let reply = self.api.post_form_as("/token", client, &form).await;
        reply.expect(200).member("access_token")
    }

    fn policy(&self, audience: &str) -> Policy {
        Policy::new(self.api.base(), audience)
    }

    async fn keys(&self) -> RemoteKeys {
        let builder = RemoteKeys::builder().kid_rule(KidRule::Any);
        builder.discover(self.api.base()).await.expect("metadata")
    }
}

fn reason(outcome: Result<Claims, Error>) -> &'static str {
    outcome.map_or_else(|error| error.reason(), |_| "accepted")
}

const AUDIENCE: &str = "orders.example.com";
