//! Registering a passkey: the request for a new one, and the check of its answer. This module must not
//! know who may register one.

use signet_core::account::{Account, DisplayName};
use signet_core::authenticators::Passkey;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_core::webauthn::{AttestationResponse, Ceremony, PasskeyChallenge, register};
use signet_store::StoreError;

use super::ceremony::StoredCeremony;
use super::{Binding, PasskeyRefusal};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

/// A request for a new passkey.
#[derive(Debug)]
pub struct PasskeyCreation {
    /// What the answer names the request by. Good for one answer.
    pub challenge_id: OneTimeToken,
    /// The challenge.
    pub challenge: PasskeyChallenge,
    /// The RP id.
    pub rp_id: String,
    /// What the browser calls this server.
    pub rp_name: String,
    /// The account.
    pub account: Account,
    /// The credentials that the account has already.
    pub excluded: Vec<Vec<u8>>,
}

/// The answer to a request for a new passkey.
#[derive(Debug)]
pub struct PasskeyToAdd {
    /// Names the request.
    pub challenge_id: SecretText,
    /// The answer of the browser.
    pub credential: AttestationResponse,
    /// The name, if its owner chose one.
    pub name: Option<DisplayName>,
}

impl Flows {
    /// Asks for a new passkey of an account that has these `passkeys`.
    pub(crate) async fn ask_new_passkey(
        &self,
        account: Account,
        passkeys: &[Passkey],
        binding: Binding,
    ) -> Result<PasskeyCreation, StoreError> {
        let (challenge_id, challenge) = self.begin_ceremony(REGISTRATION, binding).await?;
        let ids = passkeys.iter().map(|passkey| passkey.credential_id.clone());
        Ok(PasskeyCreation {
            challenge_id,
            challenge,
            rp_id: self.settings.relying_party.id().to_owned(),
            rp_name: self.settings.totp_issuer.clone(),
            excluded: ids.collect(),
            account,
        })
    }

    /// Checks the answer to a request that was made for `binding`. The caller stores the passkey.
    pub(crate) async fn check_new_passkey(
        &self,
        new: &PasskeyToAdd,
        binding: Binding,
        caller: Caller<'_>,
    ) -> Result<Result<Passkey, PasskeyRefusal>, StoreError> {
        let taken = self.take_ceremony(REGISTRATION, &new.challenge_id).await?;
        Ok(self.judge_new_passkey(taken, new, binding, caller))
    }

    /// Checks like [`check_new_passkey`](Self::check_new_passkey). The request stays in place after a
    /// right answer, so that the same answer is right again until the request expires. The caller
    /// makes sure that another passkey is of no use then.
    pub(crate) async fn check_repeatable_passkey(
        &self,
        new: &PasskeyToAdd,
        binding: Binding,
        caller: Caller<'_>,
    ) -> Result<Result<Passkey, PasskeyRefusal>, StoreError> {
        let found = self.find_ceremony(REGISTRATION, &new.challenge_id).await?;
        let checked = self.judge_new_passkey(found, new, binding, caller);
        if checked.is_err() {
            self.take_ceremony(REGISTRATION, &new.challenge_id).await?;
        }
        Ok(checked)
    }

    fn judge_new_passkey(
        &self,
        asked: Option<StoredCeremony>,
        new: &PasskeyToAdd,
        binding: Binding,
        caller: Caller<'_>,
    ) -> Result<Passkey, PasskeyRefusal> {
        let asked = asked.filter(|asked| asked.binding == binding);
        let registered = match asked {
            None => Err(PasskeyRefusal::Ended),
            Some(asked) => {
                let ceremony = Ceremony {
                    relying_party: &self.settings.relying_party,
                    challenge: asked.challenge,
                };
                register(&new.credential, ceremony).map_err(PasskeyRefusal::from)
            }
        };
        let registered = registered.inspect_err(|refusal| {
            let refused = Event::PasskeyRefused(binding.account_id(), refusal.code());
            events::emit(refused, caller);
        });
        registered.map(|new_key| new_key.stored(new.name.clone(), self.clock.now()))
    }
}

const REGISTRATION: OneTimePurpose = OneTimePurpose::PasskeyRegistration;
