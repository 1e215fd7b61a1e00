//! Checking a second factor. What matches is used up by the same compare-and-swap, so that of
//! concurrent uses of one code, on any replica, one succeeds. Only the sign-in that used it can send
//! it again, until it is finished.

use signet_core::authenticators::{
    AuthenticatorProblem, AuthenticatorSet, OneTimeCode, TotpEnrolment,
};
use signet_core::ids::AccountId;
use signet_core::keys::Purpose;
use signet_core::one_time_token::OneTimeDigest;
use signet_core::second_factor::{TotpCode, TotpSecret, TotpStep};
use signet_core::session::MULTI_FACTOR;
use signet_store::AuthenticatorsSwapped;

use super::{FactorError, GivenFactor};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::passkeys::Binding;
use crate::retry::{Round, until_done};

/// What a factor is checked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FactorCheck {
    /// The account.
    pub(crate) account_id: AccountId,
    /// For whom the challenge of a passkey was made.
    pub(crate) binding: Binding,
    /// The sign-in that may send the same code again; none if it is `None`.
    pub(crate) sign_in: Option<OneTimeDigest>,
}

impl Flows {
    /// Checks a second factor of an account and uses it up. Returns the methods that it shows (RFC
    /// 8176).
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub(crate) async fn use_factor(
        &self,
        check: FactorCheck,
        given: &GivenFactor,
        caller: Caller<'_>,
    ) -> Result<Vec<&'static str>, FactorError> {
        let (account_id, sign_in) = (check.account_id, check.sign_in);
        match given {
            GivenFactor::Totp(code) => {
                // Only codes can be guessed.
                self.count_try_of_account(account_id).await?;
                let accept = |found: AuthenticatorSet| self.accept_code(found, code, sign_in);
                self.change_authenticators(account_id, accept).await?;
                self.forget_tries_of_account(account_id).await?;
            }
            GivenFactor::RecoveryCode(code) => {
                let used = OneTimeCode::Recovery(code.digest());
                let accept = |found: AuthenticatorSet| accept_recovery_code(found, used, sign_in);
                let left = self.change_authenticators(account_id, accept).await?;
                let left = left.recovery_codes.len();
                // A request that is sent again may be the first one that gets here.
                events::emit(Event::RecoveryCodeUsed(account_id, left), caller);
            }
            GivenFactor::Passkey(answer) => {
                let used = self.use_passkey((account_id, check.binding), answer, caller);
                return Ok(used.await?.to_vec());
            }
        }
        Ok(ONE_TIME_CODE.to_vec())
    }

    /// Replaces the authenticators of an account by what `change` makes of them, and decides again
    /// when another change came first.
    ///
    /// # Errors
    ///
    /// [`FactorError`]; what `change` fails with, for example.
    pub(crate) async fn change_authenticators(
        &self,
        account_id: AccountId,
        change: impl Fn(AuthenticatorSet) -> Result<AuthenticatorSet, FactorError>,
    ) -> Result<AuthenticatorSet, FactorError> {
        let change = &change;
        until_done(FactorError::Contended, (), |()| async move {
            let found = self.stores.authenticators.find(account_id).await?;
            let found = found.ok_or(FactorError::NoAccount)?;
            let version = found.version;
            let next = change(found)?;
            if next.version == version {
                return Ok(Round::Done(next));
            }
            match self.stores.authenticators.swap(&next).await? {
                AuthenticatorsSwapped::Done => Ok(Round::Done(next)),
                AuthenticatorsSwapped::Lost => Ok(Round::Overtaken(())),
                AuthenticatorsSwapped::CredentialTaken => {
                    Err(FactorError::Problem(AuthenticatorProblem::Exists))
                }
            }
        })
        .await
    }

    /// The step of a code of this app; [`FactorError::Wrong`] for any other code.
    pub(crate) fn matching_step(
        &self,
        account_id: AccountId,
        totp: &TotpEnrolment,
        code: &TotpCode,
    ) -> Result<TotpStep, FactorError> {
        let secret = self.open_secret(account_id, totp)?;
        let step = secret.matching_step(code, self.clock.now());
        step.ok_or(FactorError::Wrong)
    }

    /// The secret of an app.
    pub(super) fn open_secret(
        &self,
        account_id: AccountId,
        totp: &TotpEnrolment,
    ) -> Result<TotpSecret, FactorError> {
        let sealed_for = (Purpose::TOTP_SECRET, account_id);
        let opened = self.keys().data.open(sealed_for, &totp.sealed_secret)?;
        let bytes = opened.as_slice().try_into();
        // The seal was intact, so another version of Signet has written this.
        let bytes = bytes.map_err(|_| signet_core::keys::UnsealError::Malformed)?;
        Ok(TotpSecret::from_bytes(bytes))
    }

    fn accept_code(
        &self,
        found: AuthenticatorSet,
        code: &TotpCode,
        sign_in: Option<OneTimeDigest>,
    ) -> Result<AuthenticatorSet, FactorError> {
        let totp = found.totp.as_ref();
        let confirmed = totp.filter(|totp| totp.last_step.is_some());
        let confirmed = confirmed.ok_or(FactorError::Wrong)?;
        let step = self.matching_step(found.account_id, confirmed, code)?;
        let used = found.use_code(OneTimeCode::Totp(step), sign_in);
        used.map_err(|_| FactorError::Wrong)
    }
}

/// Recovery codes stand in for a second factor, so they are void without one.
fn accept_recovery_code(
    found: AuthenticatorSet,
    code: OneTimeCode,
    sign_in: Option<OneTimeDigest>,
) -> Result<AuthenticatorSet, FactorError> {
    if !found.needs_second_factor() {
        return Err(FactorError::Wrong);
    }
    let used = found.use_code(code, sign_in);
    used.map_err(|_| FactorError::Wrong)
}

/// RFC 8176 section 2: what a one-time code adds to a sign-in.
pub(crate) const ONE_TIME_CODE: [&str; 2] = ["otp", MULTI_FACTOR];
