//! Registering a passkey for the caller's account.

use signet_core::account::{Account, DisplayName};
use signet_core::authenticators::{AuthenticatorProblem, Authenticators, MAX_PASSKEYS, Passkey};
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_core::webauthn::{Ceremony, PasskeyChallenge, Registration, register};

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyRefusal};
use crate::second_factor::FactorError;
use crate::step_up::Proof;

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
    pub credential: Registration,
    /// The name, if its owner chose one.
    pub name: Option<DisplayName>,
}

impl Flows {
    /// Asks the caller for a new passkey.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn begin_own_passkey(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<PasskeyCreation, OwnAccountError> {
        let proven = self.prove(bearer, proof, origin).await?;
        let passkeys = &proven.authenticators.passkeys;
        if passkeys.len() >= MAX_PASSKEYS {
            return Err(FactorError::Problem(AuthenticatorProblem::TooMany).into());
        }
        let binding = Binding::Session(bearer.account_id(), bearer.session_id());
        let purpose = OneTimePurpose::PasskeyRegistration;
        let (challenge_id, challenge) = self.begin_ceremony(purpose, binding).await?;
        let ids = passkeys.iter().map(|passkey| passkey.credential_id.clone());
        Ok(PasskeyCreation {
            challenge_id,
            challenge,
            rp_id: self.settings.relying_party.id().to_owned(),
            rp_name: self.settings.totp_issuer.clone(),
            excluded: ids.collect(),
            account: proven.credentials.account,
        })
    }

    /// Adds a passkey to the caller's account.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn add_own_passkey(
        &self,
        bearer: SessionBearer,
        new: PasskeyToAdd,
        origin: &RequestOrigin,
    ) -> Result<Passkey, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        let caller = Caller::account(account.id, origin);
        let registered = self.check_registration(bearer, &new).await;
        let passkey = registered.inspect_err(|error| {
            if let FactorError::Passkey(refusal) = error {
                events::emit(
                    Event::PasskeyRefused(Some(account.id), refusal.code()),
                    caller,
                );
            }
        })?;
        let add = |found: Authenticators| {
            let added = found.add_passkey(passkey.clone());
            added.map_err(FactorError::Problem)
        };
        self.change_authenticators(account.id, add).await?;
        events::emit(Event::PasskeyAdded(account.id), caller);
        self.send_notice(MailKind::FactorChanged, &account, origin)
            .await;
        Ok(passkey)
    }

    async fn check_registration(
        &self,
        bearer: SessionBearer,
        new: &PasskeyToAdd,
    ) -> Result<Passkey, FactorError> {
        let purpose = OneTimePurpose::PasskeyRegistration;
        let binding = Binding::Session(bearer.account_id(), bearer.session_id());
        let taken = self.take_ceremony(purpose, &new.challenge_id).await?;
        let taken = taken.filter(|taken| taken.binding == binding);
        let ceremony = Ceremony {
            relying_party: &self.settings.relying_party,
            challenge: taken.ok_or(PasskeyRefusal::Ended)?.challenge,
        };
        let registered = register(&new.credential, ceremony).map_err(PasskeyRefusal::from)?;
        Ok(registered.stored(new.name.clone(), self.clock.now()))
    }
}
