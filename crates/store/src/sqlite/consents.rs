//! Consents in SQLite: one row for each account and client.

use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

use super::Sqlite;
use crate::columns::millis;
use crate::consents::{self, Consents};
use crate::error::StoreError;

#[async_trait]
impl Consents for Sqlite {
    /// Reads and writes in the transaction of the writer, which no other process can be in.
    async fn add(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        grant: &ConsentGrant,
    ) -> Result<bool, StoreError> {
        let (client_id, grant) = (client_id.clone(), grant.clone());
        self.write(STORE, move |connection| {
            let (account, client) = (account_id.as_bytes(), client_id.as_str());
            let mut earlier = connection.prepare_cached(RECORD)?;
            let earlier = earlier.query_row(params![account, client], |row| row.get(0));
            let (record, until) = consents::with_grant(earlier.optional()?, grant)?;
            let row = params![account, client, record, until];
            Ok(connection.prepare_cached(PUT)?.execute(row)? > 0)
        })
        .await
    }

    async fn find(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Consent>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(FIND)?;
            let key = params![account_id.as_bytes(), client_id.as_str(), millis(now)];
            let found = statement.query_row(key, |row| row.get::<_, String>(0));
            let found = found.optional()?.map(|text| consents::read(&text));
            Ok(found.transpose()?)
        })
    }

    async fn list(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<(ClientId, Consent)>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let mut rows = statement.query(params![account_id.as_bytes(), millis(now)])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let (client_id, record): (String, String) = (row.get(0)?, row.get(1)?);
                found.push(consents::read_row(&client_id, &record)?);
            }
            Ok(found)
        })
    }

    async fn remove(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
    ) -> Result<bool, StoreError> {
        let client_id = client_id.clone();
        self.write(STORE, move |connection| {
            let key = params![account_id.as_bytes(), client_id.as_str()];
            Ok(connection.prepare_cached(REMOVE)?.execute(key)? > 0)
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

const STORE: &str = "consents";

const RECORD: &str = "SELECT record FROM consents WHERE account = ?1 AND client = ?2";

const PUT: &str = "
    INSERT INTO consents (account, client, record, until)
    SELECT accounts.id, clients.id, ?3, ?4 FROM accounts, clients
    WHERE accounts.id = ?1 AND clients.id = ?2
    ON CONFLICT (account, client) DO UPDATE SET record = excluded.record, until = excluded.until";

const FIND: &str = "
    SELECT record FROM consents WHERE account = ?1 AND client = ?2 AND until > ?3";

const LIST: &str = "
    SELECT client, record FROM consents WHERE account = ?1 AND until > ?2 ORDER BY client";

const REMOVE: &str = "DELETE FROM consents WHERE account = ?1 AND client = ?2";

const PURGE: &str = "
    DELETE FROM consents WHERE (account, client) IN (
        SELECT account, client FROM consents WHERE until <= ?1 ORDER BY until LIMIT ?2
    )";
