//! What a mail in the outbox holds, sealed with the data key for that mail alone.

use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use signet_core::account::Email;
use signet_core::ids::{AccountId, MailId};
use signet_core::keys::data_keys::{DataKeys, Purpose};
use signet_verifier::Timestamp;
use zeroize::Zeroizing;

use super::{Language, MailKind};
use crate::logout_sender::LogoutNotice;

/// What waits in the outbox.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Payload {
    /// A mail whose reader is known.
    Mail(Message),
    /// A request for a new password. Whether an account has the address is looked up by the worker,
    /// so that the request costs the same for every address.
    ResetRequested {
        /// The address that was typed.
        email: String,
        /// The language that was asked for.
        language: Language,
    },
    /// A request to register. Whether an account has the address is looked up by the worker.
    RegistrationRequested {
        /// The address that was typed.
        email: String,
        /// The language that was asked for.
        language: Language,
    },
    /// A client is told that one of its sessions has ended. This is a request and not a mail.
    Logout(LogoutNotice),
}

/// A mail whose reader is known.
#[derive(Serialize, Deserialize)]
pub(crate) struct Message {
    /// What it is about.
    pub(crate) kind: MailKind,
    /// The address.
    pub(crate) to: String,
    /// The language.
    pub(crate) language: Language,
    /// The token of its link, if it has one.
    pub(crate) token: Option<String>,
    /// How long its link is valid, in seconds; the lifetime of its kind if it is missing.
    #[serde(default)]
    pub(crate) lifetime: Option<u64>,
    /// When it happened, seconds since 1970.
    pub(crate) at: u64,
    /// The address of the client that caused it, if it is known.
    pub(crate) address: Option<String>,
}

impl Payload {
    /// The payload as the outbox stores it; `None` if the library gives up.
    pub(crate) fn seal(
        &self,
        keys: &DataKeys,
        id: MailId,
        now: Timestamp,
        rng: &mut impl CryptoRng,
    ) -> Option<Vec<u8>> {
        let plain = Zeroizing::new(serde_json::to_vec(self).ok()?);
        keys.seal(bound_to(id), &plain, now, rng).ok()
    }

    /// Opens a payload; `None` if it was sealed for another mail or with a key that is gone.
    pub(crate) fn open(keys: &DataKeys, id: MailId, sealed: &[u8]) -> Option<Self> {
        let plain = keys.open(bound_to(id), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

impl Message {
    /// The address.
    pub(crate) fn email(&self) -> Option<Email> {
        self.to.parse().ok()
    }
}

/// The owner of the payload is the mail: a payload cannot be moved into another row.
fn bound_to(id: MailId) -> (Purpose, AccountId) {
    (Purpose::MAIL, AccountId::from_bytes(*id.as_bytes()))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use signet_core::keys::data_keys::DataKey;
    use signet_core::secret::SecretBytes;

    use super::*;

    #[test]
    fn a_payload_opens_for_its_own_mail_and_shows_nothing_before() {
        let now = Timestamp::from_seconds(100);
        let key = DataKey::new(1, now, SecretBytes::new([1; 32]));
        let keys = DataKeys::new(vec![key]).unwrap();
        let payload = Payload::ResetRequested {
            email: "ada@example.com".to_owned(),
            language: Language::German,
        };
        let (one, other) = (MailId::from_bytes([1; 16]), MailId::from_bytes([2; 16]));
        let mut rng = StdRng::seed_from_u64(1);
        let sealed = payload.seal(&keys, one, now, &mut rng).unwrap();
        assert!(!sealed.windows(3).any(|part| part == b"ada"));
        assert!(Payload::open(&keys, other, &sealed).is_none());
        let Some(Payload::ResetRequested { email, language }) = Payload::open(&keys, one, &sealed)
        else {
            panic!("another payload");
        };
        assert_eq!(
            (email.as_str(), language),
            ("ada@example.com", Language::German)
        );
    }
}
