//! Ceremonies between their two requests: the challenge that was sent, and who may answer it.

use signet_core::account::Email;
use signet_core::authenticators::Passkey;
use signet_core::ids::{AccountId, SessionId};
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_core::webauthn::PasskeyChallenge;
use signet_store::{Challenge, ChallengePayload, StoreError};

use super::{CEREMONY_TTL, PasskeyRequest};
use crate::flows::Flows;
use crate::random::system_rng;

/// Who may answer a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Binding {
    /// Anybody who signs in.
    Anybody,
    /// The account with an email address, given by its digest: it may not exist.
    Email([u8; 32]),
    /// The account of a sign-in whose password was right.
    Account(AccountId),
    /// The holder of a session.
    Session(AccountId, SessionId),
}

/// What the challenge of a ceremony remembers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StoredCeremony {
    pub(crate) challenge: PasskeyChallenge,
    pub(crate) binding: Binding,
}

impl Flows {
    /// Asks for a proof by one of these passkeys, or by any if there are none.
    pub(crate) async fn ask_passkey(
        &self,
        binding: Binding,
        passkeys: &[Passkey],
    ) -> Result<PasskeyRequest, StoreError> {
        let (challenge_id, challenge) = self
            .begin_ceremony(OneTimePurpose::PasskeySignIn, binding)
            .await?;
        let ids = passkeys.iter().map(|passkey| passkey.credential_id.clone());
        Ok(PasskeyRequest {
            challenge_id,
            challenge,
            rp_id: self.settings.relying_party.id().to_owned(),
            allowed: ids.collect(),
        })
    }

    /// Stores a new ceremony.
    pub(crate) async fn begin_ceremony(
        &self,
        purpose: OneTimePurpose,
        binding: Binding,
    ) -> Result<(OneTimeToken, PasskeyChallenge), StoreError> {
        let token = OneTimeToken::random(purpose, &mut system_rng());
        let challenge = PasskeyChallenge::random(&mut system_rng());
        let now = self.clock.now();
        let stored = Challenge {
            purpose,
            id: token.digest(),
            payload: StoredCeremony { challenge, binding }.write()?,
            until: now.saturating_add(CEREMONY_TTL),
        };
        self.stores.challenges.put(&stored, now).await?;
        Ok((token, challenge))
    }

    /// Uses up the ceremony that `text` names; `None` if it is unknown, used or expired.
    pub(crate) async fn take_ceremony(
        &self,
        purpose: OneTimePurpose,
        text: &SecretText,
    ) -> Result<Option<StoredCeremony>, StoreError> {
        let Ok(token) = OneTimeToken::read(purpose, text.expose()) else {
            return Ok(None);
        };
        let now = self.clock.now();
        let payload = self.stores.challenges.take(purpose, token.digest(), now);
        Ok(payload.await?.as_ref().and_then(StoredCeremony::read))
    }

    /// The ceremony that `text` names, which stays in place; `None` if it is unknown, used or expired.
    pub(super) async fn find_ceremony(
        &self,
        purpose: OneTimePurpose,
        text: &SecretText,
    ) -> Result<Option<StoredCeremony>, StoreError> {
        let Ok(token) = OneTimeToken::read(purpose, text.expose()) else {
            return Ok(None);
        };
        let (id, now) = (token.digest(), self.clock.now());
        let found = self.stores.challenges.attempt(purpose, id, now).await?;
        Ok(found.and_then(|found| StoredCeremony::read(&found.payload)))
    }
}

impl Binding {
    /// The binding to an address, whether an account has it or not.
    pub(crate) fn to_email(email: &Email) -> Self {
        Self::Email(email.lookup_digest())
    }

    /// The account that it names.
    pub(super) fn account_id(self) -> Option<AccountId> {
        match self {
            Self::Anybody | Self::Email(_) => None,
            Self::Account(account) | Self::Session(account, _) => Some(account),
        }
    }
}

impl StoredCeremony {
    fn write(self) -> Result<ChallengePayload, StoreError> {
        let (kind, bound_to) = match self.binding {
            Binding::Anybody => (0, Vec::new()),
            Binding::Email(digest) => (1, digest.to_vec()),
            Binding::Account(account) => (2, account.as_bytes().to_vec()),
            Binding::Session(account, session) => {
                let parts = [account.as_bytes(), session.as_bytes()];
                (3, parts.map(<[u8; 16]>::as_slice).concat())
            }
        };
        let parts = [
            &[FORMAT, kind],
            self.challenge.as_bytes().as_slice(),
            &bound_to,
        ];
        parts.concat().try_into().map_err(|_| StoreError::Corrupt {
            store: "challenges",
            what: "a ceremony that is too long",
        })
    }

    /// Reads what [`write`](Self::write) wrote; `None` for anything else.
    fn read(payload: &ChallengePayload) -> Option<Self> {
        let (&[FORMAT, kind], rest) = payload.as_bytes().split_first_chunk()? else {
            return None;
        };
        let (&challenge, rest) = rest.split_first_chunk()?;
        let binding = match (kind, rest.len()) {
            (0, 0) => Binding::Anybody,
            (1, 32) => Binding::Email(rest.try_into().ok()?),
            (2, 16) => Binding::Account(AccountId::from_bytes(rest.try_into().ok()?)),
            (3, 32) => {
                let (&account, session) = rest.split_first_chunk()?;
                let session = SessionId::from_bytes(session.try_into().ok()?);
                Binding::Session(AccountId::from_bytes(account), session)
            }
            _ => return None,
        };
        Some(Self {
            challenge: PasskeyChallenge::from_bytes(challenge),
            binding,
        })
    }
}

/// The first byte of a payload. Another layout is another number.
const FORMAT: u8 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_back_and_nothing_else_does() {
        let (account, session) = (
            AccountId::from_bytes([1; 16]),
            SessionId::from_bytes([2; 16]),
        );
        for binding in [
            Binding::Anybody,
            Binding::to_email(&"ada@example.com".parse().unwrap()),
            Binding::Account(account),
            Binding::Session(account, session),
        ] {
            let challenge = PasskeyChallenge::from_bytes([3; 32]);
            let ceremony = StoredCeremony { challenge, binding };
            let payload = ceremony.write().unwrap();
            assert_eq!(StoredCeremony::read(&payload), Some(ceremony));
            let whole = payload.as_bytes();
            let longer = [whole, &[0]].concat();
            for bytes in [&whole[..whole.len() - 1], &longer, &[], &[2, 0]] {
                let payload = ChallengePayload::try_from(bytes.to_vec()).unwrap();
                assert_eq!(StoredCeremony::read(&payload), None, "{bytes:?}");
            }
        }
    }
}
