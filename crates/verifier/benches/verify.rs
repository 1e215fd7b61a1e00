//! What a verification costs beside the bare RSA operation on the same token, in the same run.
//! Prints ratios against their limits, since times depend on the machine. Run it with
//! `cargo bench -p signet-verifier --features cache`.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, or stops"
)]

mod parts;

use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_verifier::{CachedVerifier, Clock, Keys, Policy, SystemClock, Verifier};

use parts::{CALLS, ROUNDS, best_of, claims, key_pair, numbers, sign, time};

fn main() {
    let clock = SystemClock::new();
    let pair = key_pair();
    let claims = claims("https://auth.example.com", clock.now().as_seconds(), "");
    let token = sign(&pair, "at+jwt", &claims);
    let verifier = Arc::new(verifier());
    let cached = CachedVerifier::new(Arc::clone(&verifier), 1_000);

    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let (n, e) = numbers(&pair);
    let key = RsaPublicKeyComponents { n, e };
    let key = key
        .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
        .unwrap();

    let message = signed.as_bytes();
    let bare = || assert!(key.verify_sig(black_box(message), &signature).is_ok());
    let whole = || drop(verifier.verify(black_box(&token)).unwrap());
    let hit = || drop(cached.verify(black_box(&token)).unwrap());
    let [bare, whole, hit] = best_of(&clock, [&bare, &whole, &hit]);
    println!("bare RSA verification    {bare:7.2} µs");
    let ratio = whole / bare;
    println!(
        "Verifier::verify         {whole:7.2} µs, {ratio:.2} times the bare one, at most 1.10"
    );
    println!("CachedVerifier, a hit    {hit:7.2} µs, at most 0.30");
    let scaling = scaling(&clock, &verifier, &token);
    println!(
        "two threads together     {scaling:7.2} times what one does, at least 1.80 on two free cores"
    );
}

/// How many times as much two threads verify as one does.
fn scaling(clock: &SystemClock, verifier: &Verifier, token: &str) -> f64 {
    let verify = || drop(verifier.verify(black_box(token)).unwrap());
    let (mut one, mut two) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        one = one.min(time(clock, &verify));
        let begin = clock.monotonic();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| time(clock, &verify));
            }
        });
        two = two.min(clock.monotonic().saturating_sub(begin));
    }
    2.0 * (one * CALLS).as_secs_f64() / two.as_secs_f64()
}

fn verifier() -> Verifier {
    let keys = Keys::from_pem(include_str!("../tests/keys/signer.public.pem")).unwrap();
    Verifier::new(Policy::new("https://auth.example.com", "orders"), keys)
}
