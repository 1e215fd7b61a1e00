//! Changes with their mail in SQLite: the change, then the mail, in one savepoint.

use async_trait::async_trait;
use signet_core::account::{Account, EpochStep};
use signet_core::ids::AccountId;
use signet_core::link::Link;

use super::job::atomically;
use super::{Sqlite, accounts, links, outbox, profiles};
use crate::accounts::{Changed, Created, Credentials, EndingChange};
use crate::error::StoreError;
use crate::mailed_changes::MailedChanges;
use crate::outbox::QueuedMail;
use crate::profiles::Updated;

#[async_trait]
impl MailedChanges for Sqlite {
    async fn put_link(&self, link: &Link, mail: &QueuedMail) -> Result<bool, StoreError> {
        let (link, mail) = (link.clone(), mail.clone());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                Ok(links::put(connection, &link)? && outbox::insert(connection, &mail)?)
            })
        })
        .await
    }

    async fn create(
        &self,
        credentials: &Credentials,
        link: &Link,
        mail: &QueuedMail,
    ) -> Result<Created, StoreError> {
        let (credentials, link, mail) = (credentials.clone(), link.clone(), mail.clone());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let created = accounts::insert(connection, &credentials)?;
                if created == Created::Added {
                    links::put(connection, &link)?;
                    outbox::insert(connection, &mail)?;
                }
                Ok(created)
            })
        })
        .await
    }

    async fn change(
        &self,
        (id, step): (AccountId, EpochStep),
        change: &EndingChange,
        mail: &QueuedMail,
    ) -> Result<Changed, StoreError> {
        let (change, mail) = (change.clone(), mail.clone());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let changed = accounts::apply(connection, id, step, &change)?;
                if changed != Changed::Lost {
                    outbox::insert(connection, &mail)?;
                }
                Ok(changed)
            })
        })
        .await
    }

    async fn update(
        &self,
        previous: &Account,
        next: &Account,
        mail: &QueuedMail,
    ) -> Result<Updated, StoreError> {
        let (previous, next, mail) = (previous.clone(), next.clone(), mail.clone());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let updated = profiles::update(connection, &previous, &next)?;
                if matches!(updated, Updated::Done(_)) {
                    outbox::insert(connection, &mail)?;
                }
                Ok(updated)
            })
        })
        .await
    }
}

const STORE: &str = "outbox";
