//! Passkeys: the ceremonies of WebAuthn level 3 as pure functions of bytes.
//!
//! A ceremony is a challenge, the answer of a browser to it, and a verdict. The registration of a
//! passkey is in [`register()`], a proof by one in [`prove()`]. User verification is always
//! required, and attestation is neither asked for nor trusted. This module must not know how
//! challenges are stored, how often one is used, or which account a credential belongs to.

mod authenticator_data;
mod cbor;
mod client_data;
mod credential_id;
mod credential_key;
mod prove;
mod refusal;
mod register;
mod response;

use std::fmt;

use rand::CryptoRng;

use crate::ids::random_bytes;
use crate::sha256::sha256;

pub use credential_id::{InvalidPasskeyId, PasskeyId};
pub use credential_key::ALGORITHMS;
pub use prove::{PasskeyUse, prove};
pub use refusal::CeremonyRefusal;
pub use register::{NewPasskey, register};
pub use response::{AssertionResponse, AttestationResponse, InvalidCredential};

/// The longest id of a credential, in bytes; WebAuthn level 3 section 7.1.
const MAX_CREDENTIAL_ID_BYTES: usize = 1_023;

/// The party that passkeys are registered for: an RP id, and the origins of its pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RelyingParty {
    id: String,
    origins: Vec<String>,
}

impl RelyingParty {
    /// The party with this RP id, whose pages have one of `origins`.
    pub fn new(id: String, origins: Vec<String>) -> Self {
        Self { id, origins }
    }

    /// The RP id: a domain, such as `example.com`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether browsers let a page of `host` use passkeys of the RP id `id`: the host is the id or
    /// below it.
    pub fn covers(id: &str, host: &str) -> bool {
        let above = host.strip_suffix(id);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    }

    /// Whether answers of pages with this origin are accepted.
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }

    fn id_hash(&self) -> [u8; 32] {
        sha256(&[self.id.as_bytes()])
    }
}

/// A challenge: 32 random bytes, which the answer repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PasskeyChallenge([u8; CHALLENGE_BYTES]);

impl PasskeyChallenge {
    /// A new random challenge.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(random_bytes(rng))
    }

    /// The challenge with these bytes.
    pub fn from_bytes(bytes: [u8; CHALLENGE_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes of the challenge.
    pub fn as_bytes(&self) -> &[u8; CHALLENGE_BYTES] {
        &self.0
    }
}

impl fmt::Debug for PasskeyChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyChallenge(..)")
    }
}

/// What an answer is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Ceremony<'a> {
    /// The party that asked.
    pub relying_party: &'a RelyingParty,
    /// The challenge that it sent.
    pub challenge: PasskeyChallenge,
}

const CHALLENGE_BYTES: usize = 32;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;
