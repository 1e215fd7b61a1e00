//! Changes with their mail in PostgreSQL: several statements in one transaction.

use async_trait::async_trait;
use signet_core::account::{Account, EpochStep};
use signet_core::ids::AccountId;
use signet_core::link::Link;

use super::{Postgres, accounts, links, outbox, profiles};
use crate::accounts::{Changed, Created, Credentials, EndingChange};
use crate::error::StoreError;
use crate::mailed_changes::MailedChanges;
use crate::outbox::QueuedMail;
use crate::profiles::{Updated, ending};

#[async_trait]
impl MailedChanges for Postgres {
    async fn put_link(&self, link: &Link, mail: &QueuedMail) -> Result<bool, StoreError> {
        let stored = self
            .connections
            .changes_together(links::put(link), vec![outbox::insert(mail)]);
        stored.await.map_err(|fault| fault.in_store(STORE))
    }

    async fn create(
        &self,
        credentials: &Credentials,
        link: &Link,
        mail: &QueuedMail,
    ) -> Result<Created, StoreError> {
        let then = vec![links::put(link), outbox::insert(mail)];
        let created = self
            .connections
            .changes_together(accounts::insert(credentials), then);
        match created.await {
            Ok(true) => Ok(Created::Added),
            Ok(false) => Ok(Created::EmailTaken),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }

    async fn change(
        &self,
        (id, step): (AccountId, EpochStep),
        change: &EndingChange,
        mail: &QueuedMail,
    ) -> Result<Changed, StoreError> {
        let (statement, ending) = accounts::change(id, step, change);
        let changed = self
            .connections
            .changes_together(statement, vec![outbox::insert(mail)]);
        match changed.await {
            Ok(true) => Ok(Changed::Done(ending)),
            Ok(false) => Ok(Changed::Lost),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }

    async fn update(
        &self,
        previous: &Account,
        next: &Account,
        mail: &QueuedMail,
    ) -> Result<Updated, StoreError> {
        let statement = profiles::update(previous, next);
        let updated = self
            .connections
            .changes_together(statement, vec![outbox::insert(mail)]);
        match updated.await {
            Ok(true) => Ok(Updated::Done(ending(previous, next))),
            Ok(false) => Ok(Updated::Lost),
            Err(fault) if fault.is_taken() => Ok(Updated::EmailTaken),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }
}

const STORE: &str = "outbox";
