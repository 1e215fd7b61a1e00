//! Changes that write a mail in the same transaction.
//!
//! This module must not know what the mail says.

use async_trait::async_trait;
use signet_core::account::{Account, EpochStep};
use signet_core::ids::AccountId;
use signet_core::link::Link;

use crate::accounts::{Changed, Created, Credentials, EndingChange};
use crate::error::StoreError;
use crate::outbox::QueuedMail;
use crate::profiles::Updated;

/// Makes a change and stores the mail that tells of it.
///
/// Promises: each method keeps the promises of its namesake in [`Links`](crate::Links),
/// [`Accounts`](crate::Accounts) or [`Profiles`](crate::Profiles). The mail is stored if and only if
/// the change is made: both are one transaction.
#[async_trait]
pub trait MailedChanges: Send + Sync {
    /// Stores a link and the mail that carries it.
    async fn put_link(&self, link: &Link, mail: &QueuedMail) -> Result<bool, StoreError>;

    /// Adds an account, a link to confirm its address, and the mail that carries it.
    async fn create(
        &self,
        credentials: &Credentials,
        link: &Link,
        mail: &QueuedMail,
    ) -> Result<Created, StoreError>;

    /// Makes a change that ends every session made before it.
    async fn change(
        &self,
        (id, step): (AccountId, EpochStep),
        change: &EndingChange,
        mail: &QueuedMail,
    ) -> Result<Changed, StoreError>;

    /// Replaces an account by its next version.
    async fn update(
        &self,
        previous: &Account,
        next: &Account,
        mail: &QueuedMail,
    ) -> Result<Updated, StoreError>;
}
