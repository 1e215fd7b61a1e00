//! The functions that stored hashes were made with: argon2, and those of other services.
//!
//! A stored hash may come from an import, so its costs are bounded here: no verification may take
//! much longer than a second or more than 256 MiB. This module must not know texts.

use std::num::NonZeroU32;

use argon2::{Algorithm, Params, Version};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};
use zeroize::Zeroizing;

use super::invalid::InvalidPasswordHash;

/// A stored hash, parsed.
pub(super) struct StoredHash {
    pub(super) scheme: Scheme,
    pub(super) salt: Vec<u8>,
    pub(super) output: Vec<u8>,
}

/// A function and its costs, within the bounds.
pub(super) enum Scheme {
    Argon2(Argon2Scheme),
    Foreign(ForeignScheme),
}

/// A variant of argon2.
pub(super) struct Argon2Scheme {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Params,
}

/// A function of other services.
pub(super) enum ForeignScheme {
    Bcrypt {
        cost: u32,
        /// Whether the password is replaced by its SHA-256 in hexadecimal first, as Django does.
        is_digested: bool,
    },
    Scrypt(scrypt::Params),
    Pbkdf2(Digest, NonZeroU32),
}

/// The digest of PBKDF2.
#[derive(Clone, Copy)]
pub(super) enum Digest {
    Sha1,
    Sha256,
    Sha512,
}

impl Argon2Scheme {
    pub(super) fn check(self) -> Result<Self, InvalidPasswordHash> {
        let (memory_kib, passes) = (self.params.m_cost(), self.params.t_cost());
        let work = memory_kib.saturating_mul(passes);
        if memory_kib > MAX_ARGON2_KIB || work > MAX_ARGON2_WORK_KIB {
            return Err(InvalidPasswordHash::TooCostly);
        }
        Ok(self)
    }
}

impl ForeignScheme {
    pub(super) fn bcrypt(cost: u32, is_digested: bool) -> Result<Self, InvalidPasswordHash> {
        match cost {
            ..MIN_BCRYPT_COST => Err(InvalidPasswordHash::Malformed),
            MIN_BCRYPT_COST..=MAX_BCRYPT_COST => Ok(Self::Bcrypt { cost, is_digested }),
            _ => Err(InvalidPasswordHash::TooCostly),
        }
    }

    pub(super) fn scrypt(log_n: u32, r: u32, p: u32) -> Result<Self, InvalidPasswordHash> {
        let n = 1_u64
            .checked_shl(log_n)
            .ok_or(InvalidPasswordHash::TooCostly)?;
        let blocks = n.saturating_mul(r.into());
        if blocks > MAX_SCRYPT_BLOCKS || blocks.saturating_mul(p.into()) > MAX_SCRYPT_WORK_BLOCKS {
            return Err(InvalidPasswordHash::TooCostly);
        }
        let log_n = u8::try_from(log_n).map_err(|_| InvalidPasswordHash::TooCostly)?;
        let params = scrypt::Params::new(log_n, r, p, MIN_OUTPUT_BYTES);
        params
            .map(Self::Scrypt)
            .map_err(|_| InvalidPasswordHash::Malformed)
    }

    pub(super) fn pbkdf2(
        digest: Digest,
        iterations: u32,
        output: &[u8],
    ) -> Result<Self, InvalidPasswordHash> {
        let iterations = NonZeroU32::new(iterations).ok_or(InvalidPasswordHash::Malformed)?;
        // Each block of the output costs all iterations.
        let blocks = output.len().div_ceil(digest.bytes());
        let blocks = u32::try_from(blocks).unwrap_or(u32::MAX);
        if iterations.get().saturating_mul(blocks) > MAX_PBKDF2_ITERATIONS {
            return Err(InvalidPasswordHash::TooCostly);
        }
        Ok(Self::Pbkdf2(digest, iterations))
    }

    /// Computes the output for a password. Returns `false` for lengths that the function refuses.
    pub(super) fn derive(&self, password: &str, salt: &[u8], output: &mut [u8]) -> bool {
        match self {
            Self::Bcrypt { cost, is_digested } => {
                derive_bcrypt((password, *is_digested), *cost, salt, output)
            }
            Self::Scrypt(params) => {
                scrypt::scrypt(password.as_bytes(), salt, params, output).is_ok()
            }
            Self::Pbkdf2(digest, iterations) => {
                let algorithm = match digest {
                    Digest::Sha1 => PBKDF2_HMAC_SHA1,
                    Digest::Sha256 => PBKDF2_HMAC_SHA256,
                    Digest::Sha512 => PBKDF2_HMAC_SHA512,
                };
                pbkdf2::derive(algorithm, *iterations, salt, password.as_bytes(), output);
                true
            }
        }
    }
}

impl Digest {
    fn bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// Every implementation reads the first 72 bytes only, with the zero that ends the password if it
/// is among them.
fn derive_bcrypt(
    (password, is_digested): (&str, bool),
    cost: u32,
    salt: &[u8],
    output: &mut [u8],
) -> bool {
    let Ok(salt) = salt.try_into() else {
        return false;
    };
    let digested;
    let password = if is_digested {
        digested = hexadecimal(digest(&SHA256, password.as_bytes()).as_ref());
        digested.as_bytes()
    } else {
        password.as_bytes()
    };
    let ended = password.iter().copied().chain([0]);
    let read: Zeroizing<Vec<u8>> = Zeroizing::new(ended.take(BCRYPT_PASSWORD_BYTES).collect());
    let derived = Zeroizing::new(bcrypt::bcrypt(cost, salt, &read));
    for (to, from) in output.iter_mut().zip(derived.iter()) {
        *to = *from;
    }
    output.len() == BCRYPT_OUTPUT_BYTES
}

fn hexadecimal(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            text.push(char::from_digit(digit.into(), 16).unwrap_or_default());
        }
    }
    text
}

/// The last byte of the 24 is never written.
pub(super) const BCRYPT_OUTPUT_BYTES: usize = 23;
/// Shorter outputs match too many passwords.
pub(super) const MIN_OUTPUT_BYTES: usize = 16;
const BCRYPT_PASSWORD_BYTES: usize = 72;
/// The range of the function begins here.
const MIN_BCRYPT_COST: u32 = 4;
/// 2^14 rounds take about a second.
const MAX_BCRYPT_COST: u32 = 14;
/// 128 MiB; a block has 128 bytes.
const MAX_SCRYPT_BLOCKS: u64 = 1 << 20;
/// Twice through 128 MiB.
const MAX_SCRYPT_WORK_BLOCKS: u64 = 1 << 21;
/// Django uses a million; two million take about a second.
const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
const MAX_ARGON2_KIB: u32 = 256 * 1_024;
/// Four times through 256 MiB.
const MAX_ARGON2_WORK_KIB: u32 = 1_024 * 1_024;
