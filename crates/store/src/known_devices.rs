//! Devices that accounts have signed in with: in the database, never in Redis.

use async_trait::async_trait;
use signet_core::ids::AccountId;
use signet_core::known_device::{DeviceDigest, KnownDevice};
use signet_verifier::Timestamp;

use crate::error::{ImpossibleRow, StoreError};
use crate::outbox::QueuedMail;

/// Remembers devices until they have not been seen for a long time.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine. Of all
/// concurrent `add` calls for one device of an account, from any process, one returns `true`, and
/// only its mail is stored. A deleted account has no device from the same moment.
#[async_trait]
pub trait KnownDevices: Send + Sync {
    /// Returns the devices of an account.
    async fn list(&self, account_id: AccountId) -> Result<Vec<KnownDevice>, StoreError>;

    /// Adds a device and the mail that tells of it. Returns `false` if the account has the device
    /// already, has [`MAX_KNOWN_DEVICES`], or does not exist.
    async fn add(
        &self,
        account_id: AccountId,
        device: &KnownDevice,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError>;

    /// Notes that a device of an account was seen again.
    async fn see(&self, account_id: AccountId, device: &KnownDevice) -> Result<(), StoreError>;

    /// Removes devices that were last seen at `last` or before, at most `limit`; returns how many.
    async fn purge(&self, last: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// The most devices that are remembered of an account. A sign-in looks at all of them.
pub const MAX_KNOWN_DEVICES: u32 = 100;

/// The device with these columns.
pub(crate) fn read(digest: &[u8], seen_at: i64) -> Result<KnownDevice, ImpossibleRow> {
    let digest = digest.try_into();
    let digest = digest.map_err(|_| ImpossibleRow("a digest of another length"))?;
    Ok(KnownDevice {
        digest: DeviceDigest::from_bytes(digest),
        seen_at: crate::columns::timestamp(seen_at)?,
    })
}
