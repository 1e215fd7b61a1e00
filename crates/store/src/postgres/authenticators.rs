//! Authenticators in PostgreSQL: one record for each account, and who owns which passkey.

use async_trait::async_trait;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Row as _, query};

use super::Postgres;
use super::accounts::uuid;
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::account_record::NO_PASSWORD;
use crate::authenticators::{Authenticators, AuthenticatorsSwapped};
use crate::authenticators_record;
use crate::error::{ImpossibleRow, StoreError};

#[async_trait]
impl Authenticators for Postgres {
    async fn find(&self, account_id: AccountId) -> Result<Option<AuthenticatorSet>, StoreError> {
        let statement = query(FIND).bind(uuid(account_id)).bind(NO_PASSWORD);
        let rows = self.rows(STORE, statement).await?;
        let found = rows.first().map(|row| record(account_id, row));
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }

    async fn swap(&self, next: &AuthenticatorSet) -> Result<AuthenticatorsSwapped, StoreError> {
        let statement = swap(next).map_err(|fault| fault.in_store(STORE))?;
        match self.connections.rows(statement).await {
            Ok(rows) if rows.is_empty() => Ok(AuthenticatorsSwapped::Lost),
            Ok(_) => Ok(AuthenticatorsSwapped::Done),
            Err(fault) if fault.is_taken() => Ok(AuthenticatorsSwapped::CredentialTaken),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }

    async fn owner(&self, credential_id: &[u8]) -> Result<Option<AccountId>, StoreError> {
        let statement = query(OWNER).bind(credential_id.to_vec());
        let rows = self.rows(STORE, statement).await?;
        let owner = rows.first().map(|row| row.try_get::<Uuid, _>(0));
        let owner = owner
            .transpose()
            .map_err(|e| PostgresFault::from(e).in_store(STORE))?;
        Ok(owner.map(|id| AccountId::from_bytes(id.into_bytes())))
    }
}

pub(super) fn swap(next: &AuthenticatorSet) -> Result<Statement, PostgresFault> {
    let ids = next.passkeys.iter().map(|key| key.credential_id.clone());
    Ok(query(SWAP)
        .bind(uuid(next.account_id))
        .bind(i64::try_from(next.version).unwrap_or(i64::MAX))
        .bind(next.has_password)
        .bind(NO_PASSWORD)
        .bind(authenticators_record::write(next)?)
        .bind(ids.collect::<Vec<_>>())
        .bind(i16::from(next.second_factors().number())))
}

/// Columns: `authenticators_version`, whether there is a password, `record`.
fn record(account_id: AccountId, row: &PgRow) -> Result<AuthenticatorSet, PostgresFault> {
    let version = u64::try_from(row.try_get::<i64, _>(0)?);
    let empty = AuthenticatorSet {
        version: version.map_err(|_| ImpossibleRow("a version below zero"))?,
        ..AuthenticatorSet::none(account_id, row.try_get(1)?)
    };
    match row.try_get::<Option<&[u8]>, _>(2)? {
        None => Ok(empty),
        Some(bytes) => Ok(authenticators_record::read(empty, bytes)?),
    }
}

const STORE: &str = "authenticators";

const FIND: &str = "
    SELECT authenticators_version, password_hash <> $2, record
    FROM signet.accounts LEFT JOIN signet.authenticators ON account = id WHERE id = $1";

// Rows of passkeys that stay are left alone: a statement cannot delete a row and add it again.
const SWAP: &str = "
    WITH swapped AS (
        UPDATE signet.accounts
        SET authenticators_version = $2, second_factors = $7,
            password_hash = CASE WHEN $3 THEN password_hash ELSE $4 END
        WHERE id = $1 AND authenticators_version = $2 - 1
        RETURNING id
    ), stored AS (
        INSERT INTO signet.authenticators (account, record) SELECT id, $5 FROM swapped
        ON CONFLICT (account) DO UPDATE SET record = excluded.record
    ), forgotten AS (
        DELETE FROM signet.passkeys USING swapped
        WHERE account = id AND NOT credential_id = ANY ($6)
    ), owned AS (
        INSERT INTO signet.passkeys (credential_id, account)
        SELECT wanted, id FROM swapped, unnest($6) AS wanted
        WHERE NOT EXISTS (
            SELECT FROM signet.passkeys WHERE credential_id = wanted AND account = id
        )
    )
    SELECT id FROM swapped";

const OWNER: &str = "SELECT account FROM signet.passkeys WHERE credential_id = $1";
