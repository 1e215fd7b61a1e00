//! Known devices in PostgreSQL: one row each.

use async_trait::async_trait;
use signet_core::ids::AccountId;
use signet_core::known_device::KnownDevice;
use signet_verifier::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{Row as _, query};

use super::accounts::uuid;
use super::fault::PostgresFault;
use super::{Postgres, outbox};
use crate::columns::millis;
use crate::error::StoreError;
use crate::known_devices::{KnownDevices, MAX_KNOWN_DEVICES, read};
use crate::outbox::QueuedMail;

#[async_trait]
impl KnownDevices for Postgres {
    async fn list(&self, account_id: AccountId) -> Result<Vec<KnownDevice>, StoreError> {
        let rows = self.rows(STORE, query(LIST).bind(uuid(account_id))).await?;
        let devices = rows.iter().map(device).collect::<Result<_, _>>();
        devices.map_err(|fault| fault.in_store(STORE))
    }

    async fn add(
        &self,
        account_id: AccountId,
        device: &KnownDevice,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError> {
        let first = query(ADD)
            .bind(uuid(account_id))
            .bind(device.digest.as_bytes().to_vec())
            .bind(millis(device.seen_at))
            .bind(i64::from(MAX_KNOWN_DEVICES));
        let then = mail.map(outbox::insert).into_iter().collect();
        let added = self.connections.changes_together(first, then).await;
        added.map_err(|fault| fault.in_store(STORE))
    }

    async fn see(&self, account_id: AccountId, device: &KnownDevice) -> Result<(), StoreError> {
        let statement = query(SEE)
            .bind(uuid(account_id))
            .bind(device.digest.as_bytes().to_vec())
            .bind(millis(device.seen_at));
        self.changes(STORE, statement).await.map(drop)
    }

    async fn purge(&self, last: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, last, limit).await
    }
}

/// Columns: `device`, `seen_at`.
fn device(row: &PgRow) -> Result<KnownDevice, PostgresFault> {
    Ok(read(row.try_get(0)?, row.try_get(1)?)?)
}

const STORE: &str = "known devices";

const LIST: &str = "SELECT device, seen_at FROM signet.known_devices WHERE account = $1";

const ADD: &str = "
    INSERT INTO signet.known_devices (account, device, seen_at)
    SELECT id, $2, $3 FROM signet.accounts
    WHERE id = $1 AND (SELECT count(*) FROM signet.known_devices WHERE account = $1) < $4
    ON CONFLICT (account, device) DO NOTHING";

const SEE: &str = "
    UPDATE signet.known_devices SET seen_at = greatest(seen_at, $3)
    WHERE account = $1 AND device = $2";

const PURGE: &str = "
    DELETE FROM signet.known_devices WHERE (account, device) IN (
        SELECT account, device FROM signet.known_devices WHERE seen_at <= $1
        ORDER BY seen_at LIMIT $2
    )";
