//! Authenticators: the ways in which an account signs in, and the rules for changing them.
//!
//! Every rule is a pure function from one record to the next. A store replaces a record only if its
//! version has not changed. So two concurrent requests cannot use the same code. This module must
//! not know how a factor is checked or stored.

mod code_use;
mod enrolment;
mod kind;
mod methods;

use signet_verifier::Timestamp;

pub use code_use::{CodeUse, OneTimeCode};
pub use kind::{AuthenticatorKind, UnknownAuthenticatorKind};
pub use methods::ProofMethod;

use crate::account::{DisplayName, MfaPolicy};
use crate::ids::AccountId;
use crate::second_factor::{RecoveryCodeDigest, TotpStep};

/// The authenticators of one account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthenticatorSet {
    /// The account.
    pub account_id: AccountId,
    /// How often they were changed. Compare-and-swap compares this number.
    pub version: u64,
    /// Whether the account has a password. The hash is kept elsewhere.
    pub has_password: bool,
    /// The authenticator app, if one was enrolled.
    pub totp: Option<TotpEnrolment>,
    /// The unused recovery codes.
    pub recovery_codes: Vec<RecoveryCodeDigest>,
    /// The passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// The use of a code in a sign-in, if that was the latest change.
    pub last_use: Option<CodeUse>,
}

/// An authenticator app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotpEnrolment {
    /// The shared secret, sealed for the account.
    pub sealed_secret: Vec<u8>,
    /// The step of the last accepted code; `None` until the first code confirms the enrolment.
    pub last_step: Option<TotpStep>,
}

/// A passkey as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passkey {
    /// The id from the authenticator.
    pub credential_id: Vec<u8>,
    /// The public key in COSE form (RFC 9052).
    pub public_key: Vec<u8>,
    /// The last signature counter, or 0 if the authenticator does not count.
    pub counter: u32,
    /// Whether it can be synced to other devices. This never changes.
    pub backup_eligible: bool,
    /// Whether it is synced now.
    pub backed_up: bool,
    /// The name that its owner chose.
    pub name: Option<DisplayName>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last used for a sign-in.
    pub last_used_at: Option<Timestamp>,
}

/// The maximum number of passkeys of one account.
pub const MAX_PASSKEYS: usize = 10;

impl AuthenticatorSet {
    /// Returns the authenticators of an account that has at most a password.
    pub fn none(account_id: AccountId, has_password: bool) -> Self {
        Self {
            account_id,
            version: 0,
            has_password,
            totp: None,
            recovery_codes: Vec::new(),
            passkeys: Vec::new(),
            last_use: None,
        }
    }

    /// Begins the enrolment of an app. Replaces a pending enrolment.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Exists`] if an app is enrolled already.
    pub fn enrol_totp(self, sealed_secret: Vec<u8>) -> Result<Self, AuthenticatorProblem> {
        if self.has_confirmed_totp() {
            return Err(AuthenticatorProblem::Exists);
        }
        Ok(self.changed(|next| {
            next.totp = Some(TotpEnrolment {
                sealed_secret,
                last_step: None,
            });
        }))
    }

    /// Returns the app that waits for its first code.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app, [`AuthenticatorProblem::Exists`] when the
    /// app is confirmed already.
    pub fn pending_totp(&self) -> Result<&TotpEnrolment, AuthenticatorProblem> {
        match &self.totp {
            None => Err(AuthenticatorProblem::Unknown),
            Some(totp) if totp.last_step.is_some() => Err(AuthenticatorProblem::Exists),
            Some(totp) => Ok(totp),
        }
    }

    /// Confirms the enrolment of an app by the code of `step`, and replaces every recovery code.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app, [`AuthenticatorProblem::Exists`] when the
    /// app is confirmed already.
    pub fn confirm_totp(
        self,
        step: TotpStep,
        codes: Vec<RecoveryCodeDigest>,
    ) -> Result<Self, AuthenticatorProblem> {
        self.pending_totp()?;
        let mut next = self.accept_totp(step)?;
        next.recovery_codes = codes;
        Ok(next)
    }

    /// Accepts the code of `step`. The first code confirms the enrolment.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app. [`AuthenticatorProblem::Used`] if this
    /// code or a later one was accepted before.
    pub fn accept_totp(self, step: TotpStep) -> Result<Self, AuthenticatorProblem> {
        let totp = self.totp.as_ref().ok_or(AuthenticatorProblem::Unknown)?;
        if totp.last_step.is_some_and(|last| step <= last) {
            return Err(AuthenticatorProblem::Used);
        }
        Ok(self.changed(|next| {
            next.totp = next.totp.take().map(|totp| TotpEnrolment {
                last_step: Some(step),
                ..totp
            });
        }))
    }

    /// Removes the app. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app.
    pub fn remove_totp(self) -> Result<Self, AuthenticatorProblem> {
        if self.totp.is_none() {
            return Err(AuthenticatorProblem::Unknown);
        }
        Ok(self.changed(|next| {
            next.totp = None;
            if !next.needs_second_factor() {
                next.recovery_codes.clear();
            }
        }))
    }

    /// Replaces every recovery code.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::NoSecondFactor`] when the codes would stand in for nothing.
    pub fn replace_recovery_codes(
        self,
        codes: Vec<RecoveryCodeDigest>,
    ) -> Result<Self, AuthenticatorProblem> {
        if !self.needs_second_factor() {
            return Err(AuthenticatorProblem::NoSecondFactor);
        }
        Ok(self.changed(|next| next.recovery_codes = codes))
    }

    /// Uses a recovery code and removes it.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] if it is wrong or was used before.
    pub fn use_recovery_code(self, code: RecoveryCodeDigest) -> Result<Self, AuthenticatorProblem> {
        if !self.recovery_codes.contains(&code) {
            return Err(AuthenticatorProblem::Unknown);
        }
        Ok(self.changed(|next| next.recovery_codes.retain(|left| *left != code)))
    }

    /// Adds a passkey.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Exists`] if the account has this credential id already.
    /// [`AuthenticatorProblem::TooMany`] if it has [`MAX_PASSKEYS`] passkeys.
    pub fn add_passkey(self, passkey: Passkey) -> Result<Self, AuthenticatorProblem> {
        if self.passkey(&passkey.credential_id).is_some() {
            return Err(AuthenticatorProblem::Exists);
        }
        if self.passkeys.len() >= MAX_PASSKEYS {
            return Err(AuthenticatorProblem::TooMany);
        }
        Ok(self.changed(|next| next.passkeys.push(passkey)))
    }

    /// Returns the passkey with this credential id.
    pub fn passkey(&self, credential_id: &[u8]) -> Option<&Passkey> {
        let mut passkeys = self.passkeys.iter();
        passkeys.find(|passkey| passkey.credential_id == credential_id)
    }

    /// Changes a passkey: its name, or its state after a sign-in.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] if the account has no such passkey.
    pub fn change_passkey(
        self,
        credential_id: &[u8],
        change: impl FnOnce(&mut Passkey),
    ) -> Result<Self, AuthenticatorProblem> {
        let position = self.position(credential_id)?;
        Ok(self.changed(|next| {
            if let Some(passkey) = next.passkeys.get_mut(position) {
                change(passkey);
            }
        }))
    }

    /// Removes a passkey. Without another second factor, the recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] if the account has no such passkey.
    /// [`AuthenticatorProblem::Last`] if the account could not sign in without it.
    pub fn remove_passkey(self, credential_id: &[u8]) -> Result<Self, AuthenticatorProblem> {
        let position = self.position(credential_id)?;
        let next = self.changed(|next| {
            next.passkeys.remove(position);
            if !next.needs_second_factor() {
                next.recovery_codes.clear();
            }
        });
        next.that_sign_in()
    }

    /// Removes the password.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without a password. [`AuthenticatorProblem::Last`] if the
    /// account could not sign in without it.
    pub fn remove_password(self) -> Result<Self, AuthenticatorProblem> {
        if !self.has_password {
            return Err(AuthenticatorProblem::Unknown);
        }
        self.changed(|next| next.has_password = false)
            .that_sign_in()
    }

    /// Returns the authenticators after their owner loses some of them by `lose`.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::FactorRequired`] if the account must have a second factor and this is
    /// its only one; what `lose` fails with.
    pub fn losing(
        self,
        policy: MfaPolicy,
        lose: impl FnOnce(Self) -> Result<Self, AuthenticatorProblem>,
    ) -> Result<Self, AuthenticatorProblem> {
        let must_keep_one = policy == MfaPolicy::Required && self.needs_second_factor();
        let left = lose(self)?;
        if must_keep_one && !left.needs_second_factor() {
            return Err(AuthenticatorProblem::FactorRequired);
        }
        Ok(left)
    }

    /// Refuses a state without a way to sign in. A password or a passkey is enough; codes are not.
    fn that_sign_in(self) -> Result<Self, AuthenticatorProblem> {
        if self.has_password || !self.passkeys.is_empty() {
            Ok(self)
        } else {
            Err(AuthenticatorProblem::Last)
        }
    }

    fn position(&self, credential_id: &[u8]) -> Result<usize, AuthenticatorProblem> {
        let mut passkeys = self.passkeys.iter();
        passkeys
            .position(|passkey| passkey.credential_id == credential_id)
            .ok_or(AuthenticatorProblem::Unknown)
    }

    fn changed(mut self, change: impl FnOnce(&mut Self)) -> Self {
        self.last_use = None;
        change(&mut self);
        self.version = self.version.saturating_add(1);
        self
    }
}

/// The reasons why authenticators cannot be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AuthenticatorProblem {
    /// The account has no such authenticator.
    #[error("the account has no such authenticator")]
    Unknown,
    /// The account has it already.
    #[error("the account has this authenticator already")]
    Exists,
    /// The code was accepted before.
    #[error("the code was used before; wait for the next one")]
    Used,
    /// The account has no second factor.
    #[error("the account has no second factor; enrol one first")]
    NoSecondFactor,
    /// The account has the maximum number of passkeys.
    #[error("an account has at most 10 passkeys; remove one first")]
    TooMany,
    /// The account would have no way to sign in.
    #[error("this is the last way to sign in; add another one first")]
    Last,
    /// The account must have a second factor and would have none.
    #[error("this account must have a second factor; enrol another one first")]
    FactorRequired,
}

#[cfg(test)]
mod tests;
