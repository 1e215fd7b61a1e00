//! The pages that ask for a proof first, and where the person goes after the proof.

use axum::response::Response;

use crate::pages::answer::see_other;

/// A page whose form needs a fresh proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Email,
    Password,
    Totp,
    Passkeys,
    Delete,
}

impl Place {
    const ALL: [Self; 5] = [
        Self::Email,
        Self::Password,
        Self::Totp,
        Self::Passkeys,
        Self::Delete,
    ];

    /// The page with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// Its name in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::Totp => "totp",
            Self::Passkeys => "passkeys",
            Self::Delete => "delete",
        }
    }

    /// Sends the browser to the page.
    pub(super) fn go(self) -> Response {
        see_other(&format!("/account/{}", self.name()))
    }

    /// Sends the browser to the page that asks for the proof.
    pub(super) fn ask_proof(self) -> Response {
        see_other(&format!("/account/confirm?to={}", self.name()))
    }
}
