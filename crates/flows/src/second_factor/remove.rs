//! Removing an authenticator app.

use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;

use super::FactorError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Removes the app of an account. Without another second factor, its recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub(crate) async fn remove_totp(
        &self,
        account_id: AccountId,
        caller: Caller<'_>,
    ) -> Result<(), FactorError> {
        let remove = |found: AuthenticatorSet| found.remove_totp().map_err(FactorError::Problem);
        self.change_authenticators(account_id, remove).await?;
        events::emit(Event::TotpRemoved(account_id), caller);
        Ok(())
    }
}
