//! When to tell of an outage of the shared counters.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When an outage of the shared counters was last told of.
#[derive(Debug, Default)]
pub(super) struct OutageNotice(Mutex<Option<Duration>>);

impl OutageNotice {
    /// Whether to tell of it at `now`: once a minute.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        let mut told_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told_at.is_none_or(|at| now.saturating_sub(at) >= NOTICE_PERIOD);
        if is_due {
            *told_at = Some(now);
        }
        is_due
    }
}

/// An outage is told of once in this time.
const NOTICE_PERIOD: Duration = Duration::from_mins(1);
