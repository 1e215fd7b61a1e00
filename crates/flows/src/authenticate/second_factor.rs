//! Finishing a sign-in with a second factor.

use signet_core::account::{Account, AccountStatus};
use signet_core::client::Client;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_store::StoreError;

use super::Authenticated;
use super::pending::PendingSignIn;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::Binding;
use crate::second_factor::{FactorError, GivenFactor};

/// A sign-in that its second factor has finished.
#[derive(Debug)]
pub struct SecondFactorSignIn {
    /// The person.
    pub authenticated: Authenticated,
    /// The client that the sign-in began with.
    pub client: Client,
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

impl Flows {
    /// Finishes the sign-in that `token` continues. A token has [`MAX_SECOND_FACTOR_TRIES`] and
    /// finishes one sign-in.
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
        let token = OneTimeToken::read(OneTimePurpose::SecondFactor, token.expose())
            .map_err(|_| SecondFactorError::Over)?;
        let pending = self.count_try_of_token(&token).await?;
        let account = self.pending_account(&pending).await?;
        let caller = Caller::account(account.id, origin);
        let asked = (account.id, Binding::Account(account.id));
        let used = self.use_factor(asked, given, caller).await;
        let methods = used.inspect_err(|error| {
            if matches!(error, FactorError::Wrong | FactorError::Passkey(_)) {
                let failed = Event::SignInFailed(Some(account.id));
                events::emit(failed, Caller::unknown(origin));
            }
        })?;
        let client = self.find_sign_in_client(&pending.client_id).await?;
        let client = client.ok_or(SecondFactorError::Over)?;
        // Another request may have finished the sign-in with another factor meanwhile.
        self.take_token(&token).await?;
        let now = self.clock.now();
        Ok(SecondFactorSignIn {
            authenticated: Authenticated::by_second_factor(account, &methods, now),
            client,
        })
    }

    async fn count_try_of_token(
        &self,
        token: &OneTimeToken,
    ) -> Result<PendingSignIn, SecondFactorError> {
        let (purpose, id, now) = (token.purpose(), token.digest(), self.clock.now());
        let attempt = self.stores.challenges.attempt(purpose, id, now).await?;
        let attempt = attempt.ok_or(SecondFactorError::Over)?;
        // The token stays in place: an earlier try may be about to take it.
        if attempt.number > MAX_SECOND_FACTOR_TRIES {
            return Err(SecondFactorError::Over);
        }
        PendingSignIn::read(&attempt.payload).ok_or(SecondFactorError::Over)
    }

    /// The account, if nothing has ended its sign-ins since its password was checked.
    async fn pending_account(&self, pending: &PendingSignIn) -> Result<Account, SecondFactorError> {
        let found = self.stores.accounts.by_id(pending.account_id).await?;
        let account = found.ok_or(SecondFactorError::Over)?.account;
        let standing = account.standing;
        if standing.status == AccountStatus::Active && standing.epoch == pending.epoch {
            Ok(account)
        } else {
            Err(SecondFactorError::Over)
        }
    }

    /// Fails unless this is the one request that takes the token.
    async fn take_token(&self, token: &OneTimeToken) -> Result<(), SecondFactorError> {
        let (purpose, id, now) = (token.purpose(), token.digest(), self.clock.now());
        let payload = self.stores.challenges.take(purpose, id, now).await?;
        payload.map(drop).ok_or(SecondFactorError::Over)
    }
}

/// How many codes may be tried with one token.
pub const MAX_SECOND_FACTOR_TRIES: u64 = 5;
