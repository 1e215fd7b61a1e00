//! Keys and rings for the tests of this crate.

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signet_verifier::Timestamp;

use super::secret_file::read_signing_key;
use super::{KeyRing, Lifetimes, PublicKey, SigningKey};

/// The real key number `index` of two, parsed once per test process.
pub(crate) fn key(index: usize) -> &'static SigningKey {
    static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
        [
            include_str!("../../tests/keys/0.private.pem"),
            include_str!("../../tests/keys/1.private.pem"),
        ]
        .map(|text| read_signing_key(text, None).unwrap())
    });
    &KEYS[index]
}

/// Real keys of the two other sizes.
pub(crate) fn large_keys() -> [SigningKey; 2] {
    [
        include_str!("../../tests/keys/3072.private.pem"),
        include_str!("../../tests/keys/4096.private.pem"),
    ]
    .map(|text| read_signing_key(text, None).unwrap())
}

/// A number that passes for the public half of key `seed`; no private half is known.
pub(crate) fn public_key(seed: u64) -> PublicKey {
    let mut modulus = [0; 256];
    StdRng::seed_from_u64(seed).fill_bytes(&mut modulus);
    modulus[0] |= 0x80;
    modulus[255] |= 1;
    PublicKey::from_numbers(&modulus, &[1, 0, 1]).unwrap()
}

/// A new ring with this key active.
pub(crate) fn ring_of(active: PublicKey, now: Timestamp) -> KeyRing {
    KeyRing::init([active, public_key(1_000)], Lifetimes::default(), now).unwrap()
}
