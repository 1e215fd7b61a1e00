//! Known devices in SQLite: one row each.

use async_trait::async_trait;
use rusqlite::params;
use signet_core::ids::AccountId;
use signet_core::known_device::KnownDevice;
use signet_verifier::Timestamp;

use super::job::atomically;
use super::{Sqlite, outbox};
use crate::columns::millis;
use crate::error::StoreError;
use crate::known_devices::{KnownDevices, MAX_KNOWN_DEVICES, read};
use crate::outbox::QueuedMail;

#[async_trait]
impl KnownDevices for Sqlite {
    async fn list(&self, account_id: AccountId) -> Result<Vec<KnownDevice>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let rows = statement.query_map([account_id.as_bytes()], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
            })?;
            rows.map(|row| {
                let (digest, seen_at) = row?;
                Ok(read(&digest, seen_at)?)
            })
            .collect()
        })
    }

    async fn add(
        &self,
        account_id: AccountId,
        device: &KnownDevice,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError> {
        let (device, mail) = (*device, mail.cloned());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let mut statement = connection.prepare_cached(ADD)?;
                let added = statement.execute(params![
                    account_id.as_bytes(),
                    device.digest.as_bytes(),
                    millis(device.seen_at),
                    MAX_KNOWN_DEVICES,
                ])?;
                if let Some(mail) = mail.filter(|_| added > 0) {
                    outbox::insert(connection, &mail)?;
                }
                Ok(added > 0)
            })
        })
        .await
    }

    async fn see(&self, account_id: AccountId, device: &KnownDevice) -> Result<(), StoreError> {
        let device = *device;
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(SEE)?;
            let (digest, seen_at) = (device.digest.as_bytes(), millis(device.seen_at));
            statement.execute(params![account_id.as_bytes(), digest, seen_at])?;
            Ok(())
        })
        .await
    }

    async fn purge(&self, last: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, last, limit).await
    }
}

const STORE: &str = "known devices";

const LIST: &str = "SELECT device, seen_at FROM known_devices WHERE account = ?1";

const ADD: &str = "
    INSERT INTO known_devices (account, device, seen_at)
    SELECT id, ?2, ?3 FROM accounts
    WHERE id = ?1 AND (SELECT count(*) FROM known_devices WHERE account = ?1) < ?4
    ON CONFLICT (account, device) DO NOTHING";

const SEE: &str = "
    UPDATE known_devices SET seen_at = max(seen_at, ?3) WHERE account = ?1 AND device = ?2";

const PURGE: &str = "
    DELETE FROM known_devices WHERE (account, device) IN (
        SELECT account, device FROM known_devices WHERE seen_at <= ?1 ORDER BY seen_at LIMIT ?2
    )";
