//! Enrolling an authenticator app: a secret is offered, and the first code of it confirms it.

use signet_core::account::Account;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::keys::Purpose;
use signet_core::second_factor::{
    RecoveryCode, RecoveryCodeDigest, TotpCode, TotpSecret, recovery_codes,
};
use signet_core::secret::SecretText;

use super::FactorError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::random::system_rng;

/// The secret of an authenticator app that is not confirmed yet.
#[derive(Debug)]
pub struct TotpOffer {
    /// The secret in base32, for people who type it.
    pub secret: SecretText,
    /// The `otpauth` address, for a QR code. It contains the secret.
    pub uri: SecretText,
}

impl Flows {
    /// Begins the enrolment of an app. An enrolment that was not confirmed is replaced.
    pub(crate) async fn offer_totp(&self, account: &Account) -> Result<TotpOffer, FactorError> {
        let secret = TotpSecret::random(&mut system_rng());
        let sealed_for = (Purpose::TOTP_SECRET, account.id);
        let now = self.clock.now();
        let data = &self.keys().data;
        let sealed = data.seal(sealed_for, secret.expose(), now, &mut system_rng())?;
        let enrol = |found: AuthenticatorSet| {
            let enrolled = found.enrol_totp(sealed.clone());
            enrolled.map_err(FactorError::Problem)
        };
        self.change_authenticators(account.id, enrol).await?;
        Ok(self.offer_of(account, &secret))
    }

    /// Offers the secret that waits for its first code once more, so that a person who mistyped the
    /// code need not scan another one.
    ///
    /// # Errors
    ///
    /// [`FactorError::Problem`] if none waits.
    pub(crate) fn repeat_totp_offer(
        &self,
        account: &Account,
        found: &AuthenticatorSet,
    ) -> Result<TotpOffer, FactorError> {
        let waiting = found.pending_totp().map_err(FactorError::Problem)?;
        let secret = self.open_secret(account.id, waiting)?;
        Ok(self.offer_of(account, &secret))
    }

    fn offer_of(&self, account: &Account, secret: &TotpSecret) -> TotpOffer {
        TotpOffer {
            uri: secret.uri(&self.settings.totp_issuer, account.email.as_str()),
            secret: secret.to_base32(),
        }
    }

    /// Confirms the enrolment of an app by its first code, and returns new recovery codes. Codes
    /// from before are void.
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub(crate) async fn confirm_totp(
        &self,
        account_id: AccountId,
        code: &TotpCode,
        caller: Caller<'_>,
    ) -> Result<Vec<RecoveryCode>, FactorError> {
        let (codes, digests) = new_recovery_codes();
        let confirm = |found: AuthenticatorSet| {
            let totp = found.pending_totp().map_err(FactorError::Problem)?;
            let step = self.matching_step(account_id, totp, code)?;
            let confirmed = found.confirm_totp(step, digests.clone());
            confirmed.map_err(FactorError::Problem)
        };
        self.change_authenticators(account_id, confirm).await?;
        events::emit(Event::TotpEnrolled(account_id), caller);
        Ok(codes)
    }

    /// Replaces every recovery code of an account that has a second factor.
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub(crate) async fn replace_recovery_codes(
        &self,
        account_id: AccountId,
        caller: Caller<'_>,
    ) -> Result<Vec<RecoveryCode>, FactorError> {
        let (codes, digests) = new_recovery_codes();
        let replace = |found: AuthenticatorSet| {
            let replaced = found.replace_recovery_codes(digests.clone());
            replaced.map_err(FactorError::Problem)
        };
        self.change_authenticators(account_id, replace).await?;
        events::emit(Event::RecoveryCodesReplaced(account_id), caller);
        Ok(codes)
    }
}

/// New recovery codes, and what is stored of them.
fn new_recovery_codes() -> (Vec<RecoveryCode>, Vec<RecoveryCodeDigest>) {
    let codes = recovery_codes(&mut system_rng());
    let digests = codes.iter().map(RecoveryCode::digest).collect();
    (codes, digests)
}
