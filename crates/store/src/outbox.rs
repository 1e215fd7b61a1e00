//! The outbox: mail that waits until a worker has sent it. It is in the database, never in Redis.
//!
//! A payload is sealed before it comes here. This module must not know what is in it, how mail is
//! sent, or when a worker tries again.

use async_trait::async_trait;
use signet_core::ids::{AccountId, MailId};
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// Remembers mail until it is removed.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine. Until a
/// lease expires, no other `lease` call, from any process, returns the same mail. A deleted account
/// has no mail from the same moment.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Stores a mail. Returns `false` if it names an account that does not exist.
    async fn put(&self, mail: &QueuedMail) -> Result<bool, StoreError>;

    /// Leases mail that is due at `now`, at most `limit`, the earliest first. Leased mail is due
    /// again at `until`. Each lease counts as an attempt.
    async fn lease(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<LeasedMail>, StoreError>;

    /// Removes a mail: it was sent, or given up.
    async fn remove(&self, id: MailId) -> Result<(), StoreError>;

    /// Makes a mail due at `due`, if `attempt` is still its latest.
    async fn postpone(&self, id: MailId, attempt: u32, due: Timestamp) -> Result<(), StoreError>;

    /// Returns how much mail waits, leased mail included.
    async fn backlog(&self) -> Result<Backlog, StoreError>;

    /// Removes mail whose time was over at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// A mail as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedMail {
    /// Which mail.
    pub id: MailId,
    /// The account that it is about; `None` until the worker has looked it up.
    pub account_id: Option<AccountId>,
    /// Address and content, sealed.
    pub payload: Vec<u8>,
    /// When it is to be sent.
    pub due: Timestamp,
    /// From this time on it is no longer sent.
    pub until: Timestamp,
}

/// A mail that the caller may send until its lease expires.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeasedMail {
    /// The mail; it is due again when the lease expires.
    pub mail: QueuedMail,
    /// The number of this attempt, from 1.
    pub attempt: u32,
}

/// Mail that waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// How many mails there are.
    pub mails: u64,
    /// When the earliest is due; `None` without mail. Leased mail is due when its lease expires.
    pub next_due: Option<Timestamp>,
}

impl std::fmt::Debug for QueuedMail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("QueuedMail(..)")
    }
}
