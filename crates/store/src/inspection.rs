//! What a store says of itself.

use signet_verifier::Timestamp;

use crate::backend::BackendHealth;
use crate::migration::SchemaSteps;

/// What a store has said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// Which store it is, without user and password.
    pub name: String,
    /// The time by its own clock; `None` if it uses the clock of this host.
    pub clock: Option<Timestamp>,
    /// The latest time of a host that was noted in it; `None` if it has a clock of its own.
    pub latest: Option<Timestamp>,
    /// The steps of its schema; `None` for a Redis, which has no schema.
    pub schema: Option<SchemaSteps>,
}

impl Inspection {
    /// The same as a backend reports it.
    pub fn health(&self) -> BackendHealth {
        BackendHealth {
            clock: self.clock,
            latest: self.latest,
            unreadable_roles: 0,
            unreadable_clients: 0,
        }
    }
}
