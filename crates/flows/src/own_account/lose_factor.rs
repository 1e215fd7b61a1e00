//! The rule for each second factor that the caller removes from the own account.

use signet_core::authenticators::{AuthenticatorProblem, AuthenticatorSet};

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::flows::Flows;
use crate::second_factor::FactorError;

impl Flows {
    /// Removes a second factor of the caller's account, unless the account must have one and this is
    /// its only one.
    ///
    /// The rule is checked on the authenticators that are replaced, not on those that were read for
    /// the proof. So of two requests that remove different factors at the same time, the second is
    /// refused.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub(super) async fn lose_own_factor(
        &self,
        bearer: SessionBearer,
        lose: impl Fn(AuthenticatorSet) -> Result<AuthenticatorSet, AuthenticatorProblem>,
    ) -> Result<(), OwnAccountError> {
        // Read again: checking the proof takes a while.
        let account = self.own_account(bearer).await?;
        let lose = |found: AuthenticatorSet| {
            let left = found.losing(account.mfa, &lose);
            left.map_err(FactorError::Problem)
        };
        self.change_authenticators(account.id, lose).await?;
        Ok(())
    }
}
