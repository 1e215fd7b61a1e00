//! The pages whose changes need a fresh proof, and where the operator goes after the proof.

use std::fmt;

use axum::response::Response;
use signet_core::ids::AccountId;

use crate::pages::answer::see_other;

/// A page with changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    Account(AccountId),
    Clients,
}

impl Place {
    /// The page with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        if name == CLIENTS {
            return Some(Self::Clients);
        }
        name.parse().ok().map(Self::Account)
    }

    /// Sends the browser to the page.
    pub(super) fn go(self) -> Response {
        match self {
            Self::Account(id) => see_other(&format!("/console/account?id={id}")),
            Self::Clients => see_other("/console/clients"),
        }
    }

    /// Sends the browser to the page that asks for the proof.
    pub(super) fn ask_proof(self) -> Response {
        see_other(&format!("/console/confirm?to={self}"))
    }
}

/// The name of the page in addresses.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => id.fmt(f),
            Self::Clients => f.write_str(CLIENTS),
        }
    }
}

const CLIENTS: &str = "clients";
