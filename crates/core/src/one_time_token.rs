//! Tokens that are used once: links in mail, the second step of a sign-in, passkey ceremonies.
//!
//! A token is a prefix that names its purpose, and 32 random bytes. Stores keep only its SHA-256,
//! so a stolen database contains no usable token. This module must not know the effect of a token
//! or where its digest is stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use zeroize::Zeroizing;

use crate::ids::random_bytes;
use crate::secret::SecretText;
use crate::sha256::sha256;

/// The purpose of a one-time token. The token is never valid for another purpose.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OneTimePurpose {
    /// Finishes a sign-in with a second factor.
    SecondFactor,
    /// Counts the codes that an account has been tried with. No token has this purpose.
    SecondFactorTries,
    /// Signs in with a passkey.
    PasskeySignIn,
    /// Registers a passkey.
    PasskeyRegistration,
    /// Is exchanged for tokens (RFC 6749 section 4.1).
    AuthorizationCode,
    /// Counts how often a code was shown. No token has this purpose.
    AuthorizationCodeUses,
    /// Is polled by a device, and exchanged for tokens (RFC 8628).
    DeviceCode,
    /// Is typed by a person who connects a device. No token has this purpose.
    UserCode,
    /// Keeps what a person decided about a device. No token has this purpose.
    DeviceDecision,
    /// Says that a device has just asked. No token has this purpose.
    DevicePoll,
    /// Names a request of a client that waits for a person.
    AuthorizationRequest,
    /// Names a request that a client has sent itself.
    PushedRequest,
    /// Confirms the address of an account.
    VerifyEmail,
    /// Confirms the new address of an account.
    ChangeEmail,
    /// Sets a new password without the old one.
    ResetPassword,
    /// Accepts an invitation.
    Invitation,
    /// Keeps which account an invitation has set up. No token has this purpose.
    AcceptedInvitation,
}

impl OneTimePurpose {
    /// Every purpose.
    pub(crate) const ALL: [Self; 17] = [
        Self::SecondFactor,
        Self::SecondFactorTries,
        Self::PasskeySignIn,
        Self::PasskeyRegistration,
        Self::AuthorizationCode,
        Self::AuthorizationCodeUses,
        Self::AuthorizationRequest,
        Self::PushedRequest,
        Self::DeviceCode,
        Self::UserCode,
        Self::DeviceDecision,
        Self::DevicePoll,
        Self::VerifyEmail,
        Self::ChangeEmail,
        Self::ResetPassword,
        Self::Invitation,
        Self::AcceptedInvitation,
    ];

    /// Returns its number in stores. The meaning of a number never changes.
    pub fn number(self) -> u8 {
        match self {
            Self::SecondFactor => 1,
            Self::PasskeySignIn => 2,
            Self::PasskeyRegistration => 3,
            Self::AuthorizationCode => 4,
            Self::VerifyEmail => 5,
            Self::ChangeEmail => 6,
            Self::ResetPassword => 7,
            Self::Invitation => 8,
            Self::SecondFactorTries => 9,
            Self::AcceptedInvitation => 10,
            Self::AuthorizationCodeUses => 20,
            Self::AuthorizationRequest => 21,
            Self::PushedRequest => 22,
            Self::DeviceCode => 23,
            Self::UserCode => 24,
            Self::DeviceDecision => 25,
            Self::DevicePoll => 26,
        }
    }

    /// Returns the purpose with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|purpose| purpose.number() == number)
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::SecondFactor => "mfa_",
            Self::SecondFactorTries => "tries_",
            Self::PasskeySignIn => "pks_",
            Self::PasskeyRegistration => "pkr_",
            Self::AuthorizationCode => "code_",
            Self::AuthorizationCodeUses => "uses_",
            Self::AuthorizationRequest => "ask_",
            Self::PushedRequest => "par_",
            Self::DeviceCode => "device_",
            Self::UserCode => "user_",
            Self::DeviceDecision => "decision_",
            Self::DevicePoll => "poll_",
            Self::VerifyEmail => "verify_",
            Self::ChangeEmail => "email_",
            Self::ResetPassword => "reset_",
            Self::Invitation => "invite_",
            Self::AcceptedInvitation => "accepted_",
        }
    }
}

/// A one-time token that a holder gets or sends back.
#[derive(Clone, Debug)]
pub struct OneTimeToken {
    purpose: OneTimePurpose,
    text: SecretText,
}

impl OneTimeToken {
    /// A new random token.
    pub fn random(purpose: OneTimePurpose, rng: &mut impl CryptoRng) -> Self {
        let bytes: Zeroizing<[u8; TOKEN_BYTES]> = Zeroizing::new(random_bytes(rng));
        let mut text = String::with_capacity(purpose.prefix().len() + TOKEN_CHARACTERS);
        text.push_str(purpose.prefix());
        URL_SAFE_NO_PAD.encode_string(bytes.as_slice(), &mut text);
        Self {
            purpose,
            text: SecretText::new(text),
        }
    }

    /// Parses a token of this purpose.
    ///
    /// # Errors
    ///
    /// [`InvalidOneTimeToken`] if the text is not a token in canonical form, or has another
    /// purpose.
    pub fn read(purpose: OneTimePurpose, text: &str) -> Result<Self, InvalidOneTimeToken> {
        let encoded = text.strip_prefix(purpose.prefix());
        let encoded = encoded.ok_or(InvalidOneTimeToken)?;
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut_slice()) {
            Ok(TOKEN_BYTES) => Ok(Self {
                purpose,
                text: SecretText::new(text.to_owned()),
            }),
            _ => Err(InvalidOneTimeToken),
        }
    }

    /// Returns the text for the holder. The caller must not log or store it.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// Returns the text for the holder, as a secret.
    pub fn into_text(self) -> SecretText {
        self.text
    }

    /// Returns the purpose.
    pub fn purpose(&self) -> OneTimePurpose {
        self.purpose
    }

    /// Returns the digest to store: the SHA-256 of the text, prefix included.
    pub fn digest(&self) -> OneTimeDigest {
        OneTimeDigest(sha256(&[self.expose().as_bytes()]))
    }
}

/// The SHA-256 of a one-time token. No token can be made from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OneTimeDigest([u8; DIGEST_BYTES]);

impl OneTimeDigest {
    /// Returns the digest with these bytes.
    pub const fn from_bytes(bytes: [u8; DIGEST_BYTES]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the digest.
    pub fn as_bytes(&self) -> &[u8; DIGEST_BYTES] {
        &self.0
    }
}

impl fmt::Debug for OneTimeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeDigest(..)")
    }
}

/// The text is not a one-time token of the expected purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the token is unknown, used or expired; ask for a new one")]
pub struct InvalidOneTimeToken;

const TOKEN_BYTES: usize = 32;
const TOKEN_CHARACTERS: usize = 43;
const DIGEST_BYTES: usize = 32;

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;

    fn token(purpose: OneTimePurpose, seed: u64) -> OneTimeToken {
        OneTimeToken::random(purpose, &mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn a_token_reads_back_with_the_same_digest() {
        for purpose in OneTimePurpose::ALL {
            let made = token(purpose, 1);
            let read = OneTimeToken::read(purpose, made.expose()).unwrap();
            assert_eq!(read.digest(), made.digest());
            assert_ne!(made.digest(), token(purpose, 2).digest());
        }
    }

    #[test]
    fn a_token_of_one_purpose_is_none_of_another() {
        for made in OneTimePurpose::ALL {
            for read in OneTimePurpose::ALL {
                let found = OneTimeToken::read(read, token(made, 1).expose());
                assert_eq!(found.is_ok(), made == read, "{made:?} read as {read:?}");
            }
        }
    }

    #[test]
    fn only_the_one_spelling_is_a_token() {
        let good = token(OneTimePurpose::ResetPassword, 1).expose().to_owned();
        assert_eq!(good.len(), "reset_".len() + 43);
        for text in [
            String::new(),
            "reset_".to_owned(),
            good.replace("reset_", ""),
            format!("{good}="),
            format!("{good}A"),
            format!(" {good}"),
            good[..good.len() - 1].to_owned(),
            format!("reset_{}B", "A".repeat(42)),
        ] {
            let read = OneTimeToken::read(OneTimePurpose::ResetPassword, &text);
            assert_eq!(read.err(), Some(InvalidOneTimeToken), "{text}");
        }
    }

    #[test]
    fn numbers_read_back_and_none_stands_for_two_purposes() {
        for purpose in OneTimePurpose::ALL {
            let read = OneTimePurpose::from_number(purpose.number());
            assert_eq!(read, Some(purpose));
        }
        assert_eq!(OneTimePurpose::from_number(0), None);
    }

    #[test]
    fn debug_says_nothing() {
        let token = token(OneTimePurpose::SecondFactor, 1);
        let said = format!("{token:?} {:?}", token.digest());
        assert!(!said.contains(&token.expose()[4..]), "{said}");
    }
}
