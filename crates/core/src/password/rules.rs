//! The rules for a new password: long enough, not common, without the name in the email address,
//! and more than the name of the person or of the service.
//!
//! There are no rules about kinds of characters, as NIST SP 800-63B section 3.1.1.2 advises.

use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use crate::account::Email;
use crate::secret::SecretText;
use crate::sha256::sha256;

/// The minimum length of a password, in characters after NFC.
pub const MIN_PASSWORD_LENGTH: usize = 8;

/// The maximum length of a password, in characters after NFC. Longer passwords only cost time.
pub const MAX_PASSWORD_LENGTH: usize = 256;

/// A password as it was typed, in Unicode NFC, so that different keyboards give the same password.
///
/// It may be wrong or weak. [`check_new_password`] decides whether an account may have it.
#[derive(Clone, Debug)]
pub struct Password(SecretText);

impl Password {
    /// Takes the typed text.
    ///
    /// # Errors
    ///
    /// [`PasswordProblem::Empty`], [`PasswordProblem::TooLong`] or
    /// [`PasswordProblem::InvalidCharacter`]. No stored password matches such a text.
    pub fn typed(text: &SecretText) -> Result<Self, PasswordProblem> {
        // This check comes before the normalization, so that a huge text costs nothing.
        if text.expose().len() > MAX_PASSWORD_LENGTH * MAX_BYTES_PER_CHARACTER {
            return Err(PasswordProblem::TooLong);
        }
        let normal = SecretText::new(text.expose().nfc().collect());
        match normal.expose() {
            "" => Err(PasswordProblem::Empty),
            text if text.contains('\0') => Err(PasswordProblem::InvalidCharacter),
            text if text.chars().count() > MAX_PASSWORD_LENGTH => Err(PasswordProblem::TooLong),
            _ => Ok(Self(normal)),
        }
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Checks whether the account with `email` may have this password. Without `email`, skips the rule
/// about the email address.
///
/// # Errors
///
/// [`PasswordProblem`] names the first rule that is broken.
pub fn check_new_password(
    password: &Password,
    email: Option<&Email>,
) -> Result<(), PasswordProblem> {
    if password.expose().chars().count() < MIN_PASSWORD_LENGTH {
        return Err(PasswordProblem::TooShort);
    }
    let lowered = Zeroizing::new(password.expose().to_lowercase());
    if is_common(&lowered) {
        return Err(PasswordProblem::Common);
    }
    let email_name = email
        .map(|email| email.local_part().to_lowercase())
        .unwrap_or_default();
    if email_name.chars().count() >= MIN_EMAIL_NAME_LENGTH && lowered.contains(&email_name) {
        return Err(PasswordProblem::ContainsEmailName);
    }
    Ok(())
}

/// Checks a password against words that an attacker would try for this account: the name of its
/// owner and of the service.
///
/// # Errors
///
/// [`PasswordProblem::ContextWord`] if less than [`MIN_PASSWORD_LENGTH`] characters are left beside
/// one of `words`.
pub fn check_context_words<'a>(
    password: &Password,
    words: impl Iterator<Item = &'a str>,
) -> Result<(), PasswordProblem> {
    let lowered = Zeroizing::new(password.expose().to_lowercase());
    for word in words.map(str::to_lowercase) {
        if word.chars().count() < MIN_CONTEXT_WORD_LENGTH || !lowered.contains(&word) {
            continue;
        }
        let rest = Zeroizing::new(lowered.replace(&word, ""));
        if rest.chars().count() < MIN_PASSWORD_LENGTH {
            return Err(PasswordProblem::ContextWord);
        }
    }
    Ok(())
}

/// Searches the sorted fingerprints.
fn is_common(password: &str) -> bool {
    let (fingerprints, _) = COMMON_PASSWORDS.as_chunks::<FINGERPRINT_BYTES>();
    fingerprints.binary_search(&fingerprint(password)).is_ok()
}

/// The first bytes of a hash of the password.
fn fingerprint(password: &str) -> [u8; FINGERPRINT_BYTES] {
    sha256(&[FINGERPRINT_LABEL, password.as_bytes()])
}

/// The reasons why a password is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordProblem {
    /// The text is empty.
    #[error("must not be empty")]
    Empty,
    /// Fewer than 8 characters.
    #[error("must be at least 8 characters")]
    TooShort,
    /// More than 256 characters.
    #[error("must be at most 256 characters")]
    TooLong,
    /// It contains a NUL character.
    #[error("must not contain a NUL character")]
    InvalidCharacter,
    /// It is in the list of common passwords.
    #[error("is one of the commonest passwords")]
    Common,
    /// It is in the list of a service that knows breached passwords.
    #[error("was found in a breach of another service")]
    Breached,
    /// It contains the part of the email address before the `@`.
    #[error("must not contain the name in the email address")]
    ContainsEmailName,
    /// It is little more than the name of the person or of the service.
    #[error("must have 8 characters beside the name of the account or of this service")]
    ContextWord,
}

impl PasswordProblem {
    /// Returns the stable code of the problem, for clients.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "required",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::InvalidCharacter => "invalid_character",
            Self::Common => "too_common",
            Self::Breached => "breached",
            Self::ContainsEmailName => "contains_email_name",
            Self::ContextWord => "context_word",
        }
    }
}

/// A name of one or two letters is in too many good passwords to mean anything.
const MIN_EMAIL_NAME_LENGTH: usize = 3;

/// One character after NFC may be typed as several code points, but never as more bytes than this.
const MAX_BYTES_PER_CHARACTER: usize = 32;

/// Shorter words are in too many good passwords to mean anything.
const MIN_CONTEXT_WORD_LENGTH: usize = 4;

/// The 197,549 commonest passwords of at least 8 characters, in lower case, as sorted fingerprints.
/// `data/README.md` says where they come from. Of a million other passwords 0.2 have a fingerprint
/// of the list by chance.
const COMMON_PASSWORDS: &[u8] = include_bytes!("../../data/common-passwords.bin");
const FINGERPRINT_BYTES: usize = 5;
const FINGERPRINT_LABEL: &[u8] = b"signet common password v1\0";

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Result<Password, PasswordProblem> {
        Password::typed(&SecretText::new(text.to_owned()))
    }

    fn check(text: &str) -> Result<(), PasswordProblem> {
        check_new_password(&typed(text)?, Some(&"Ada.L@example.com".parse().unwrap()))
    }

    #[test]
    fn length_is_counted_in_characters_after_nfc() {
        assert_eq!(check("seven77"), Err(PasswordProblem::TooShort));
        assert_eq!(check("héé8zéèq"), Ok(()));
        // Eight code points as typed, seven once composed.
        assert_eq!(check("se\u{301}ven77"), Err(PasswordProblem::TooShort));
        assert_eq!(check(&"x1".repeat(128)), Ok(()));
        assert_eq!(check(&"x1y".repeat(86)), Err(PasswordProblem::TooLong));
        assert_eq!(check(&"x".repeat(16 * 1024)), Err(PasswordProblem::TooLong));
    }

    #[test]
    fn both_spellings_of_a_character_are_one_password() {
        assert_eq!(
            typed("cafe\u{301}").unwrap().expose(),
            typed("caf\u{e9}").unwrap().expose()
        );
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for text in ["password", "Password1", "12345678", "QWERTYUIOP"] {
            assert_eq!(check(text), Err(PasswordProblem::Common), "{text}");
        }
    }

    #[test]
    fn at_least_a_hundred_thousand_passwords_are_refused() {
        let (fingerprints, rest) = COMMON_PASSWORDS.as_chunks::<FINGERPRINT_BYTES>();
        assert_eq!((fingerprints.len(), rest.len()), (197_549, 0));
        assert!(fingerprints.is_sorted_by(|before, after| before < after));
        for text in [
            "password1",
            "letmein1",
            "qwerty123",
            "iloveyou",
            "liverpool",
            "starwars1",
        ] {
            assert!(is_common(text), "{text}");
        }
    }

    #[test]
    fn of_a_hundred_thousand_other_passwords_none_is_refused_by_chance() {
        for text in ["", "\n", "zzzzzzzzzzzzz", "correct horse battery"] {
            assert!(!is_common(text), "{text}");
        }
        let refused =
            (0..100_000).filter(|number| is_common(&format!("engine no. {number} steams")));
        assert_eq!(refused.count(), 0);
    }

    #[test]
    fn names_of_the_person_and_the_service_do_not_count() {
        let words = || ["Lovelace", "Example", "of"].into_iter();
        let check = |text| check_context_words(&typed(text).unwrap(), words());
        for text in ["Lovelace1815", "exampleEXAMPLE", "my-example"] {
            assert_eq!(check(text), Err(PasswordProblem::ContextWord), "{text}");
        }
        for text in ["lovelace wrote note G", "office of engines"] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn the_email_name_is_refused_in_any_case() {
        assert_eq!(
            check("my-ADA.l-password"),
            Err(PasswordProblem::ContainsEmailName)
        );
        let short = "al@example.com".parse().unwrap();
        let password = typed("always the same tree").unwrap();
        assert_eq!(check_new_password(&password, Some(&short)), Ok(()));
        assert_eq!(check_new_password(&password, None), Ok(()));
    }

    #[test]
    fn empty_and_nul_are_no_passwords() {
        assert_eq!(check(""), Err(PasswordProblem::Empty));
        assert_eq!(
            check("long enough\0but"),
            Err(PasswordProblem::InvalidCharacter)
        );
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(
            format!("{:?}", typed("correct horse").unwrap()),
            "Password(SecretText(..))"
        );
    }
}
