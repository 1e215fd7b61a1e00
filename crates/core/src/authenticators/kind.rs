//! Kinds of authenticators, and how an administrator removes all of one kind.

use std::fmt;
use std::str::FromStr;

use super::{AuthenticatorProblem, AuthenticatorSet};

/// A kind of authenticator, as administrators name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AuthenticatorKind {
    /// The password.
    Password,
    /// The authenticator app.
    Totp,
    /// Every recovery code.
    RecoveryCodes,
    /// Every passkey.
    Passkeys,
}

impl AuthenticatorKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [
        Self::Password,
        Self::Totp,
        Self::RecoveryCodes,
        Self::Passkeys,
    ];

    /// Its name in paths and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCodes => "recovery_codes",
            Self::Passkeys => "passkeys",
        }
    }
}

impl AuthenticatorSet {
    /// Removes every authenticator of a kind. Without a second factor, the recovery codes go too.
    ///
    /// # Errors
    ///
    /// [`AuthenticatorProblem::Unknown`] if there is none of this kind.
    /// [`AuthenticatorProblem::Last`] if the account could not sign in without it.
    pub fn without(self, kind: AuthenticatorKind) -> Result<Self, AuthenticatorProblem> {
        match kind {
            AuthenticatorKind::Password => self.remove_password(),
            AuthenticatorKind::Totp => self.remove_totp(),
            AuthenticatorKind::RecoveryCodes => self.remove_recovery_codes(),
            AuthenticatorKind::Passkeys => self.remove_passkeys(),
        }
    }

    fn remove_recovery_codes(self) -> Result<Self, AuthenticatorProblem> {
        if self.recovery_codes.is_empty() {
            return Err(AuthenticatorProblem::Unknown);
        }
        Ok(self.changed(|next| next.recovery_codes.clear()))
    }

    fn remove_passkeys(self) -> Result<Self, AuthenticatorProblem> {
        if self.passkeys.is_empty() {
            return Err(AuthenticatorProblem::Unknown);
        }
        let next = self.changed(|next| {
            next.passkeys.clear();
            if !next.needs_second_factor() {
                next.recovery_codes.clear();
            }
        });
        next.that_sign_in()
    }
}

impl fmt::Display for AuthenticatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AuthenticatorKind {
    type Err = UnknownAuthenticatorKind;

    fn from_str(text: &str) -> Result<Self, UnknownAuthenticatorKind> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.as_str() == text)
            .ok_or(UnknownAuthenticatorKind)
    }
}

/// The text is not a kind of authenticator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be one of {}", AuthenticatorKind::ALL.map(AuthenticatorKind::as_str).join(", "))]
pub struct UnknownAuthenticatorKind;

#[cfg(test)]
mod tests {
    use signet_verifier::Timestamp;

    use super::*;
    use crate::authenticators::Passkey;
    use crate::ids::AccountId;
    use crate::second_factor::RecoveryCodeDigest;

    fn full() -> AuthenticatorSet {
        let none = AuthenticatorSet::none(AccountId::from_bytes([1; 16]), true);
        let offered = none.enrol_totp(vec![1; 40]).unwrap();
        let codes = vec![RecoveryCodeDigest::from_bytes([1; 32])];
        let step = 7;
        let confirmed = offered.confirm_totp(step, codes).unwrap();
        confirmed.add_passkey(passkey()).unwrap()
    }

    fn passkey() -> Passkey {
        Passkey {
            credential_id: vec![1],
            public_key: vec![2],
            counter: 0,
            backup_eligible: true,
            backed_up: true,
            name: None,
            created_at: Timestamp::from_seconds(1),
            last_used_at: None,
        }
    }

    #[test]
    fn each_kind_is_removed_once_and_leaves_the_others() {
        for kind in AuthenticatorKind::ALL {
            let left = full().without(kind).unwrap();
            assert_eq!(left.version, full().version + 1, "{kind}");
            let is_left = [
                left.has_password,
                left.totp.is_some(),
                !left.recovery_codes.is_empty(),
                !left.passkeys.is_empty(),
            ];
            let removed = AuthenticatorKind::ALL.map(|other| other != kind);
            assert_eq!(is_left, removed, "{kind}");
            assert_eq!(left.without(kind), Err(AuthenticatorProblem::Unknown));
        }
    }

    #[test]
    fn the_last_way_to_sign_in_stays() {
        let without_passkeys = full().without(AuthenticatorKind::Passkeys).unwrap();
        let last = without_passkeys.without(AuthenticatorKind::Password);
        assert_eq!(last, Err(AuthenticatorProblem::Last));
        let without_password = full().without(AuthenticatorKind::Password).unwrap();
        let last = without_password.without(AuthenticatorKind::Passkeys);
        assert_eq!(last, Err(AuthenticatorProblem::Last));
    }

    #[test]
    fn recovery_codes_go_with_the_last_second_factor() {
        let left = full().without(AuthenticatorKind::Totp).unwrap();
        assert_eq!(left.recovery_codes.len(), 1);
        let left = left.without(AuthenticatorKind::Passkeys).unwrap();
        assert_eq!(left.recovery_codes.len(), 0);
    }

    #[test]
    fn names_read_back() {
        for kind in AuthenticatorKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
        }
        assert!("passkey".parse::<AuthenticatorKind>().is_err());
    }
}
