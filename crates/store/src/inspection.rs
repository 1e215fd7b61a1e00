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
    /// The version of the server; `None` if it is no server, or keeps its version to itself.
    pub version: Option<ServerVersion>,
}

/// The version of a database server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServerVersion {
    /// What the server calls it, such as `15.8`.
    pub found: String,
    /// The oldest major version that Signet is tested with.
    pub oldest: u32,
}

impl ServerVersion {
    /// Returns whether Signet is not tested with a version that old.
    pub fn is_too_old(&self) -> bool {
        let major = self.found.split('.').next().unwrap_or_default();
        major.parse().is_ok_and(|major: u32| major < self.oldest)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_first_number() {
        let is_too_old = |found: &str| {
            let found = found.to_owned();
            ServerVersion { found, oldest: 15 }.is_too_old()
        };
        assert!(is_too_old("9.6.24") && is_too_old("14.2"));
        assert!(!is_too_old("15.0") && !is_too_old("150"));
        assert!(!is_too_old("unstable"));
    }
}
