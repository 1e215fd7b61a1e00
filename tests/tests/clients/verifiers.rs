//! Services verify our tokens with the library of their language, which finds our keys by our
//! metadata. What they refuse, they refuse for the right reason, in their own words.

use serde_json::{Map, json};
use signet_tests::{read_token, run_signet};

use crate::issued::Issued;

#[tokio::test]
async fn jose_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "ERR_JWT_EXPIRED exp"),
        ("flipped signature", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"),
        ("foreign key", "ERR_JWKS_NO_MATCHING_KEY"),
        (
            "foreign key, our kid",
            "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
        ),
        ("other audience", "ERR_JWT_CLAIM_VALIDATION_FAILED aud"),
        ("other issuer", "ERR_JWT_CLAIM_VALIDATION_FAILED iss"),
        ("other type", "ERR_JWT_CLAIM_VALIDATION_FAILED typ"),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify-jose.mjs", &refusals);
}

#[tokio::test]
async fn oauth4webapi_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "OAUTH_JWT_TIMESTAMP_CHECK_FAILED exp"),
        ("flipped signature", "OAUTH_INVALID_RESPONSE"),
        ("foreign key", "OAUTH_KEY_SELECTION_FAILED"),
        ("foreign key, our kid", "OAUTH_INVALID_RESPONSE"),
        ("other audience", "OAUTH_JWT_CLAIM_COMPARISON_FAILED aud"),
        ("other issuer", "OAUTH_JWT_CLAIM_COMPARISON_FAILED iss"),
        ("other type", "OAUTH_INVALID_RESPONSE typ"),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify-oauth4webapi.mjs", &refusals);
}

#[tokio::test]
async fn express_jwt_with_jwks_rsa_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "jwt expired"),
        ("flipped signature", "invalid signature"),
        ("foreign key", "secret or public key must be provided"),
        ("foreign key, our kid", "invalid signature"),
        ("other audience", "jwt audience invalid"),
        ("other issuer", "jwt issuer invalid"),
        ("other type", TYPE_IS_NOT_LOOKED_AT),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify-express-jwt.mjs", &refusals);
}

#[tokio::test]
async fn aws_jwt_verify_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "JwtExpiredError"),
        ("flipped signature", "JwtInvalidSignatureError"),
        ("foreign key", "KidNotFoundInJwksError"),
        ("foreign key, our kid", "JwtInvalidSignatureError"),
        ("other audience", "JwtInvalidAudienceError"),
        ("other issuer", "JwtInvalidIssuerError"),
        ("other type", TYPE_IS_NOT_LOOKED_AT),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify-aws-jwt-verify.mjs", &refusals);
}

#[tokio::test]
async fn fast_jwt_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "FAST_JWT_EXPIRED"),
        ("flipped signature", "FAST_JWT_INVALID_SIGNATURE"),
        ("foreign key", "FAST_JWT_KEY_FETCHING_ERROR"),
        ("foreign key, our kid", "FAST_JWT_INVALID_SIGNATURE"),
        ("other audience", "FAST_JWT_INVALID_CLAIM_VALUE aud"),
        ("other issuer", "FAST_JWT_INVALID_CLAIM_VALUE iss"),
        ("other type", "FAST_JWT_INVALID_TYPE"),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify-fast-jwt.mjs", &refusals);
}

#[tokio::test]
async fn pyjwt_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "ExpiredSignatureError"),
        ("flipped signature", "InvalidSignatureError"),
        ("foreign key", "PyJWKClientError"),
        ("foreign key, our kid", "InvalidSignatureError"),
        ("other audience", "InvalidAudienceError"),
        ("other issuer", "InvalidIssuerError"),
        ("other type", TYPE_IS_NOT_LOOKED_AT),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify_pyjwt.py", &refusals);
}

#[tokio::test]
async fn joserfc_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "ExpiredTokenError exp"),
        ("flipped signature", "BadSignatureError"),
        ("foreign key", "InvalidKeyIdError"),
        ("foreign key, our kid", "BadSignatureError"),
        ("other audience", "InvalidClaimError aud"),
        ("other issuer", "InvalidClaimError iss"),
        ("other type", TYPE_IS_NOT_LOOKED_AT),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify_joserfc.py", &refusals);
}

#[tokio::test]
async fn authlib_tells_our_tokens_from_others() {
    let refusals = [
        ("expired", "ExpiredTokenError exp"),
        ("flipped signature", "BadSignatureError"),
        ("foreign key", "InvalidKeyIdError"),
        ("foreign key, our kid", "BadSignatureError"),
        ("other audience", "InvalidClaimError aud"),
        ("other issuer", "InvalidClaimError iss"),
        ("other type", "InvalidClaimError typ"),
    ];
    Issued::start()
        .await
        .are_told_apart_by("verify_authlib.py", &refusals);
}

#[tokio::test]
async fn tokens_from_before_and_after_a_rotation_verify_in_every_library() {
    let mut issued = Issued::start().await;
    let before = issued.account.access_token.clone();
    issued.server.kill();
    let rotated = run_signet(issued.server.folder(), &["keys", "rotate", "--now"], &[]);
    assert!(rotated.success, "{}", rotated.stderr);
    issued.server.start_again();
    let after = issued.server.api().login(&issued.account.email).await;
    let after = after.access_token;
    assert_ne!(read_token(&before).0["kid"], read_token(&after).0["kid"]);

    let accepted = format!("accepted: {}", issued.account.id);
    let tokens = [("before", before), ("after", after)];
    let tokens = tokens.map(|(name, token)| (name.to_owned(), token.into()));
    let tokens = Map::from_iter(tokens);
    for program in PROGRAMS {
        let verdicts = issued.judged_by(program, &tokens);
        assert_eq!(
            verdicts,
            json!({"before": accepted, "after": accepted}),
            "{program}"
        );
    }
}

const PROGRAMS: [&str; 8] = [
    "verify-jose.mjs",
    "verify-oauth4webapi.mjs",
    "verify-express-jwt.mjs",
    "verify-aws-jwt-verify.mjs",
    "verify-fast-jwt.mjs",
    "verify_pyjwt.py",
    "verify_joserfc.py",
    "verify_authlib.py",
];

/// Some libraries leave the `typ` of RFC 9068 to the service.
const TYPE_IS_NOT_LOOKED_AT: &str = "accepted: ACCOUNT";
