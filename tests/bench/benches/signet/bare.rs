//! The bare operations that nothing built on them can undercut: RSA, argon2id.

use std::hint::black_box;
use std::thread;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signet_verifier::{CachedVerifier, Clock as _, SystemClock, Verifier};

use crate::process::{cores, processor_time};

/// Processor time of one signature while every core signs.
pub fn signature(key: &RsaKeyPair) -> Duration {
    on_all_cores(SIGNATURES, || {
        let message = [b'x'; USUAL_TOKEN_BYTES];
        let mut signature = vec![0; key.public_modulus_len()];
        let random = SystemRandom::new();
        for _ in 0..SIGNATURES {
            let signed = key.sign(&RSA_PKCS1_SHA256, &random, &message, &mut signature);
            signed.expect("a signature");
        }
    })
}

/// Processor time of one argon2id hash while every core hashes, each in memory of its own that it
/// uses again.
pub fn password_hash() -> Duration {
    on_all_cores(HASHES, || {
        let argon2 = argon2();
        let mut memory = vec![Block::default(); argon2.params().block_count()];
        for _ in 0..HASHES {
            let mut hash = [0; 32];
            let hashed =
                argon2.hash_password_into_with_memory(PASSWORD, SALT, &mut hash, &mut memory[..]);
            hashed.expect("a hash");
        }
    })
}

/// Processor time of one argon2id hash the usual way: 16 at a time with `spawn_blocking`, each in
/// fresh memory.
pub fn password_hash_on_blocking_threads() -> Duration {
    let runtime = tokio::runtime::Builder::new_multi_thread().build();
    let before = processor_time(std::process::id());
    runtime.expect("a runtime").block_on(async {
        let clients: Vec<_> = (0..CLIENTS).map(|_| tokio::spawn(hash_each())).collect();
        for client in clients {
            client.await.expect("a client");
        }
    });
    (processor_time(std::process::id()) - before) / (CLIENTS * HASHES_OF_A_CLIENT)
}

async fn hash_each() {
    for _ in 0..HASHES_OF_A_CLIENT {
        let hashed = tokio::task::spawn_blocking(|| {
            let mut hash = [0; 32];
            argon2().hash_password_into(PASSWORD, SALT, &mut hash)
        });
        hashed.await.expect("a thread").expect("a hash");
    }
}

/// What a verification takes, in microseconds.
pub struct Verifications {
    pub bare: f64,
    pub whole: f64,
    pub cached: f64,
}

/// Times the verifier against the bare operation on the same token. The best of many short rounds
/// that take turns is one that nothing else disturbed.
pub fn verifications(key: &RsaKeyPair, verifier: Verifier, token: &str) -> Verifications {
    let (signed, signature) = token.rsplit_once('.').expect("a token");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let public = public_key(key);
    let verifier = std::sync::Arc::new(verifier);
    let caching = CachedVerifier::new(std::sync::Arc::clone(&verifier), 1_000);
    let bare = || {
        let checked = public.verify_sig(black_box(signed.as_bytes()), &signature);
        checked.expect("a valid signature");
    };
    let whole = || drop(verifier.verify(black_box(token)).expect("a valid token"));
    let cached = || drop(caching.verify(black_box(token)).expect("a valid token"));
    let [bare, whole, cached] = best([&bare, &whole, &cached]);
    Verifications {
        bare,
        whole,
        cached,
    }
}

fn best<const N: usize>(operations: [&dyn Fn(); N]) -> [f64; N] {
    let clock = SystemClock::new();
    let mut best = [Duration::MAX; N];
    for _ in 0..ROUNDS {
        for (best, operation) in best.iter_mut().zip(operations) {
            let began = clock.monotonic();
            for _ in 0..CALLS {
                operation();
            }
            *best = (*best).min((clock.monotonic() - began) / CALLS);
        }
    }
    best.map(|time| time.as_secs_f64() * 1e6)
}

fn public_key(key: &RsaKeyPair) -> ParsedPublicKey {
    let public = key.public_key();
    let n = public.modulus().big_endian_without_leading_zero();
    let e = public.exponent().big_endian_without_leading_zero();
    let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256);
    parsed.expect("a public key")
}

/// Processor time of one of `each` operations that `work` does on every core.
fn on_all_cores(each: u32, work: impl Fn() + Sync) -> Duration {
    let before = processor_time(std::process::id());
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(&work);
        }
    });
    (processor_time(std::process::id()) - before) / each / cores()
}

/// What OWASP's cheat sheet says, and Signet does.
fn argon2() -> Argon2<'static> {
    let params = Params::new(19_456, 2, 1, Some(32)).expect("valid parameters");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

const SIGNATURES: u32 = 4_000;
const HASHES: u32 = 40;
const CLIENTS: u32 = 16;
const HASHES_OF_A_CLIENT: u32 = 4;
const ROUNDS: u32 = 200;
const CALLS: u32 = 100;
/// Header and claims of a usual token, in bytes.
pub const USUAL_TOKEN_BYTES: usize = 420;
const PASSWORD: &[u8] = b"engine no. 9 steams";
const SALT: &[u8] = b"sixteen bytes ok";
