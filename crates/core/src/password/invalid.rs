//! Why a text is not a password hash.

/// The reasons why a text is not a password hash.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidPasswordHash {
    /// The function or the form of the text is not known.
    #[error(
        "must be an argon2, bcrypt, scrypt or PBKDF2 hash in PHC, crypt, passlib or Django form"
    )]
    Unsupported,
    /// A part is missing or wrong.
    #[error("is not a complete hash of its kind")]
    Malformed,
    /// One verification would take too long or too much memory.
    #[error("costs too much to verify; the person must set a new password")]
    TooCostly,
}

impl InvalidPasswordHash {
    /// Returns the stable code of the problem, for clients.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::Malformed => "malformed",
            Self::TooCostly => "too_costly",
        }
    }
}
