//! The grants by which a client gets an access token; [`Flows::refresh`](crate::Flows::refresh) is
//! another.

mod authorization_code;
mod client_credentials;
mod device_code;
mod exchange;
mod sign_in_tokens;

pub use authorization_code::ShownCode;
pub use device_code::PollError;
pub use sign_in_tokens::{CodeTokens, RedeemError};
use signet_core::access_token::AccessToken;
use signet_core::client::{ExchangeProblem, InvalidScope, InvalidTarget, Targets};
use signet_core::names::Scope;
use signet_store::StoreError;

use crate::issue::IssueError;

/// The scopes and services that a request for a token names.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokenRequest<'a> {
    /// Scopes, separated by spaces; none for all that are allowed.
    pub scope: Option<&'a str>,
    /// Services; none for all that are allowed.
    pub targets: Targets<'a>,
}

impl TokenRequest<'_> {
    /// Whether the request names nothing.
    fn is_for_all(&self) -> bool {
        let Targets {
            resources,
            audiences,
        } = self.targets;
        self.scope.is_none() && resources.is_empty() && audiences.is_empty()
    }
}

/// An access token that a program gets, and its scopes.
#[derive(Debug)]
pub struct GrantedToken {
    /// The access token.
    pub access: AccessToken,
    /// Its scopes.
    pub scope: Vec<Scope>,
}

/// Why a program gets no token.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// More scopes are asked for than the client may have.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A service is named that the client may not call.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// The token to exchange is not valid, or is denied.
    #[error("the subject token is not good here")]
    BadSubject,
    /// The token to exchange cannot be exchanged by this client.
    #[error(transparent)]
    Exchange(#[from] ExchangeProblem),
    /// No access token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
