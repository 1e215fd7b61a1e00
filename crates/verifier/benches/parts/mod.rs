//! What the benches share: a key pair that signs, the claims of a token, and a stopwatch.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use signet_verifier::{Clock, SystemClock, thumbprint};

pub(crate) fn key_pair() -> RsaKeyPair {
    let pem = include_str!("../../tests/keys/signer.private.pem");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap()
}

/// Modulus and exponent.
pub(crate) fn numbers(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    let public = pair.public_key();
    let n = public.modulus().big_endian_without_leading_zero().to_vec();
    let e = public.exponent().big_endian_without_leading_zero().to_vec();
    (n, e)
}

pub(crate) fn sign(pair: &RsaKeyPair, typ: &str, claims: &str) -> String {
    let (n, e) = numbers(pair);
    let kid = thumbprint(&n, &e);
    let header = format!(r#"{{"alg":"RS256","typ":"{typ}","kid":"{kid}"}}"#);
    let (header, claims) = (
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims),
    );
    let signed = format!("{header}.{claims}");
    let mut signature = vec![0; pair.public_modulus_len()];
    let random = SystemRandom::new();
    pair.sign(
        &RSA_PKCS1_SHA256,
        &random,
        signed.as_bytes(),
        &mut signature,
    )
    .unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of an access token; `more` follows them.
pub(crate) fn claims(issuer: &str, now: u64, more: &str) -> String {
    format!(
        r#"{{"iss":"{issuer}","sub":"7b0c8f0e-5c1e-4a35-9d53-3f1f0f1c6a11","aud":"orders","exp":{},"iat":{now},"jti":"AAAAAAAAAAAAAAAAAAAAAA","client_id":"signet","sid":"BBBBBBBBBBBBBBBBBBBBBB","scope":"account orders:read","roles":["staff"],"auth_time":{now},"amr":["pwd"]{more}}}"#,
        now + 600
    )
}

/// Microseconds of each operation in its best round. Rounds take turns, so that a slow moment of the
/// machine hits all operations.
pub(crate) fn best_of(clock: &SystemClock, operations: [&dyn Fn(); 3]) -> [f64; 3] {
    let mut best = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        for (best, operation) in best.iter_mut().zip(operations) {
            *best = (*best).min(time(clock, operation));
        }
    }
    best.map(|time| time.as_secs_f64() * 1e6)
}

/// Time of one call, averaged over a round.
pub(crate) fn time(clock: &SystemClock, operation: &dyn Fn()) -> Duration {
    let begin = clock.monotonic();
    for _ in 0..CALLS {
        operation();
    }
    clock.monotonic().saturating_sub(begin) / CALLS
}

/// Many short rounds: the best of each is one that nothing else disturbed.
pub(crate) const ROUNDS: u32 = 400;
/// How many calls a round has.
pub(crate) const CALLS: u32 = 100;
