//! Enrolling a second factor during a sign-in, because the account or the client requires one and the
//! account has none. The password was right, so the person chooses the factor.
//!
//! A token of this kind never tries a factor of the account: as soon as the account has one, the token
//! is over. The factor that the token itself has enrolled is the exception: until the sign-in is
//! finished, the request can be sent again and shows the same recovery codes.

use signet_core::authenticators::AuthenticatorSet;
use signet_core::second_factor::{RecoveryCode, RecoveryCodeDigest, recovery_codes_of_sign_in};
use signet_core::secret::SecretText;

use super::pending::SecondStep;
use super::second_factor::{ContinuedSignIn, SecondFactorError, SecondFactorSignIn, UsedFactor};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyCreation, PasskeyRefusal, PasskeyToAdd};
use crate::second_factor::{FactorError, GivenFactor, ONE_TIME_CODE, TotpOffer, passkey_methods};

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
        let continued = self.continue_sign_in(token).await?;
        if continued.pending.step != SecondStep::Enrol {
            return Err(SecondFactorError::Over);
        }
        let used = self.enrol_passkey(&continued, new, origin).await;
        self.finish_sign_in(continued, used, origin).await
    }

    /// Confirms the app that was offered. An account that has got a second factor elsewhere refuses
    /// it: only that factor is a proof then.
    pub(super) async fn enrol_totp_at_sign_in(
        &self,
        continued: &ContinuedSignIn,
        given: &GivenFactor,
        origin: &RequestOrigin,
    ) -> Result<UsedFactor, FactorError> {
        let GivenFactor::Totp(code) = given else {
            return Err(FactorError::Wrong);
        };
        let account = &continued.account;
        let is_enrolled = account.second_factors.any();
        if is_enrolled {
            // Now the code is a proof, and a proof can be guessed.
            self.count_try_of_account(account.id).await?;
        }
        let (codes, digests) = self.codes_of(continued);
        let confirm = |found: AuthenticatorSet| {
            // Without an app, no code is right.
            let totp = found.totp.as_ref().ok_or(FactorError::Wrong)?;
            let step = self.matching_step(account.id, totp, code)?;
            let confirmed = found.confirm_first_totp(step, digests.clone());
            confirmed.map_err(|_| FactorError::Wrong)
        };
        self.change_authenticators(account.id, confirm).await?;
        if is_enrolled {
            self.forget_tries_of_account(account.id).await?;
        }
        let caller = Caller::account(account.id, origin);
        // A request that is sent again may be the first one that gets here.
        events::emit(Event::TotpEnrolled(account.id), caller);
        self.tell_factor_changed(account.id, origin).await;
        Ok(UsedFactor {
            methods: ONE_TIME_CODE.to_vec(),
            recovery_codes: Some(codes),
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
        continued: &ContinuedSignIn,
        new: &PasskeyToAdd,
        origin: &RequestOrigin,
    ) -> Result<UsedFactor, FactorError> {
        let id = continued.account.id;
        let caller = Caller::account(id, origin);
        let checked = self.check_repeatable_passkey(new, Binding::Account(id), caller);
        let passkey = checked.await??;
        let (codes, digests) = self.codes_of(continued);
        let add = |found: AuthenticatorSet| {
            let enrolled = found.enrol_passkey(passkey.clone(), digests.clone());
            // The account has got a second factor elsewhere.
            enrolled.map_err(|_| FactorError::Passkey(PasskeyRefusal::Ended))
        };
        self.change_authenticators(id, add).await?;
        // A request that is sent again may be the first one that gets here.
        events::emit(Event::PasskeyAdded(id), caller);
        self.tell_factor_changed(id, origin).await;
        Ok(UsedFactor {
            methods: passkey_methods(passkey.backup_eligible).to_vec(),
            recovery_codes: Some(codes),
        })
    }

    /// The recovery codes of a sign-in, and what is stored of them. They are the same in every request
    /// of the sign-in, unless the MAC key is rotated meanwhile: then the request cannot be sent again.
    fn codes_of(&self, sign_in: &ContinuedSignIn) -> (Vec<RecoveryCode>, Vec<RecoveryCodeDigest>) {
        let (keys, now) = (&self.keys().mac, self.clock.now());
        let codes = recovery_codes_of_sign_in(&sign_in.token, keys, now);
        let digests = codes.iter().map(RecoveryCode::digest).collect();
        (codes, digests)
    }
}
