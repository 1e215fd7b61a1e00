//! The authenticator app and the recovery codes of the caller's account.

use signet_core::authenticators::AuthenticatorSet;
use signet_core::second_factor::{RecoveryCode, TotpCode};

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::second_factor::TotpOffer;
use crate::step_up::Proof;

impl Flows {
    /// Offers the caller the secret of a new authenticator app.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn begin_own_totp(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<TotpOffer, OwnAccountError> {
        let proven = self.prove(bearer, proof, origin).await?;
        Ok(self.offer_totp(&proven.credentials.account).await?)
    }

    /// Offers the caller the secret that waits for its first code once more. It is a secret, so it
    /// needs a fresh proof as the first offer does.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn repeat_own_totp_offer(
        &self,
        bearer: SessionBearer,
        origin: &RequestOrigin,
    ) -> Result<TotpOffer, OwnAccountError> {
        let proven = self.prove(bearer, Proof::default(), origin).await?;
        let account = &proven.credentials.account;
        Ok(self.repeat_totp_offer(account, &proven.authenticators)?)
    }

    /// Confirms the caller's app by its first code. The recovery codes are shown once.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn confirm_own_totp(
        &self,
        bearer: SessionBearer,
        code: &TotpCode,
        origin: &RequestOrigin,
    ) -> Result<Vec<RecoveryCode>, OwnAccountError> {
        let id = bearer.account_id();
        let caller = Caller::account(id, origin);
        let codes = self.confirm_totp(id, code, caller).await?;
        self.tell_factor_changed(id, origin).await;
        Ok(codes)
    }

    /// Removes the caller's app. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn remove_own_totp(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        self.prove(bearer, proof, origin).await?;
        self.lose_own_factor(bearer, AuthenticatorSet::remove_totp)
            .await?;
        let id = bearer.account_id();
        events::emit(Event::TotpRemoved(id), Caller::account(id, origin));
        self.tell_factor_changed(id, origin).await;
        Ok(())
    }

    /// Replaces the caller's recovery codes.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn replace_own_recovery_codes(
        &self,
        bearer: SessionBearer,
        proof: Proof,
        origin: &RequestOrigin,
    ) -> Result<Vec<RecoveryCode>, OwnAccountError> {
        self.prove(bearer, proof, origin).await?;
        let id = bearer.account_id();
        let caller = Caller::account(id, origin);
        let codes = self.replace_recovery_codes(id, caller).await?;
        self.tell_factor_changed(id, origin).await;
        Ok(codes)
    }
}
