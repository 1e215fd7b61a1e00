//! Telling the owner of an account of a sign-in with a program that it was not used with before.

use std::time::Duration;

use signet_core::account::Account;
use signet_core::known_device::{DeviceDigest, KnownDevice};
use signet_store::StoreError;

use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::RequestOrigin;

impl Flows {
    /// Notes the device of a sign-in. If the account has signed in with others and not with this
    /// one, its owner gets a notice. The sign-in has happened, so a failure is logged only.
    pub(crate) async fn note_device(&self, account: &Account, origin: &RequestOrigin) {
        if !self.sends_mail() {
            return;
        }
        if let Err(error) = self.look_at_device(account, origin).await {
            tracing::warn!(%error, "the device of a sign-in could not be noted");
        }
    }

    async fn look_at_device(
        &self,
        account: &Account,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let device = KnownDevice {
            digest: DeviceDigest::of(account.id, &origin.user_agent),
            seen_at: now,
        };
        let devices = &self.stores.known_devices;
        let known = devices.list(account.id).await?;
        let same = known.iter().find(|known| known.digest == device.digest);
        match same {
            Some(same) if now.saturating_since(same.seen_at) < NOTED_EVERY => Ok(()),
            Some(_) => devices.see(account.id, &device).await,
            None => {
                let is_first = known.is_empty();
                let notice = self.notice(MailKind::NewDevice, account, origin);
                let notice = notice.filter(|_| !is_first);
                let added = devices.add(account.id, &device, notice.as_ref());
                added.await.map(drop)
            }
        }
    }
}

/// How long a device is remembered after the last sign-in with it.
pub(crate) const REMEMBERED_FOR: Duration = Duration::from_hours(180 * 24);
/// A sign-in within this time of the one before writes nothing.
const NOTED_EVERY: Duration = Duration::from_hours(24);
