//! The ceremonies of passkeys between their two requests.
//!
//! A ceremony is stored as a challenge that one answer uses up, whether the answer is good or not. The
//! right answer of an enrolment in a sign-in can be repeated.
//! The rules of the ceremonies are in `signet_core::webauthn`. This module must not know what an
//! answer is good for.

mod ceremony;
mod registration;

use std::time::Duration;

use signet_core::one_time_token::OneTimeToken;
use signet_core::secret::SecretText;
use signet_core::webauthn::{AssertionResponse, CeremonyRefusal, PasskeyChallenge};

pub(crate) use ceremony::Binding;
pub use registration::{PasskeyCreation, PasskeyToAdd};

/// How long a ceremony waits for its answer.
pub const CEREMONY_TTL: Duration = Duration::from_mins(5);

/// A request for a proof by a passkey.
#[derive(Debug)]
pub struct PasskeyRequest {
    /// What the answer names the request by. Good for one answer.
    pub challenge_id: OneTimeToken,
    /// The challenge.
    pub challenge: PasskeyChallenge,
    /// The RP id.
    pub rp_id: String,
    /// The credentials that are accepted; empty if the person chooses one.
    pub allowed: Vec<Vec<u8>>,
}

/// A proof by a passkey as a person shows it.
#[derive(Clone, Debug)]
pub struct PasskeyAnswer {
    /// Names the request.
    pub challenge_id: SecretText,
    /// The answer of the browser.
    pub credential: AssertionResponse,
}

/// Why an answer of a passkey was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasskeyRefusal {
    /// The challenge is unknown, used or expired, or was made for another purpose or person.
    #[error("the challenge is unknown, used or expired")]
    Ended,
    /// The account, or every account, has no such passkey.
    #[error("the passkey is not registered")]
    Unknown,
    /// The answer breaks a rule of the ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyRefusal),
}

impl PasskeyRefusal {
    /// Its stable name in events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ended => "challenge_ended",
            Self::Unknown => "unknown_passkey",
            Self::Ceremony(refusal) => refusal.code(),
        }
    }
}
