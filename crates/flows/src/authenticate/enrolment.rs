//! Enrolling a second factor during a sign-in, because the account or the client requires one and the
//! account has none. The password was right, so the person chooses the factor.
//!
//! A token of this kind never tries a factor: as soon as the account has one, the token is over.

use signet_core::account::Account;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::secret::SecretText;

use super::pending::SecondStep;
use super::second_factor::{ContinuedSignIn, SecondFactorError, SecondFactorSignIn, UsedFactor};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyCreation, PasskeyToAdd};
use crate::second_factor::{
    FactorError, GivenFactor, ONE_TIME_CODE, TotpOffer, new_recovery_codes, passkey_methods,
};

impl Flows {
    /// Offers the secret of a new authenticator app. The token stays valid.
    ///
    /// # Errors
    ///
    /// [`SecondFactorError::Over`] also if the token is not for an enrolment.
    pub async fn offer_totp_at_sign_in(
        &self,
        token: &SecretText,
    ) -> Result<TotpOffer, SecondFactorError> {
        let continued = self.continue_enrolment(token).await?;
        Ok(self.offer_totp(&continued.account).await?)
    }

    /// Offers the secret that waits for its first code once more. The token stays valid.
    ///
    /// # Errors
    ///
    /// [`SecondFactorError::Over`] also if the token is not for an enrolment.
    pub async fn repeat_totp_offer_at_sign_in(
        &self,
        token: &SecretText,
    ) -> Result<TotpOffer, SecondFactorError> {
        let continued = self.continue_enrolment(token).await?;
        let account = &continued.account;
        let found = self.stores.authenticators.find(account.id).await?;
        let found = found.ok_or(SecondFactorError::Over)?;
        Ok(self.repeat_totp_offer(account, &found)?)
    }

    /// Asks for a new passkey. The token stays valid.
    ///
    /// # Errors
    ///
    /// [`SecondFactorError::Over`] also if the token is not for an enrolment.
    pub async fn ask_new_passkey_at_sign_in(
        &self,
        token: &SecretText,
    ) -> Result<PasskeyCreation, SecondFactorError> {
        let continued = self.continue_enrolment(token).await?;
        let account = continued.account;
        let binding = Binding::Account(account.id);
        Ok(self.ask_new_passkey(account, &[], binding).await?)
    }

    /// Adds a passkey to the account, makes its recovery codes, and finishes the sign-in.
    ///
    /// # Errors
    ///
    /// [`SecondFactorError`]
    pub async fn enrol_passkey_at_sign_in(
        &self,
        token: &SecretText,
        new: &PasskeyToAdd,
        origin: &RequestOrigin,
    ) -> Result<SecondFactorSignIn, SecondFactorError> {
        let continued = self.continue_enrolment(token).await?;
        let used = self.enrol_passkey(&continued.account, new, origin).await;
        self.finish_sign_in(continued, used, origin).await
    }

    /// Confirms the app that was offered. An account that has got a second factor meanwhile refuses
    /// it: only that factor is a proof then.
    pub(super) async fn enrol_totp_at_sign_in(
        &self,
        account: &Account,
        given: &GivenFactor,
        origin: &RequestOrigin,
    ) -> Result<UsedFactor, FactorError> {
        let GivenFactor::Totp(code) = given else {
            return Err(FactorError::Wrong);
        };
        if account.second_factors.any() {
            return Err(FactorError::Wrong);
        }
        let caller = Caller::account(account.id, origin);
        let recovery_codes = self.confirm_totp(account.id, code, caller).await?;
        self.tell_factor_changed(account.id, origin).await;
        Ok(UsedFactor {
            methods: ONE_TIME_CODE.to_vec(),
            recovery_codes: Some(recovery_codes),
        })
    }

    async fn continue_enrolment(
        &self,
        token: &SecretText,
    ) -> Result<ContinuedSignIn, SecondFactorError> {
        let continued = self.continue_sign_in(token).await?;
        let has_factor = continued.account.second_factors.any();
        match continued.pending.step {
            SecondStep::Enrol if !has_factor => Ok(continued),
            SecondStep::Enrol | SecondStep::Factor => Err(SecondFactorError::Over),
        }
    }

    async fn enrol_passkey(
        &self,
        account: &Account,
        new: &PasskeyToAdd,
        origin: &RequestOrigin,
    ) -> Result<UsedFactor, FactorError> {
        let caller = Caller::account(account.id, origin);
        let binding = Binding::Account(account.id);
        let passkey = self.check_new_passkey(new, binding, caller).await??;
        let (codes, digests) = new_recovery_codes();
        let add = |found: AuthenticatorSet| {
            let enrolled = found.enrol_passkey(passkey.clone(), digests.clone());
            enrolled.map_err(FactorError::Problem)
        };
        self.change_authenticators(account.id, add).await?;
        events::emit(Event::PasskeyAdded(account.id), caller);
        self.tell_factor_changed(account.id, origin).await;
        Ok(UsedFactor {
            methods: passkey_methods(passkey.backup_eligible).to_vec(),
            recovery_codes: Some(codes),
        })
    }
}
