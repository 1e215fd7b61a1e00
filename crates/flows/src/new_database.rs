//! The event that the start has made a new database.

use crate::events::{self, Event, OperatorEvent};
use crate::flows::Flows;
use crate::origin::Caller;

impl Flows {
    /// Records an event if the start has made a new database.
    pub async fn note_new_database(&self) {
        if !self
            .stores
            .backends
            .iter()
            .any(|backend| backend.was_made())
        {
            return;
        }
        let made = Event::Operator(OperatorEvent::DatabaseCreated);
        let event = async { events::emit(made, Caller::SYSTEM) };
        if self.audit.recording(event).await.is_err() {
            tracing::warn!("the audit trail has no event of the new database");
        }
    }
}
