//! Which second factors an account has enrolled, and whether it must have one.

use std::fmt;
use std::str::FromStr;

/// The second factors that an account has enrolled; a copy of what its authenticators say, written
/// with them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SecondFactors {
    /// An authenticator app.
    pub totp: bool,
    /// At least one passkey.
    pub passkey: bool,
}

impl SecondFactors {
    /// Whether a password alone is not enough.
    pub fn any(self) -> bool {
        self.totp || self.passkey
    }

    /// The number that stands for them in a store.
    pub fn number(self) -> u8 {
        u8::from(self.totp) | u8::from(self.passkey) << 1
    }

    /// The second factors with this number; `None` for a number of no version.
    pub fn from_number(number: u8) -> Option<Self> {
        (number <= 3).then_some(Self {
            totp: number & 1 != 0,
            passkey: number & 2 != 0,
        })
    }
}

/// Whether a sign-in needs a second factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MfaPolicy {
    /// Only if one is enrolled.
    #[default]
    Optional,
    /// Always. A person without one enrols at the next sign-in.
    Required,
}

impl MfaPolicy {
    /// Returns the stronger of two policies: that of the account and that of the client.
    #[must_use]
    pub fn stronger(self, other: Self) -> Self {
        match (self, other) {
            (Self::Optional, Self::Optional) => Self::Optional,
            _ => Self::Required,
        }
    }

    /// Its name in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

impl fmt::Display for MfaPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for MfaPolicy {
    type Err = UnknownMfaPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownMfaPolicy> {
        match text {
            "optional" => Ok(Self::Optional),
            "required" => Ok(Self::Required),
            _ => Err(UnknownMfaPolicy),
        }
    }
}

/// The text names no policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be \"optional\" or \"required\"")]
pub struct UnknownMfaPolicy;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stronger_policy_counts() {
        let (optional, required) = (MfaPolicy::Optional, MfaPolicy::Required);
        assert_eq!(optional.stronger(optional), optional);
        assert_eq!(optional.stronger(required), required);
        assert_eq!(required.stronger(optional), required);
        assert_eq!(required.stronger(required), required);
    }

    #[test]
    fn numbers_and_names_read_back() {
        for number in 0..4 {
            let factors = SecondFactors::from_number(number).unwrap();
            assert_eq!(factors.number(), number);
            assert_eq!(factors.any(), number > 0);
        }
        assert_eq!(SecondFactors::from_number(4), None);
        for policy in [MfaPolicy::Optional, MfaPolicy::Required] {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        assert_eq!("".parse::<MfaPolicy>(), Err(UnknownMfaPolicy));
    }
}
