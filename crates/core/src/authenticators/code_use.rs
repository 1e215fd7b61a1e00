//! Uses of one-time codes. The record notes for which sign-in the latest code was used. So a request
//! whose answer was lost can be sent again with the same code: the token of the sign-in finishes one
//! sign-in, and the code does not work with another token.

use super::{AuthenticatorProblem, AuthenticatorSet};
use crate::one_time_token::OneTimeDigest;
use crate::second_factor::{RecoveryCodeDigest, TotpStep};

/// A code that works once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OneTimeCode {
    /// The code of an authenticator app, by its step.
    Totp(TotpStep),
    /// A recovery code.
    Recovery(RecoveryCodeDigest),
}

/// The use of a code in a sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeUse {
    /// The code.
    pub code: OneTimeCode,
    /// The digest of the token that finishes the sign-in.
    pub sign_in: OneTimeDigest,
}

impl AuthenticatorSet {
    /// Uses a code up. If the latest change was the same use in the same sign-in, the record stays
    /// as it is. Without a sign-in, a repetition could not be told from a theft.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] without an app, and for an unknown recovery code.
    /// [`AuthenticatorProblem::Used`] if this code of the app or a later one was accepted before.
    pub fn use_code(
        self,
        code: OneTimeCode,
        sign_in: Option<OneTimeDigest>,
    ) -> Result<Self, AuthenticatorProblem> {
        let used = sign_in.map(|sign_in| CodeUse { code, sign_in });
        if used.is_some() && self.last_use == used {
            return Ok(self);
        }
        let next = match code {
            OneTimeCode::Totp(step) => self.accept_totp(step),
            OneTimeCode::Recovery(code) => self.use_recovery_code(code),
        };
        Ok(Self {
            last_use: used,
            ..next?
        })
    }
}
