//! When and how the person signed in (RFC 9470), and tokens for any audience.

use std::time::Duration;

use serde_json::json;
use signet_verifier::{Category, Error, Policy};

use crate::support::{ISSUER, NOW, Token, policy, reason, verifier, verifier_with};

/// The sign-in of a good token is 5 s old, and the leeway is 30 s.
fn five_minutes() -> Policy {
    policy().max_auth_age(Duration::from_secs(5 * 60))
}

fn signed_in(seconds_ago: u64) -> String {
    Token::good().claim("auth_time", NOW - seconds_ago).sign()
}

#[test]
fn a_sign_in_may_be_as_old_as_the_policy_says_and_the_leeway() {
    let verifier = verifier_with(five_minutes());
    assert_eq!(reason(verifier.verify(&signed_in(330))), "accepted");
    let refusal = verifier.verify(&signed_in(331)).unwrap_err();
    let max_age = Some(Duration::from_secs(5 * 60));
    assert_eq!(refusal, Error::UserAuthenticationInsufficient { max_age });
    assert_eq!(refusal.reason(), "user_authentication_insufficient");
    assert_eq!(refusal.category(), Category::SignIn);
    assert_eq!(refusal.http_status(), 401);
    let challenge = refusal.www_authenticate("orders").unwrap();
    assert!(challenge.ends_with(", max_age=300"), "{challenge}");
}

#[test]
fn a_token_without_the_time_of_the_sign_in_is_refused_if_the_policy_asks_for_it() {
    let mut token = Token::good();
    token.claims.remove("auth_time");
    let token = token.sign();
    assert_eq!(reason(verifier().verify(&token)), "accepted");
    let refused = reason(verifier_with(five_minutes()).verify(&token));
    assert_eq!(refused, "user_authentication_insufficient");
}

#[test]
fn a_sign_in_in_the_future_is_refused() {
    let token = Token::good().claim("auth_time", NOW + 31).sign();
    let refused = reason(verifier_with(five_minutes()).verify(&token));
    assert_eq!(refused, "user_authentication_insufficient");
}

#[test]
fn every_required_method_must_have_been_used() {
    let verifier = verifier_with(policy().require_amr("pwd").require_amr("otp"));
    let refusal = verifier.verify(&Token::good().sign()).unwrap_err();
    let max_age = None;
    assert_eq!(refusal, Error::UserAuthenticationInsufficient { max_age });
    let token = Token::good().claim("amr", json!(["otp", "pwd", "mfa"]));
    assert_eq!(reason(verifier.verify(&token.sign())), "accepted");
    let mut without = Token::good();
    without.claims.remove("amr");
    let refused = reason(verifier.verify(&without.sign()));
    assert_eq!(refused, "user_authentication_insufficient");
}

#[cfg(feature = "cache")]
#[test]
fn a_remembered_token_is_refused_when_its_sign_in_is_too_old() {
    use crate::support::{clock, keys};
    use signet_verifier::{CachedVerifier, ManualClock, Verifier};
    let clock = clock();
    let shared = std::sync::Arc::<ManualClock>::clone(&clock);
    let verifier = Verifier::with_clock(five_minutes(), keys(), shared);
    let cached = CachedVerifier::new(verifier, 8);
    let token = signed_in(300);
    assert!(cached.verify(&token).is_ok());
    clock.advance(Duration::from_secs(30));
    assert!(cached.verify(&token).is_ok());
    clock.advance(Duration::from_secs(1));
    let max_age = Some(Duration::from_secs(5 * 60));
    let refusal = cached.verify(&token).unwrap_err();
    assert_eq!(refusal, Error::UserAuthenticationInsufficient { max_age });
}

#[test]
fn any_audience_is_accepted_if_the_policy_says_so_but_not_none() {
    let verifier = verifier_with(Policy::danger_any_audience(ISSUER).accept_audience("orders"));
    for audience in [json!("orders"), json!("billing"), json!(["a", "b"])] {
        let token = Token::good().claim("aud", audience).sign();
        assert_eq!(reason(verifier.verify(&token)), "accepted");
    }
    for audience in [json!([]), json!(7), json!(null)] {
        let token = Token::good().claim("aud", audience).sign();
        assert_eq!(reason(verifier.verify(&token)), "audience_mismatch");
    }
    let foreign = Token::good().claim("iss", "https://other.example").sign();
    assert_eq!(reason(verifier.verify(&foreign)), "issuer_mismatch");
}

#[test]
fn another_policy_checks_with_the_same_keys_and_clock() {
    let verifier = verifier();
    let token = Token::good().sign();
    assert!(verifier.verify(&token).is_ok());
    let other = Policy::new(ISSUER, "billing");
    assert_eq!(
        reason(verifier.verify_by(&token, &other)),
        "audience_mismatch"
    );
    let typed = Token::good().header("typ", "JWT").sign();
    let lax = policy().accept_typ("JWT");
    assert_eq!(reason(verifier.verify_by(&typed, &lax)), "accepted");
    assert_eq!(reason(verifier.verify(&typed)), "type_refused");
}
