//! Hashing with argon2id (RFC 9106), in reused memory, and verifying also what other services made.
//!
//! Allocating 19 MiB can take a third of the time of a hash. So each thread has one hasher, which
//! keeps its memory for as long as it lives.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use zeroize::Zeroizing;

use super::rules::Password;
use super::scheme::{Argon2Scheme, Scheme, StoredHash};
use super::stored::PasswordHash;

/// The length of a salt, in bytes; RFC 9106 section 3.1 recommends 16.
pub const SALT_BYTES: usize = 16;

/// Hashes passwords with the current parameters, and verifies them with the parameters of the
/// stored hash.
#[derive(Default)]
pub struct Hasher {
    memory: Vec<Block>,
    derivations: u64,
}

/// The result of verifying a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PasswordVerdict {
    /// Whether the password matches the hash.
    pub matches: bool,
    /// Whether the hash has other parameters than the current ones.
    pub needs_rehash: bool,
}

impl Hasher {
    /// Returns a hasher that has not allocated its memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hashes `password` with the current parameters.
    pub fn hash(&mut self, password: &Password, salt: [u8; SALT_BYTES]) -> PasswordHash {
        let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
        self.derive(password, &salt, &current(), output.as_mut_slice());
        PasswordHash::from_parts((MEMORY_KIB, PASSES, LANES), &salt, output.as_slice())
    }

    /// Compares `password` with a stored hash. The time does not depend on the result. An imported
    /// hash takes as long as its own function and costs demand.
    pub fn verify(&mut self, password: &Password, stored: &PasswordHash) -> PasswordVerdict {
        let Ok(parts) = StoredHash::parse(stored.as_str()) else {
            return self.verify_nobody(password);
        };
        let mut output = Zeroizing::new(vec![0; parts.output.len()]);
        let derived = match &parts.scheme {
            Scheme::Argon2(scheme) => self.derive(password, &parts.salt, scheme, &mut output),
            Scheme::Foreign(scheme) => {
                self.derivations += 1;
                scheme.derive(password.expose(), &parts.salt, &mut output)
            }
        };
        PasswordVerdict {
            matches: derived && verify_slices_are_equal(&output, &parts.output).is_ok(),
            needs_rehash: !is_current(&parts),
        }
    }

    /// Takes as long as a verification and never matches. Used for unknown accounts.
    pub fn verify_nobody(&mut self, password: &Password) -> PasswordVerdict {
        let mut output = Zeroizing::new([0; OUTPUT_BYTES]);
        self.derive(
            password,
            &[0; SALT_BYTES],
            &current(),
            output.as_mut_slice(),
        );
        PasswordVerdict {
            matches: false,
            needs_rehash: false,
        }
    }

    /// Returns how often argon2 has run: once for each hash and each verification.
    pub fn derivations(&self) -> u64 {
        self.derivations
    }

    /// Computes a hash. Returns `false` for lengths that argon2 refuses; no stored hash has them.
    fn derive(
        &mut self,
        password: &Password,
        salt: &[u8],
        scheme: &Argon2Scheme,
        output: &mut [u8],
    ) -> bool {
        self.derivations += 1;
        let blocks = scheme.params.block_count();
        if self.memory.len() < blocks {
            self.memory.resize(blocks, Block::new());
        }
        let Some(memory) = self.memory.get_mut(..blocks) else {
            return false;
        };
        let derived = Argon2::new(scheme.algorithm, scheme.version, scheme.params.clone())
            .hash_password_into_with_memory(password.expose().as_bytes(), salt, output, memory)
            .is_ok();
        // An imported hash may have needed more than the next one does.
        let usual = current().params.block_count();
        if blocks > usual {
            self.memory.truncate(usual);
            self.memory.shrink_to_fit();
        }
        derived
    }
}

fn is_current(stored: &StoredHash) -> bool {
    let Scheme::Argon2(scheme) = &stored.scheme else {
        return false;
    };
    let params = &scheme.params;
    scheme.algorithm == Algorithm::Argon2id
        && scheme.version == Version::V0x13
        && (params.m_cost(), params.t_cost(), params.p_cost()) == (MEMORY_KIB, PASSES, LANES)
        && stored.output.len() == OUTPUT_BYTES
}

#[expect(
    clippy::expect_used,
    reason = "the parameters are constants within argon2's bounds"
)]
fn current() -> Argon2Scheme {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(OUTPUT_BYTES));
    Argon2Scheme {
        algorithm: Algorithm::Argon2id,
        version: Version::V0x13,
        params: params.expect("within argon2's bounds"),
    }
}

/// OWASP's password storage cheat sheet recommends argon2id with 19 MiB, two passes and one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const OUTPUT_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretText;

    fn password(text: &str) -> Password {
        Password::typed(&SecretText::new(text.to_owned())).unwrap()
    }

    #[test]
    fn a_hash_matches_its_password_only() {
        let mut hasher = Hasher::new();
        let hash = hasher.hash(&password("correct horse"), [1; 16]);
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let good = PasswordVerdict {
            matches: true,
            needs_rehash: false,
        };
        let bad = PasswordVerdict {
            matches: false,
            needs_rehash: false,
        };
        assert_eq!(hasher.verify(&password("correct horse"), &hash), good);
        assert_eq!(hasher.verify(&password("correct Horse"), &hash), bad);
        assert_eq!(hasher.verify_nobody(&password("correct horse")), bad);
    }

    #[test]
    fn a_hash_with_other_parameters_still_matches_and_asks_for_a_new_one() {
        // Made by the reference implementation in C, with 256 KiB.
        let stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$2Tz31/DvwM3ZDNXezOIBNEq021DwStEmw1lLBM1roy4";
        let verdict = Hasher::new().verify(&password("correct horse"), &stored.parse().unwrap());
        assert_eq!(
            verdict,
            PasswordVerdict {
                matches: true,
                needs_rehash: true
            }
        );
    }

    #[test]
    fn every_verification_runs_argon2_once() {
        let mut hasher = Hasher::new();
        let hash = hasher.hash(&password("correct horse"), [1; 16]);
        let mut ran = hasher.derivations();
        let mut runs_once = |hasher: &Hasher| {
            ran += 1;
            assert_eq!(hasher.derivations(), ran);
        };
        hasher.verify(&password("correct horse"), &hash);
        runs_once(&hasher);
        hasher.verify(&password("wrong horse"), &hash);
        runs_once(&hasher);
        hasher.verify_nobody(&password("correct horse"));
        runs_once(&hasher);
    }
}
