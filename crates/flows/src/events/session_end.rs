//! Why sessions end before their time.

/// Why a session ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionEnd {
    /// Its holder signed out.
    SignedOut,
    /// Its owner ended it from another session, or an administrator did.
    ByOwner,
    /// The browser that held it signed in again.
    Replaced,
    /// The client that it is bound to revoked one of its tokens.
    Revoked,
    /// Its holder showed too many wrong passwords in a row.
    WrongPasswords,
    /// The code that it was begun with was shown again.
    CodeReused,
    /// Its client was removed, and perhaps registered again. A refresh found that.
    ClientGone,
    /// No consent of its owner covers it any more. A refresh found that.
    ConsentGone,
}

impl SessionEnd {
    /// The sentence for people.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::SignedOut => "a person signed out",
            Self::ByOwner => "a session was ended by its owner",
            Self::Replaced => "a session was replaced by a new sign-in",
            Self::WrongPasswords => "a session was ended after too many wrong passwords",
            Self::CodeReused => "a code was shown again, the session that it began has been ended",
            Self::Revoked => "a client revoked a token, its session has been ended",
            Self::ClientGone => {
                "a session was refreshed whose client was removed, it has been ended"
            }
            Self::ConsentGone => "a session was refreshed without a consent, it has been ended",
        }
    }

    /// The stable name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::ByOwner => "by_owner",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
            Self::WrongPasswords => "wrong_passwords",
            Self::CodeReused => "code_reused",
            Self::ClientGone => "client_gone",
            Self::ConsentGone => "consent_gone",
        }
    }
}
