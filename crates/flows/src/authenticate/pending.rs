//! A sign-in between its two steps: the password was right, and a second factor is required. If the
//! account has none, the second step enrols one.
//!
//! The challenge that remembers it holds the account, its epoch and the client. So what ends the
//! sessions of the account ends the pending sign-in too.

use std::time::Duration;

use signet_core::account::{Account, Epoch, MfaPolicy};
use signet_core::authenticators::ProofMethod;
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, ChallengePayload, StoreError};

use super::Authenticated;
use crate::flows::Flows;
use crate::passkeys::{Binding, PasskeyRequest};
use crate::random::system_rng;

/// What a right password leads to.
#[derive(Debug)]
pub enum PasswordSignIn {
    /// The person is authenticated.
    Done(Authenticated),
    /// A second factor is required first.
    SecondFactor(PendingSecondFactor),
    /// A second factor is required, and the account has none: one is enrolled first.
    Enrolment(PendingEnrolment),
}

/// A sign-in that waits for its second factor.
#[derive(Debug)]
pub struct PendingSecondFactor {
    /// What continues the sign-in, once.
    pub token: OneTimeToken,
    /// The methods that finish it.
    pub methods: Vec<ProofMethod>,
    /// The request for a passkey, if the account has one.
    pub passkey: Option<PasskeyRequest>,
    /// How long the token is valid.
    pub expires_in: Duration,
}

/// A sign-in that waits until a second factor is enrolled.
#[derive(Debug)]
pub struct PendingEnrolment {
    /// What continues the sign-in, once.
    pub token: OneTimeToken,
    /// How long the token is valid.
    pub expires_in: Duration,
}

/// How long a sign-in waits for its second factor.
pub const SECOND_FACTOR_TTL: Duration = Duration::from_mins(5);

/// How many factors may be tried with one token.
pub(crate) const MAX_SECOND_FACTOR_TRIES: u64 = 5;

/// How many requests may name the token of an enrolment: each page that shows it is one.
pub(crate) const MAX_ENROLMENT_REQUESTS: u64 = 25;

/// What the challenge of a pending sign-in remembers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PendingSignIn {
    pub(super) account_id: AccountId,
    pub(super) epoch: Epoch,
    pub(super) client_id: ClientId,
    pub(super) step: SecondStep,
}

/// The second step of a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SecondStep {
    /// A second factor that is enrolled.
    Factor,
    /// Enrolling a second factor, because the account must have one.
    Enrol,
}

impl Flows {
    /// Continues a sign-in whose password was right. `account` was read before it was checked. The
    /// stronger policy counts: that of the account or that of the client.
    pub(super) async fn after_password(
        &self,
        account: Account,
        (client_id, policy): (&ClientId, MfaPolicy),
    ) -> Result<PasswordSignIn, StoreError> {
        match (account.second_factors.any(), account.mfa.stronger(policy)) {
            (true, _) => self.wait_for_factor(&account, client_id).await,
            (false, MfaPolicy::Required) => {
                let token = self.keep_pending_sign_in(&account, client_id, SecondStep::Enrol);
                Ok(PasswordSignIn::Enrolment(PendingEnrolment {
                    token: token.await?,
                    expires_in: SECOND_FACTOR_TTL,
                }))
            }
            (false, MfaPolicy::Optional) => {
                let now = self.clock.now();
                let authenticated = Authenticated::by_password(account, now);
                Ok(PasswordSignIn::Done(authenticated))
            }
        }
    }

    async fn wait_for_factor(
        &self,
        account: &Account,
        client_id: &ClientId,
    ) -> Result<PasswordSignIn, StoreError> {
        let factors = self.stores.authenticators.find(account.id).await?;
        let (methods, passkeys) = factors.map_or_else(Default::default, |factors| {
            (factors.strongest_methods(), factors.passkeys)
        });
        let passkey = if passkeys.is_empty() {
            None
        } else {
            let binding = Binding::Account(account.id);
            Some(self.ask_passkey(binding, &passkeys).await?)
        };
        let token = self.keep_pending_sign_in(account, client_id, SecondStep::Factor);
        Ok(PasswordSignIn::SecondFactor(PendingSecondFactor {
            token: token.await?,
            methods,
            passkey,
            expires_in: SECOND_FACTOR_TTL,
        }))
    }

    async fn keep_pending_sign_in(
        &self,
        account: &Account,
        client_id: &ClientId,
        step: SecondStep,
    ) -> Result<OneTimeToken, StoreError> {
        let now = self.clock.now();
        let token = OneTimeToken::random(OneTimePurpose::SecondFactor, &mut system_rng());
        let pending = PendingSignIn {
            account_id: account.id,
            epoch: account.standing.epoch,
            client_id: client_id.clone(),
            step,
        };
        let challenge = Challenge {
            purpose: token.purpose(),
            id: token.digest(),
            payload: pending.write()?,
            until: now.saturating_add(SECOND_FACTOR_TTL),
        };
        self.stores.challenges.put(&challenge, now).await?;
        Ok(token)
    }
}

impl PendingSignIn {
    fn write(&self) -> Result<ChallengePayload, StoreError> {
        let epoch = self.epoch.number().to_be_bytes();
        let client_id = self.client_id.as_str().as_bytes();
        let parts = [
            &[self.step.format()],
            self.account_id.as_bytes().as_slice(),
            &epoch,
            client_id,
        ];
        // A client id has at most 100 bytes, so this cannot fail.
        parts.concat().try_into().map_err(|_| StoreError::Corrupt {
            store: "challenges",
            what: "a pending sign-in that is too long",
        })
    }

    /// Reads what [`write`](Self::write) wrote; `None` for anything else.
    pub(super) fn read(payload: &ChallengePayload) -> Option<Self> {
        let (&format, rest) = payload.as_bytes().split_first()?;
        let (&account_id, rest) = rest.split_first_chunk()?;
        let (&epoch, client_id) = rest.split_first_chunk()?;
        let client_id = std::str::from_utf8(client_id).ok()?;
        Some(Self {
            account_id: AccountId::from_bytes(account_id),
            epoch: Epoch::from_number(u32::from_be_bytes(epoch)),
            client_id: client_id.parse().ok()?,
            step: SecondStep::with_format(format)?,
        })
    }
}

impl SecondStep {
    /// How many requests may name the token. Only an enrolled factor can be guessed; an enrolment
    /// shows its secret to the same person.
    pub(super) fn max_tries(self) -> u64 {
        match self {
            Self::Factor => MAX_SECOND_FACTOR_TRIES,
            Self::Enrol => MAX_ENROLMENT_REQUESTS,
        }
    }

    /// The first byte of a payload. Another layout is another number.
    fn format(self) -> u8 {
        match self {
            Self::Factor => 1,
            Self::Enrol => 2,
        }
    }

    fn with_format(format: u8) -> Option<Self> {
        let mut all = [Self::Factor, Self::Enrol].into_iter();
        all.find(|step| step.format() == format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_reads_back_and_nothing_else_does() {
        let mut pending = PendingSignIn {
            account_id: AccountId::from_bytes([7; 16]),
            epoch: Epoch::from_number(9),
            client_id: "web".parse().unwrap(),
            step: SecondStep::Enrol,
        };
        let payload = pending.write().unwrap();
        assert_eq!(PendingSignIn::read(&payload), Some(pending.clone()));
        pending.step = SecondStep::Factor;
        let payload = pending.write().unwrap();
        assert_eq!(PendingSignIn::read(&payload), Some(pending));
        for bytes in [&[][..], &[2], &[3; 30], &payload.as_bytes()[..21]] {
            let payload = ChallengePayload::try_from(bytes.to_vec()).unwrap();
            assert_eq!(PendingSignIn::read(&payload), None, "{bytes:?}");
        }
    }
}
