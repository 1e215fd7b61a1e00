//! Keys and rings for the tests of this crate.

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signet_verifier::Timestamp;

use super::{KeyRing, KeySize, Lifetimes, PublicKey, SigningKey, generate};

/// The real key number `index` of two, made once per test process.
pub(crate) fn key(index: usize) -> &'static SigningKey {
    static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| {
        let mut rng = StdRng::seed_from_u64(7);
        [(); 2].map(|()| {
            let key = generate(KeySize::Bits2048, &mut rng).unwrap();
            SigningKey::from_pkcs8(key.expose_pkcs8()).unwrap()
        })
    });
    &KEYS[index]
}

/// A real key of another size.
pub(crate) fn generated(size: KeySize) -> SigningKey {
    let key = generate(size, &mut StdRng::seed_from_u64(7)).unwrap();
    SigningKey::from_pkcs8(key.expose_pkcs8()).unwrap()
}

/// A number that passes for the public half of key `seed`; nobody knows its private half.
pub(crate) fn public_key(seed: u64) -> PublicKey {
    let mut modulus = [0; 256];
    StdRng::seed_from_u64(seed).fill_bytes(&mut modulus);
    modulus[0] |= 0x80;
    modulus[255] |= 1;
    PublicKey::from_numbers(&modulus, &[1, 0, 1]).unwrap()
}

/// A new ring with this key active.
pub(crate) fn ring_of(active: PublicKey, now: Timestamp) -> KeyRing {
    KeyRing::init(active, public_key(1_000), Lifetimes::default(), now).unwrap()
}
