//! Finishing a sign-in with a second factor.

use std::sync::Arc;

use signet_core::account::{Account, AccountStatus};
use signet_core::client::Client;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::second_factor::RecoveryCode;
use signet_core::secret::SecretText;
use signet_store::StoreError;

use super::Authenticated;
use super::measure::SignInMethod;
use super::pending::{PendingSignIn, SecondStep};
use crate::events::{self, Event, SignInName};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::Binding;
use crate::second_factor::{FactorCheck, FactorError, GivenFactor};

/// A sign-in that its second factor has finished.
#[derive(Debug)]
pub struct SecondFactorSignIn {
    /// The person.
    pub authenticated: Authenticated,
    /// The client that the sign-in began with.
    pub client: Arc<Client>,
    /// The recovery codes, if the sign-in has enrolled an authenticator app.
    pub recovery_codes: Option<Vec<RecoveryCode>>,
}

/// Why a second factor did not finish a sign-in.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    /// The token is unknown, used or expired, was tried too often, or its account has changed.
    #[error("the sign-in can no longer be finished")]
    Over,
    /// The factor was refused; the token can be tried again.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a second factor has shown.
pub(super) struct UsedFactor {
    pub(super) methods: Vec<&'static str>,
    pub(super) recovery_codes: Option<Vec<RecoveryCode>>,
}

/// A token that was counted, and the sign-in that it continues.
pub(super) struct ContinuedSignIn {
    pub(super) token: OneTimeToken,
    pub(super) pending: PendingSignIn,
    pub(super) account: Account,
}

impl Flows {
    /// Finishes the sign-in that `token` continues. A token has five tries and finishes one
    /// sign-in.
    ///
    /// # Errors
    ///
    /// [`SecondFactorError`]
    pub async fn authenticate_second_factor(
        &self,
        token: &SecretText,
        given: &GivenFactor,
        origin: &RequestOrigin,
    ) -> Result<SecondFactorSignIn, SecondFactorError> {
        let continued = self.continue_sign_in(token).await?;
        let used = match continued.pending.step {
            SecondStep::Factor => self.use_enrolled(&continued, given, origin).await,
            SecondStep::Enrol => self.enrol_totp_at_sign_in(&continued, given, origin).await,
        };
        self.finish_sign_in(continued, used, origin).await
    }

    /// Counts a request that names a token, and reads the sign-in that it continues.
    pub(super) async fn continue_sign_in(
        &self,
        token: &SecretText,
    ) -> Result<ContinuedSignIn, SecondFactorError> {
        let token = OneTimeToken::read(OneTimePurpose::SecondFactor, token.expose())
            .map_err(|_| SecondFactorError::Over)?;
        let pending = self.count_try_of_token(&token).await?;
        let account = self.pending_account(&pending).await?;
        Ok(ContinuedSignIn {
            token,
            pending,
            account,
        })
    }

    /// Continues a sign-in whose second factor was right. Its token is taken last, when the session
    /// has begun.
    pub(super) async fn finish_sign_in(
        &self,
        continued: ContinuedSignIn,
        used: Result<UsedFactor, FactorError>,
        origin: &RequestOrigin,
    ) -> Result<SecondFactorSignIn, SecondFactorError> {
        let ContinuedSignIn {
            token,
            pending,
            account,
        } = continued;
        let used = used.inspect_err(|error| {
            if matches!(error, FactorError::Wrong | FactorError::Passkey(_)) {
                SignInMethod::SecondFactor.failed();
                let failed = Event::SignInFailed(SignInName::Account(account.id));
                events::emit(failed, Caller::unknown(origin));
            }
        })?;
        let client = self.find_sign_in_client(&pending.client_id).await?;
        let client = client.ok_or(SecondFactorError::Over)?;
        let now = self.clock.now();
        Ok(SecondFactorSignIn {
            authenticated: Authenticated::by_second_factor(account, &used.methods, now, token),
            client,
            recovery_codes: used.recovery_codes,
        })
    }

    async fn use_enrolled(
        &self,
        continued: &ContinuedSignIn,
        given: &GivenFactor,
        origin: &RequestOrigin,
    ) -> Result<UsedFactor, FactorError> {
        let account_id = continued.account.id;
        let check = FactorCheck {
            account_id,
            binding: Binding::Account(account_id),
            sign_in: Some(continued.token.digest()),
        };
        let caller = Caller::account(account_id, origin);
        let methods = self.use_factor(check, given, caller).await?;
        Ok(UsedFactor {
            methods,
            recovery_codes: None,
        })
    }

    async fn count_try_of_token(
        &self,
        token: &OneTimeToken,
    ) -> Result<PendingSignIn, SecondFactorError> {
        let (purpose, id, now) = (token.purpose(), token.digest(), self.clock.now());
        let attempt = self.stores.challenges.attempt(purpose, id, now).await?;
        let attempt = attempt.ok_or(SecondFactorError::Over)?;
        let pending = PendingSignIn::read(&attempt.payload).ok_or(SecondFactorError::Over)?;
        // The token stays in place: an earlier try may be about to take it.
        if attempt.number > pending.step.max_tries() {
            return Err(SecondFactorError::Over);
        }
        Ok(pending)
    }

    /// The account, if nothing has ended its sign-ins since its password was checked.
    async fn pending_account(&self, pending: &PendingSignIn) -> Result<Account, SecondFactorError> {
        let found = self.stores.accounts.account(pending.account_id).await?;
        let account = found.ok_or(SecondFactorError::Over)?;
        let standing = account.standing;
        if standing.status == AccountStatus::Active && standing.epoch == pending.epoch {
            Ok(account)
        } else {
            Err(SecondFactorError::Over)
        }
    }

    /// Finishes a sign-in after everything else is done, so that a request that fails before can be
    /// sent again. Returns `false` if another request has finished it.
    pub(crate) async fn finish_second_step(
        &self,
        token: Option<&OneTimeToken>,
    ) -> Result<bool, StoreError> {
        let Some(token) = token else {
            return Ok(true);
        };
        let (purpose, id, now) = (token.purpose(), token.digest(), self.clock.now());
        let is_first = self
            .stores
            .challenges
            .take(purpose, id, now)
            .await?
            .is_some();
        if is_first {
            SignInMethod::SecondFactor.succeeded();
        }
        Ok(is_first)
    }
}
