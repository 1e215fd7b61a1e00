//! The built-in words, one file for each mail and language.

use super::super::{Language, MailKind};

/// The text of a mail.
pub(super) fn text(kind: MailKind, language: Language) -> &'static str {
    macro_rules! both {
        ($name:literal) => {
            match language {
                Language::English => include_str!(concat!($name, ".en.txt")),
                Language::German => include_str!(concat!($name, ".de.txt")),
            }
        };
    }
    match kind {
        MailKind::Reset => both!("reset"),
        MailKind::Verify => both!("verify"),
        MailKind::Invitation => both!("invitation"),
        MailKind::Registration => both!("registration"),
        MailKind::AccountExists => both!("account_exists"),
        MailKind::ChangeEmail => both!("change_email"),
        MailKind::EmailChangeRequested => both!("email_change_requested"),
        MailKind::EmailChanged => both!("email_changed"),
        MailKind::FactorChanged => both!("factor_changed"),
        MailKind::NewDevice => both!("new_device"),
        MailKind::PasswordChanged => both!("password_changed"),
        MailKind::SessionReuse => both!("session_reuse"),
        MailKind::SignInAttempts => both!("sign_in_attempts"),
    }
}

/// The HTML around a text.
pub(super) const LAYOUT: &str = include_str!("layout.html");
