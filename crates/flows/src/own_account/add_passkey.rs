//! Registering a passkey for the caller's account.

use signet_core::authenticators::{AuthenticatorProblem, AuthenticatorSet, MAX_PASSKEYS, Passkey};

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyCreation, PasskeyToAdd};
use crate::second_factor::FactorError;
use crate::step_up::Proof;

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
        if proven.authenticators.passkeys.len() >= MAX_PASSKEYS {
            return Err(FactorError::Problem(AuthenticatorProblem::TooMany).into());
        }
        let asked = self.ask_new_passkey(
            proven.credentials.account,
            &proven.authenticators.passkeys,
            binding_to(bearer),
        );
        Ok(asked.await?)
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
        let checked = self.check_new_passkey(&new, binding_to(bearer), caller);
        let passkey = checked.await?.map_err(FactorError::from)?;
        let add = |found: AuthenticatorSet| {
            let added = found.add_passkey(passkey.clone());
            added.map_err(FactorError::Problem)
        };
        self.change_authenticators(account.id, add).await?;
        events::emit(Event::PasskeyAdded(account.id), caller);
        self.send_notice(MailKind::FactorChanged, &account, origin)
            .await;
        Ok(passkey)
    }
}

fn binding_to(bearer: SessionBearer) -> Binding {
    Binding::Session(bearer.account_id(), bearer.session_id())
}
