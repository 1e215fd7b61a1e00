//! The deny list: access tokens that are refused before they expire.

use async_trait::async_trait;
use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::names::ClientId;
use signet_core::status_list::StatusIndex;
use signet_verifier::Timestamp;

use crate::error::StoreError;
use crate::status_lists::StatusHolder;

/// Remembers which access tokens are refused although their signature and times are valid.
///
/// Promises: a denied token is refused from the response until its `until`. A later denial never
/// shortens an earlier one. An expired entry refuses nothing, whether it was purged or not.
/// [`crate::Sessions::end`] adds sessions to this list.
#[async_trait]
pub trait DenyList: Send + Sync {
    /// Refuses what `denied` names until `until`.
    async fn deny(&self, denied: &Denied, until: Timestamp) -> Result<(), StoreError>;

    /// Returns whether a token is refused at `now`. This is one look-up.
    async fn is_denied(&self, token: TokenFacts<'_>, now: Timestamp) -> Result<bool, StoreError>;

    /// Removes at most `limit` entries that have expired at `now`. Returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// What is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Denied {
    /// Every access token of a session.
    Session {
        /// Whose session.
        account_id: AccountId,
        /// Which session.
        id: SessionId,
    },
    /// One access token.
    Token {
        /// Its `jti`.
        id: TokenId,
        /// Its bit of a revocation list, if it names one.
        status: Option<StatusIndex>,
    },
    /// Every access token of a client that was issued at this time or before.
    Client {
        /// Whose tokens.
        id: ClientId,
        /// The last `iat` that is refused.
        issued_until: Timestamp,
    },
    /// Every access token of an account that was issued at this time or before.
    Account {
        /// Whose tokens.
        id: AccountId,
        /// The last `iat` that is refused.
        issued_until: Timestamp,
    },
}

impl Denied {
    /// What has bits of its own.
    pub(crate) fn holder(&self) -> Option<StatusHolder> {
        match self {
            Self::Session { account_id, id } => Some(StatusHolder::Session {
                account_id: *account_id,
                id: *id,
            }),
            Self::Account { id, .. } => Some(StatusHolder::Account(*id)),
            Self::Client { id, .. } => Some(StatusHolder::Client(id.clone())),
            Self::Token { .. } => None,
        }
    }
}

/// The claims of a token that the deny list is searched for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TokenFacts<'a> {
    /// Its `sub`, when that is an account.
    pub account_id: Option<AccountId>,
    /// Its `sid`, when it belongs to a session of that account.
    pub session_id: Option<SessionId>,
    /// Every client that it names: its `client_id`, its `sub` when that is a client, and those that
    /// act for the subject.
    pub clients: &'a [ClientId],
    /// Its `jti`.
    pub id: TokenId,
    /// Its `iat`.
    pub issued_at: Timestamp,
}
