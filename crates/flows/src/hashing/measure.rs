//! The metrics and the spans of the pool, by class of work.

use std::time::Duration;

use signet_store::TRACE_TARGET;
use tracing::Span;

use super::HashError;
use super::lanes::{HashClass, Lanes};

/// The span of a job, its wait included; disabled without traces.
pub(super) fn span(class: HashClass) -> Span {
    tracing::info_span!(target: TRACE_TARGET, "password job", class = class.name())
}

/// Shows how many jobs wait.
pub(super) fn show_queue<J>(jobs: &Lanes<J>) {
    for class in HashClass::ALL {
        let length = u32::try_from(jobs.len_of(class)).unwrap_or(u32::MAX);
        metrics::gauge!("signet_password_queue_jobs", "class" => class.name()).set(length);
    }
}

/// Records how long a job has waited for its thread.
pub(super) fn began(class: HashClass, waited: Duration) {
    metrics::histogram!("signet_password_wait_seconds", "class" => class.name()).record(waited);
}

/// Counts a job that has given its result.
pub(super) fn finished(class: HashClass) {
    metrics::counter!("signet_password_jobs_total", "class" => class.name()).increment(1);
}

/// Counts a job that was not begun.
pub(super) fn refused(class: HashClass, error: HashError) {
    let reason = match error {
        HashError::Full => "full",
        HashError::Crowded => "crowded",
        HashError::Broken => return,
    };
    metrics::counter!(
        "signet_password_jobs_refused_total", "class" => class.name(), "reason" => reason
    )
    .increment(1);
}
