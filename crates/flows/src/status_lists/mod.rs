//! Revocation lists: which bit a token names, and what verifiers fetch.
//!
//! [`assign`] gives each access token its bit, [`publish`] signs what verifiers fetch. This module
//! must not know HTTP.

mod assign;
mod publish;

use std::time::Duration;

use signet_store::StoreError;
use tokio::time::Instant;

use crate::flows::Flows;
use crate::list_state::Reader;

pub(crate) use assign::Assigned;
pub use publish::PublishListError;

impl Flows {
    /// Reads what has changed since the last look.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the lists stay as they were.
    pub(crate) async fn look_at_status_lists(&self) -> Result<(), StoreError> {
        let mut reader = self.status_lists.reader.lock().await;
        self.look(&mut reader).await
    }

    /// Looks again if the last look is a second old.
    pub(crate) async fn renew_status_lists(&self) -> Result<(), StoreError> {
        let mut reader = self.status_lists.reader.lock().await;
        if self.clock.now() < self.status_lists.looked_at().saturating_add(LOOK_PERIOD) {
            return Ok(());
        }
        self.look(&mut reader).await
    }

    /// Looks for a list that is not known here, unless a look began after this request. Anyone can
    /// ask for unknown lists, so there is a pause between looks.
    pub(crate) async fn look_for_unknown_list(&self) -> Result<(), StoreError> {
        let arrived = Instant::now();
        let mut reader = self.status_lists.reader.lock().await;
        match reader.began {
            Some(began) if began > arrived => return Ok(()),
            Some(began) => tokio::time::sleep_until(began + PAUSE).await,
            None => {}
        }
        self.look(&mut reader).await
    }

    async fn look(&self, reader: &mut Reader) -> Result<(), StoreError> {
        let now = self.clock.now();
        reader.began = Some(Instant::now());
        let changes = self.stores.status_lists.changes(&reader.cursor, now).await;
        let (changes, next) = changes.inspect_err(|_| self.status_lists.show_age(now))?;
        // No await between these: a request that goes away leaves both or none.
        reader.cursor = next;
        self.status_lists.apply(&changes, now);
        self.status_lists.show_age(now);
        Ok(())
    }
}

/// How often a replica looks for changes.
pub(crate) const LOOK_PERIOD: Duration = Duration::from_secs(1);

/// The shortest time between two looks for unknown lists.
const PAUSE: Duration = Duration::from_millis(100);
