//! The passkeys of the caller's account: listing, renaming and removing them.

use signet_core::account::DisplayName;
use signet_core::authenticators::{AuthenticatorProblem, AuthenticatorSet, Passkey};
use signet_core::webauthn::PasskeyId;

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::second_factor::FactorError;
use crate::step_up::Proof;

impl Flows {
    /// The caller's passkeys, the oldest first.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_passkeys(
        &self,
        bearer: SessionBearer,
    ) -> Result<Vec<Passkey>, OwnAccountError> {
        Ok(self.own_authenticators(bearer).await?.passkeys)
    }

    /// Renames a passkey of the caller; without a name it has none.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn rename_own_passkey(
        &self,
        bearer: SessionBearer,
        id: &PasskeyId,
        name: Option<DisplayName>,
    ) -> Result<Passkey, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        let rename = |found: AuthenticatorSet| {
            let renamed = found.change_passkey(id.as_bytes(), |it| it.name.clone_from(&name));
            renamed.map_err(FactorError::Problem)
        };
        let next = self.change_authenticators(account.id, rename).await?;
        let renamed = next.passkey(id.as_bytes()).cloned();
        renamed.ok_or_else(|| FactorError::Problem(AuthenticatorProblem::Unknown).into())
    }

    /// Removes a passkey of the caller. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn remove_own_passkey(
        &self,
        bearer: SessionBearer,
        id: &PasskeyId,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        self.prove(bearer, proof, origin).await?;
        let remove = |found: AuthenticatorSet| found.remove_passkey(id.as_bytes());
        self.lose_own_factor(bearer, remove).await?;
        let account_id = bearer.account_id();
        let caller = Caller::account(account_id, origin);
        events::emit(Event::PasskeyRemoved(account_id), caller);
        self.tell_factor_changed(account_id, origin).await;
        Ok(())
    }
}
