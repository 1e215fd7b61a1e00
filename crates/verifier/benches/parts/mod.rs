//! What the benches share: a key pair that signs, and a stopwatch.

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

/// Time of one call, averaged over `calls`.
pub(crate) fn time(clock: &SystemClock, calls: u32, operation: &dyn Fn()) -> Duration {
    let begin = clock.monotonic();
    for _ in 0..calls {
        operation();
    }
    clock.monotonic().saturating_sub(begin) / calls
}
