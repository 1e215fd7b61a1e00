//! Administrators read the audit trail in the database.

use signet_store::{AuditFilter, AuditRow, StoreError};

use crate::events::{self, Event, OperatorEvent};
use crate::flows::Flows;
use crate::origin::Caller;

/// Why the audit trail was not listed.
#[derive(Debug, thiserror::Error)]
pub enum ListEventsError {
    /// It is not kept in the database.
    #[error("the audit trail is not kept in the database; set audit.table")]
    NoTable,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Returns to an administrator the lines of the audit trail that `filter` admits, the oldest
    /// first, at most `limit`, from the first behind number `after` on.
    ///
    /// # Errors
    ///
    /// [`ListEventsError`]
    pub async fn list_events(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
        caller: Caller<'_>,
    ) -> Result<Vec<AuditRow>, ListEventsError> {
        if self.settings.audit.table.is_none() {
            return Err(ListEventsError::NoTable);
        }
        let lines = self.stores.audit.lines(filter, after, limit).await?;
        events::emit(Event::Operator(OperatorEvent::EventsListed), caller);
        Ok(lines)
    }

    /// Returns to an administrator the newest lines of the audit trail, the newest first, at most
    /// `limit`; with `before`, only lines with a smaller number.
    ///
    /// # Errors
    ///
    /// [`ListEventsError`]
    pub async fn newest_events(
        &self,
        before: Option<u64>,
        limit: u32,
        caller: Caller<'_>,
    ) -> Result<Vec<AuditRow>, ListEventsError> {
        let newest = self.stores.audit.ends().await?.newest.seq;
        let last = before.map_or(newest, |before| before.saturating_sub(1));
        let after = last.saturating_sub(u64::from(limit));
        let filter = AuditFilter::default();
        let mut found = self.list_events(&filter, after, limit, caller).await?;
        // Lines were written meanwhile if the trail is short.
        found.retain(|row| row.seq <= last);
        found.reverse();
        Ok(found)
    }
}
