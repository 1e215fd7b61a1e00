//! When to tell operators of something that goes on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// When it was last told of.
#[derive(Debug, Default)]
pub(crate) struct Notice(Mutex<Option<Duration>>);

impl Notice {
    /// Whether to tell of it at `now`: once a minute.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        let mut told_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = told_at.is_none_or(|at| now.saturating_sub(at) >= NOTICE_PERIOD);
        if is_due {
            *told_at = Some(now);
        }
        is_due
    }
}

/// It is told of once in this time.
const NOTICE_PERIOD: Duration = Duration::from_mins(1);
