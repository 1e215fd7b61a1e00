//! The state that all handles of remote keys share: the snapshot, which readers load without a
//! lock, and the single fetch that requests wait for. Must not know claims.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::ClientConfig;

use super::endpoint::Endpoint;
use super::miss::Misses;
use super::schedule::Schedule;
use super::snapshot::Snapshot;
#[cfg(feature = "status")]
use super::status::Lists;
use crate::fetching::MissAction;
use crate::key_set::{KidRule, Wait};
use crate::observer::Observer;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) endpoint: Endpoint,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) rule: KidRule,
    pub(super) max_stale: Duration,
    pub(super) observer: Option<Arc<dyn Observer>>,
    pub(super) snapshot: ArcSwap<Snapshot>,
    pub(super) schedule: Schedule,
    pub(super) misses: Mutex<Misses>,
    pub(super) miss_permits: Arc<Semaphore>,
    pub(super) first_permits: Arc<Semaphore>,
    #[cfg(feature = "status")]
    pub(super) lists: Option<Lists>,
}

impl Shared {
    /// Returns a wait for the fetch that runs, or that is due and begins now.
    pub(super) fn wait_if_due(&self) -> Option<Wait> {
        self.schedule.wait_if_due(&self.first_permits, FIRST_WAIT)
    }

    /// Applies the rule for `misses`, and wakes the driver if a fetch is allowed.
    pub(super) fn ask_for(&self, kid: &str, misses: &mut Misses) -> MissAction {
        let action = misses.ask(kid, self.schedule.now(), self.schedule.ended());
        if action == MissAction::Asked {
            self.schedule.hurry();
        }
        action
    }
}

impl Drop for Shared {
    /// Wakes the driver, which holds no strong reference and so ends.
    fn drop(&mut self) {
        self.schedule.wake();
    }
}

/// The first requests of a new service wait as long as one fetch may take.
const FIRST_WAIT: Duration = Duration::from_secs(3);
/// A token with an unknown key is more often invalid than new, so its request waits less.
pub(super) const MISS_WAIT: Duration = Duration::from_secs(1);

/// How many requests may wait. Further requests are refused immediately.
pub(super) const FIRST_WAITS_MAX: usize = 1_024;
pub(super) const MISS_WAITS_MAX: usize = 128;
