//! Checking a proof by a passkey, and noting its use by the same compare-and-swap.

use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::one_time_token::OneTimePurpose;
use signet_core::session::MULTI_FACTOR;
use signet_core::webauthn::{AssertionResponse, Ceremony, PasskeyChallenge, prove};

use super::FactorError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::passkeys::{Binding, PasskeyAnswer, PasskeyRefusal};

/// The methods that a proof by a passkey shows, RFC 8176.
pub(crate) type PasskeyMethods = [&'static str; 3];

impl Flows {
    /// Checks the answer to a challenge that was made for `binding`, by a passkey of the account.
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub(crate) async fn use_passkey(
        &self,
        (account_id, binding): (AccountId, Binding),
        answer: &PasskeyAnswer,
        caller: Caller<'_>,
    ) -> Result<PasskeyMethods, FactorError> {
        let purpose = OneTimePurpose::PasskeySignIn;
        let taken = self.take_ceremony(purpose, &answer.challenge_id).await?;
        let Some(ceremony) = taken.filter(|taken| taken.binding == binding) else {
            let refusal = PasskeyRefusal::Ended;
            events::emit(
                Event::PasskeyRefused(Some(account_id), refusal.code()),
                caller,
            );
            return Err(refusal.into());
        };
        self.check_passkey(account_id, &answer.credential, ceremony.challenge, caller)
            .await
    }

    /// Checks the answer to a challenge that was taken.
    pub(crate) async fn check_passkey(
        &self,
        account_id: AccountId,
        answer: &AssertionResponse,
        challenge: PasskeyChallenge,
        caller: Caller<'_>,
    ) -> Result<PasskeyMethods, FactorError> {
        let checked = self
            .change_authenticators(account_id, |found| {
                self.accept_passkey(found, answer, challenge)
            })
            .await;
        let next = checked.inspect_err(|error| {
            if let FactorError::Passkey(refusal) = error {
                events::emit(
                    Event::PasskeyRefused(Some(account_id), refusal.code()),
                    caller,
                );
            }
        })?;
        events::emit(Event::PasskeyUsed(account_id), caller);
        let passkey = next.passkey(answer.credential_id());
        let can_leave_device = passkey.is_some_and(|passkey| passkey.backup_eligible);
        Ok(passkey_methods(can_leave_device))
    }

    fn accept_passkey(
        &self,
        found: AuthenticatorSet,
        answer: &AssertionResponse,
        challenge: PasskeyChallenge,
    ) -> Result<AuthenticatorSet, FactorError> {
        let ceremony = Ceremony {
            relying_party: &self.settings.relying_party,
            challenge,
        };
        let id = answer.credential_id();
        let passkey = found.passkey(id).ok_or(PasskeyRefusal::Unknown)?;
        let used = prove(answer, ceremony, passkey, found.account_id);
        let used = used.map_err(PasskeyRefusal::from)?;
        let mut next = passkey.clone();
        let noted = used.note(&mut next, self.clock.now());
        noted.map_err(PasskeyRefusal::from)?;
        let changed = found.change_passkey(id, |passkey| *passkey = next);
        changed.map_err(FactorError::Problem)
    }
}

/// The methods that a passkey shows, by whether it can be synced to other devices.
pub(crate) fn passkey_methods(can_leave_device: bool) -> PasskeyMethods {
    let key = if can_leave_device {
        SOFTWARE_KEY
    } else {
        HARDWARE_KEY
    };
    [key, USER_PRESENCE, MULTI_FACTOR]
}

/// RFC 8176 section 2: a key that never leaves its device.
const HARDWARE_KEY: &str = "hwk";
/// RFC 8176 section 2: a key that may be on several devices.
const SOFTWARE_KEY: &str = "swk";
/// RFC 8176 section 2: the person was present.
const USER_PRESENCE: &str = "user";
