//! Several issuers in one service.

use signet_verifier::{Keys, Policy, Verifier, Verifiers};

use crate::support::{AUDIENCE, Token, clock, jwks, keys, other, policy, reason};

const PARTNER: &str = "https://partner.example";

fn verifiers() -> Verifiers {
    let partner_keys = Keys::from_jwks(jwks(&[other().jwk()])).unwrap();
    let partner = Policy::new(PARTNER, AUDIENCE).accept_typ("JWT");
    Verifiers::new([
        Verifier::with_clock(policy(), keys(), clock()),
        Verifier::with_clock(partner, partner_keys, clock()),
    ])
}

fn of_partner() -> Token {
    Token::good()
        .claim("iss", PARTNER)
        .header("kid", other().kid())
}

#[tokio::test]
async fn each_token_goes_to_its_issuer() {
    assert_eq!(
        reason(verifiers().verify(&Token::good().sign())),
        "accepted"
    );
    let token = of_partner().header("typ", "JWT");
    let token = other().sign(&token.header_json(), &token.claims_json());
    assert_eq!(reason(verifiers().verify(&token)), "accepted");
    assert_eq!(
        reason(verifiers().verify_async_as(&token).await),
        "accepted"
    );
}

#[test]
fn no_issuer_speaks_for_another() {
    let ours_by_partner = Token::good().header("kid", other().kid());
    let forged = other().sign(
        &ours_by_partner.header_json(),
        &ours_by_partner.claims_json(),
    );
    assert_eq!(reason(verifiers().verify(&forged)), "unknown_key");
    assert_eq!(
        reason(verifiers().verify(&of_partner().sign())),
        "signature_invalid"
    );
    let lenient_elsewhere = Token::good().header("typ", "JWT").sign();
    assert_eq!(
        reason(verifiers().verify(&lenient_elsewhere)),
        "type_refused"
    );
}

#[test]
fn an_unknown_issuer_is_refused() {
    for token in [
        Token::good().claim("iss", "https://evil.test"),
        Token::good().claim("iss", 1),
        Token::good().without_claim("iss"),
    ] {
        assert_eq!(reason(verifiers().verify(&token.sign())), "issuer_mismatch");
    }
    assert_eq!(reason(verifiers().verify("a.b.c")), "not_base64url");
    let nobody = Verifiers::new(Vec::<Verifier>::new());
    assert_eq!(
        reason(nobody.verify(&Token::good().sign())),
        "issuer_mismatch"
    );
}
