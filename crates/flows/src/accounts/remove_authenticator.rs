//! Removing authenticators of another account, for example after its owner lost a phone.

use signet_core::authenticators::{AuthenticatorKind, AuthenticatorProblem, AuthenticatorSet};
use signet_core::ids::AccountId;
use signet_store::EndingChange;

use super::AdministerError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::second_factor::FactorError;

impl Flows {
    /// Removes every authenticator of a kind and ends the sessions of the account.
    ///
    /// # Errors
    ///
    /// [`AdministerError::UnknownAuthenticator`] if the account has none,
    /// [`AdministerError::LastAuthenticator`] if it could not sign in without it.
    pub async fn remove_authenticators(
        &self,
        id: AccountId,
        kind: AuthenticatorKind,
        caller: Caller<'_>,
    ) -> Result<(), AdministerError> {
        self.find_to_change(id, caller).await?;
        let remove = |found: AuthenticatorSet| found.without(kind).map_err(FactorError::Problem);
        self.change_authenticators(id, remove)
            .await
            .map_err(refused)?;
        events::emit(Event::AuthenticatorsRemoved(id, kind), caller);
        // The address of the administrator is not for the owner.
        let origin = RequestOrigin::default();
        self.tell_factor_changed(id, &origin).await;
        self.change_account(id, &EndingChange::LogOutEverywhere)
            .await
    }
}

fn refused(error: FactorError) -> AdministerError {
    match error {
        FactorError::NoAccount => AdministerError::UnknownAccount,
        FactorError::Problem(AuthenticatorProblem::Last) => AdministerError::LastAuthenticator,
        FactorError::Problem(_) => AdministerError::UnknownAuthenticator,
        FactorError::Store(error) => AdministerError::Store(error),
        _ => AdministerError::Contended,
    }
}
