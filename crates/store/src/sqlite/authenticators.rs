//! Authenticators in SQLite: one record for each account, and who owns which passkey.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;

use super::Sqlite;
use super::fault::SqliteFault;
use super::job::atomically;
use crate::account_record::NO_PASSWORD;
use crate::authenticators::{Authenticators, AuthenticatorsSwapped};
use crate::authenticators_record;
use crate::error::{ImpossibleRow, StoreError};

#[async_trait]
impl Authenticators for Sqlite {
    async fn find(&self, account_id: AccountId) -> Result<Option<AuthenticatorSet>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(FIND)?;
            let key = params![account_id.as_bytes(), NO_PASSWORD];
            let found = statement.query_row(key, |row| Ok(record(account_id, row)));
            found.optional()?.transpose()
        })
    }

    async fn swap(&self, next: &AuthenticatorSet) -> Result<AuthenticatorsSwapped, StoreError> {
        let next = next.clone();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| swap(connection, &next))
        })
        .await
    }

    async fn owner(&self, credential_id: &[u8]) -> Result<Option<AccountId>, StoreError> {
        self.read(STORE, |connection| owner(connection, credential_id))
    }
}

pub(super) fn swap(
    connection: &Connection,
    next: &AuthenticatorSet,
) -> Result<AuthenticatorsSwapped, SqliteFault> {
    let account = next.account_id.as_bytes();
    for passkey in &next.passkeys {
        let owner = owner(connection, &passkey.credential_id)?;
        if owner.is_some_and(|owner| owner != next.account_id) {
            return Ok(AuthenticatorsSwapped::CredentialTaken);
        }
    }
    let version = i64::try_from(next.version).unwrap_or(i64::MAX);
    let second_factors = next.second_factors().number();
    let row = params![
        account,
        version,
        next.has_password,
        NO_PASSWORD,
        second_factors
    ];
    if connection.prepare_cached(SWAP)?.execute(row)? == 0 {
        return Ok(AuthenticatorsSwapped::Lost);
    }
    let record = authenticators_record::write(next)?;
    let mut statement = connection.prepare_cached(STORE_RECORD)?;
    statement.execute(params![account, record])?;
    connection.prepare_cached(FORGET)?.execute([account])?;
    for passkey in &next.passkeys {
        let mut statement = connection.prepare_cached(OWN)?;
        statement.execute(params![passkey.credential_id, account])?;
    }
    Ok(AuthenticatorsSwapped::Done)
}

pub(super) fn owner(
    connection: &Connection,
    credential_id: &[u8],
) -> Result<Option<AccountId>, SqliteFault> {
    let mut statement = connection.prepare_cached(OWNER)?;
    let found = statement.query_row([credential_id], |row| row.get(0));
    Ok(found.optional()?.map(AccountId::from_bytes))
}

/// Columns: `authenticators_version`, whether there is a password, `record`.
fn record(account_id: AccountId, row: &Row<'_>) -> Result<AuthenticatorSet, SqliteFault> {
    let version = u64::try_from(row.get::<_, i64>(0)?);
    let empty = AuthenticatorSet {
        version: version.map_err(|_| ImpossibleRow("a version below zero"))?,
        ..AuthenticatorSet::none(account_id, row.get(1)?)
    };
    let record = row.get_ref(2)?.as_blob_or_null();
    match record.map_err(rusqlite::Error::from)? {
        None => Ok(empty),
        Some(bytes) => Ok(authenticators_record::read(empty, bytes)?),
    }
}

const STORE: &str = "authenticators";

const FIND: &str = "
    SELECT authenticators_version, password_hash <> ?2, record
    FROM accounts LEFT JOIN authenticators ON account = id WHERE id = ?1";

const SWAP: &str = "
    UPDATE accounts
    SET authenticators_version = ?2, second_factors = ?5,
        password_hash = CASE WHEN ?3 THEN password_hash ELSE ?4 END
    WHERE id = ?1 AND authenticators_version = ?2 - 1";

const STORE_RECORD: &str = "
    INSERT INTO authenticators (account, record) VALUES (?1, ?2)
    ON CONFLICT (account) DO UPDATE SET record = excluded.record";

const FORGET: &str = "DELETE FROM passkeys WHERE account = ?1";

const OWN: &str = "INSERT INTO passkeys (credential_id, account) VALUES (?1, ?2)";

const OWNER: &str = "SELECT account FROM passkeys WHERE credential_id = ?1";
