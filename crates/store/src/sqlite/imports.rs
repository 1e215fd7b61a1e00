//! Adding many accounts to SQLite: each in a savepoint, all in one job of the writer.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension};

use super::fault::SqliteFault;
use super::job::atomically;
use super::{Sqlite, accounts, authenticators};
use crate::accounts::Created;
use crate::authenticators::AuthenticatorsSwapped;
use crate::error::StoreError;
use crate::imports::{ImportedAccount, Imports};

#[async_trait]
impl Imports for Sqlite {
    async fn add(&self, accounts: &[ImportedAccount]) -> Result<Vec<bool>, StoreError> {
        let accounts = accounts.to_vec();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                accounts.iter().map(|new| add(connection, new)).collect()
            })
        })
        .await
    }
}

fn add(connection: &Connection, new: &ImportedAccount) -> Result<bool, SqliteFault> {
    let id = new.credentials.account.id;
    let mut statement = connection.prepare_cached(TAKEN)?;
    let taken = statement.query_row([id.as_bytes()], |_| Ok(()));
    if taken.optional()?.is_some() {
        return Ok(false);
    }
    let others = new.authenticators.iter();
    for passkey in others.flat_map(|record| &record.passkeys) {
        if authenticators::owner(connection, &passkey.credential_id)?.is_some() {
            return Ok(false);
        }
    }
    if accounts::insert(connection, &new.credentials)? == Created::EmailTaken {
        return Ok(false);
    }
    let Some(record) = &new.authenticators else {
        return Ok(true);
    };
    let swapped = authenticators::swap(connection, record)?;
    Ok(swapped == AuthenticatorsSwapped::Done)
}

const STORE: &str = "accounts";

const TAKEN: &str = "
    SELECT 1 FROM accounts WHERE id = ?1
    UNION ALL SELECT 1 FROM pending_endings WHERE account = ?1";
