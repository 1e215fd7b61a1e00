//! The cache changes no answer: neither time nor keys nor a token that is almost the same.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use signet_verifier::{CachedVerifier, Keys, ManualClock, Policy, Timestamp, Verifier};

use crate::support::{ISSUER, NOW, Token, clock, jwks, keys, other, policy, reason, signer};

struct Rig {
    clock: Arc<ManualClock>,
    verifier: Arc<Verifier>,
    cached: CachedVerifier,
}

fn rig() -> Rig {
    let clock = clock();
    let verifier = Arc::new(Verifier::with_clock(
        policy(),
        keys(),
        Arc::<ManualClock>::clone(&clock),
    ));
    let cached = CachedVerifier::new(Arc::clone(&verifier), 8);
    Rig {
        clock,
        verifier,
        cached,
    }
}

impl Rig {
    fn outcome(&self, token: &str) -> &'static str {
        self.cached
            .verify(token)
            .map_or_else(|error| error.reason(), |_| "accepted")
    }
}

#[test]
fn a_second_look_gives_the_same_claims() {
    let (rig, token) = (rig(), Token::good().sign());
    let first = rig.cached.verify(&token).unwrap();
    assert!(Arc::ptr_eq(&first, &rig.cached.verify(&token).unwrap()));
    assert_eq!(*first, rig.verifier.verify(&token).unwrap());
}

#[tokio::test]
async fn waiting_and_not_waiting_share_the_memory() {
    let (rig, token) = (rig(), Token::good().sign());
    let first = rig.cached.verify_async(&token).await.unwrap();
    assert!(Arc::ptr_eq(&first, &rig.cached.verify(&token).unwrap()));
    assert!(Arc::ptr_eq(
        &first,
        &rig.cached.verify_async(&token).await.unwrap()
    ));
}

#[test]
fn a_remembered_token_ends_when_it_ends() {
    let (rig, token) = (rig(), Token::good().claim("nbf", NOW - 10).sign());
    assert_eq!(rig.outcome(&token), "accepted");
    rig.clock.advance(Duration::from_secs(629));
    assert_eq!(rig.outcome(&token), "accepted");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.outcome(&token), "expired");
    rig.clock.set(Timestamp::from_seconds(NOW - 31));
    assert_eq!(rig.outcome(&token), "issued_in_future");
}

#[test]
fn a_remembered_token_is_forgotten_when_its_key_goes() {
    let (rig, token) = (rig(), Token::good().sign());
    assert_eq!(rig.outcome(&token), "accepted");
    rig.verifier
        .replace_keys(Keys::from_jwks(jwks(&[other().jwk()])).unwrap());
    assert_eq!(rig.outcome(&token), "unknown_key");
    rig.verifier.replace_keys(keys());
    assert_eq!(rig.outcome(&token), "accepted");
}

#[test]
fn almost_the_same_token_is_another() {
    let (rig, good) = (rig(), Token::good().sign());
    assert_eq!(rig.outcome(&good), "accepted");
    let (_, signature) = good.rsplit_once('.').unwrap();
    let forged = Token::good().claim("sub", "root").sign();
    let (signed, _) = forged.rsplit_once('.').unwrap();
    assert_eq!(
        rig.outcome(&format!("{signed}.{signature}")),
        "signature_invalid"
    );
    assert_eq!(rig.outcome(&format!("{good} ")), "not_base64url");
    assert_eq!(rig.outcome(""), "not_three_parts");
}

#[test]
fn refusals_are_not_remembered_and_the_latest_tokens_are() {
    let rig = rig();
    let early = Token::good().claim("iat", NOW + 60).sign();
    assert_eq!(rig.outcome(&early), "issued_in_future");
    rig.clock.advance(Duration::from_secs(60));
    assert_eq!(rig.outcome(&early), "accepted");
    for number in 0..100 {
        let token = Token::good().claim("jti", number.to_string());
        let token = signer().sign(&token.header_json(), &token.claims_json());
        assert_eq!(rig.outcome(&token), "accepted");
        assert_eq!(rig.outcome(&token), "accepted");
    }
}

#[test]
fn another_policy_decides_anew_about_a_cached_token() {
    let (rig, token) = (rig(), Token::good().sign());
    let by = |policy: &Policy| reason(rig.cached.verify_by(&token, policy));
    let strict = policy().leeway(Duration::ZERO);
    assert_eq!(by(&policy()), "accepted");
    assert_eq!(by(&Policy::new(ISSUER, "billing")), "audience_mismatch");
    assert_eq!(
        by(&Policy::new("https://o.example", "orders")),
        "issuer_mismatch"
    );
    assert_eq!(by(&policy().require_scope("admin")), "scope_missing");
    assert_eq!(by(&strict), "accepted");
    rig.clock.advance(Duration::from_secs(600));
    assert_eq!((by(&policy()), by(&strict)), ("accepted", "expired"));
    rig.clock.advance(Duration::from_secs(30));
    assert_eq!(by(&policy()), "expired");
}

#[test]
fn another_policy_reads_the_claims_of_a_token_that_was_verified_before_and_after() {
    let (rig, token) = (rig(), Token::good().claim("tenant", "t").sign());
    let tenant = || {
        rig.cached
            .verify_by::<Value>(&token, &policy())
            .unwrap()
            .extra
    };
    assert_eq!(tenant(), json!({"tenant": "t"}));
    let first = rig.cached.verify(&token).unwrap();
    assert_eq!(tenant(), json!({"tenant": "t"}));
    assert!(Arc::ptr_eq(&first, &rig.cached.verify(&token).unwrap()));
}

#[test]
fn another_policy_accepts_neither_a_forged_token_nor_a_withdrawn_key() {
    let (rig, good) = (rig(), Token::good().sign());
    let by = |token: &str| reason(rig.cached.verify_by(token, &policy()));
    assert_eq!(by(&good), "accepted");
    for (at, refusal) in [
        (good.len() - 2, "signature_invalid"),
        (good.len() - 1, "not_base64url"),
    ] {
        let mut forged = good.clone();
        let other = if forged.as_bytes()[at] == b'B' {
            "C"
        } else {
            "B"
        };
        forged.replace_range(at..=at, other);
        assert_eq!(
            (by(&forged), by(&forged), by(&good)),
            (refusal, refusal, "accepted")
        );
    }
    rig.verifier
        .replace_keys(Keys::from_jwks(jwks(&[other().jwk()])).unwrap());
    assert_eq!((by(&good), by(&good)), ("unknown_key", "unknown_key"));
    rig.verifier.replace_keys(keys());
    assert_eq!(by(&good), "accepted");
}

#[test]
fn the_header_is_checked_by_each_policy() {
    let (rig, token) = (rig(), Token::good().header("typ", "JWT").sign());
    let by = |policy: &Policy| reason(rig.cached.verify_by(&token, policy));
    let lax = policy().accept_typ("JWT");
    assert_eq!(
        (by(&lax), by(&policy()), by(&lax)),
        ("accepted", "type_refused", "accepted")
    );
}

#[test]
fn threads_that_share_one_slot_get_the_claims_of_their_own_tokens() {
    let cached = CachedVerifier::new(rig().verifier, 1);
    let verify_often = |sub: &str| {
        let token = Token::good().claim("sub", sub).sign();
        let verify = || cached.verify_by::<()>(&token, &policy()).unwrap();
        assert!((0..100).all(|_| verify().sub == sub));
    };
    thread::scope(|scope| {
        for sub in ["ada", "bob", "cyd", "dan"] {
            scope.spawn(move || verify_often(sub));
        }
    });
}
