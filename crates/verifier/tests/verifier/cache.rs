//! The cache changes no answer: neither time nor keys nor a token that is almost the same.

use std::sync::Arc;
use std::time::Duration;

use signet_verifier::{CachedVerifier, Keys, ManualClock, Timestamp, Verifier};

use crate::support::{NOW, Token, clock, jwks, keys, other, policy, signer};

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
