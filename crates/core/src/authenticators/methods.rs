//! The methods by which the owner of an account can prove who they are.

use super::AuthenticatorSet;
use crate::account::SecondFactors;

/// A method of proof, as requests and answers name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProofMethod {
    /// The password.
    Password,
    /// A code of the authenticator app.
    Totp,
    /// One of the recovery codes.
    RecoveryCode,
    /// A passkey.
    Passkey,
}

impl ProofMethod {
    /// The methods of these second factors.
    pub fn of(factors: SecondFactors) -> Vec<Self> {
        let totp = factors.totp.then_some(Self::Totp);
        let passkey = factors.passkey.then_some(Self::Passkey);
        totp.into_iter().chain(passkey).collect()
    }

    /// Its name in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
        }
    }
}

impl AuthenticatorSet {
    /// The second factors that are enrolled. Recovery codes stand in for them and do not count.
    pub fn second_factors(&self) -> SecondFactors {
        SecondFactors {
            totp: self.has_confirmed_totp(),
            passkey: !self.passkeys.is_empty(),
        }
    }

    /// Whether a password alone is not enough.
    pub fn needs_second_factor(&self) -> bool {
        self.second_factors().any()
    }

    /// The methods of the strongest kind that the account has: its second factors if there are any,
    /// else its password.
    pub fn strongest_methods(&self) -> Vec<ProofMethod> {
        let mut methods = ProofMethod::of(self.second_factors());
        if methods.is_empty() {
            return vec![ProofMethod::Password];
        }
        if !self.recovery_codes.is_empty() {
            methods.push(ProofMethod::RecoveryCode);
        }
        methods
    }

    /// Whether an authenticator app is enrolled and confirmed.
    pub(super) fn has_confirmed_totp(&self) -> bool {
        let totp = self.totp.as_ref();
        totp.is_some_and(|totp| totp.last_step.is_some())
    }
}
