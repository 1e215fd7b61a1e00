//! The test kit: its tokens are valid until a test breaks them.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use signet_verifier::testing::TestIssuer;
use signet_verifier::{Clock, Keys, ManualClock, Policy, Timestamp, Verifier};

static ISSUER: LazyLock<TestIssuer> = LazyLock::new(|| TestIssuer::new("https://auth.example.com"));

fn reason(token: &str) -> String {
    let refused = ISSUER.verifier("orders").verify(token).unwrap_err();
    refused.reason().to_owned()
}

#[test]
fn a_token_of_the_kit_is_valid_for_its_audience() {
    let at = Timestamp::from_seconds(1_800_000_000);
    let token = ISSUER.token("ada", "orders").scope("orders:read account");
    let token = token.roles(&["clerk"]).signed_in("s1", at, &["pwd"]).sign();
    let claims = ISSUER.verifier("orders").verify(&token).unwrap();
    assert_eq!(claims.sub, "ada");
    assert_eq!(claims.sid.as_deref(), Some("s1"));
    claims.require_scope("orders:read").unwrap();
    claims.require_any_role(["clerk"]).unwrap();
    assert_eq!(
        reason(&ISSUER.token("ada", "billing").sign()),
        "audience_mismatch"
    );
}

#[test]
fn each_part_of_a_token_can_be_broken() {
    let token = || ISSUER.token("ada", "orders");
    let cases = [
        (token().claim("exp", 1), "expired"),
        (token().without("sub"), "subject_missing"),
        (
            token().claim("iss", "https://other.example.com"),
            "issuer_mismatch",
        ),
        (token().header("typ", "JWT"), "type_refused"),
        (token().header("kid", "another"), "unknown_key"),
    ];
    for (token, expected) in cases {
        assert_eq!(reason(&token.sign()), expected);
    }
}

#[test]
fn custom_claims_are_read_as_a_service_reads_them() {
    #[derive(Deserialize)]
    struct Extra {
        department: String,
    }
    let token = ISSUER.token("ada", "orders");
    let token = token.claim("department", json!("engines")).sign();
    let verifier = ISSUER.verifier("orders");
    let claims = verifier.verify_as::<Extra>(&token).unwrap();
    assert_eq!(claims.extra.department, "engines");
}

#[test]
fn the_clock_of_a_test_ends_its_tokens() {
    let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1_800_000_000)));
    let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
    let issuer = TestIssuer::with_clock("https://auth.example.com", time);
    let policy = Policy::new("https://auth.example.com", "orders").leeway(Duration::ZERO);
    let verifier = issuer.verifier_with(policy);
    let token = issuer.token("ada", "orders").sign();
    clock.advance(Duration::from_secs(599));
    assert!(verifier.verify(&token).is_ok());
    clock.advance(Duration::from_secs(1));
    assert_eq!(verifier.verify(&token).unwrap_err().reason(), "expired");
}

#[test]
fn the_key_set_of_an_issuer_knows_only_its_tokens() {
    let other = TestIssuer::new("https://auth.example.com");
    let keys = Keys::from_jwks(other.jwks()).unwrap();
    let verifier = Verifier::new(Policy::new("https://auth.example.com", "orders"), keys);
    assert!(
        verifier
            .verify(&other.token("ada", "orders").sign())
            .is_ok()
    );
    let foreign = verifier.verify(&ISSUER.token("ada", "orders").sign());
    assert_eq!(foreign.unwrap_err().reason(), "unknown_key");
}
