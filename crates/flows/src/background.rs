//! What is done beside requests: the keys folder and the keys of other replicas are followed,
//! expired rows are purged, pending endings finished, idle counters forgotten. All of it may be
//! repeated and left out for a while without harm.

use std::time::Duration;

use signet_store::StoreError;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use crate::audit::AuditUnavailable;
use crate::flows::Flows;
use crate::known_device::REMEMBERED_FOR;
use crate::status_lists::LOOK_PERIOD;

/// Works at once and then now and then, until `stopped` says so.
pub async fn run(flows: &Flows, mut stopped: watch::Receiver<bool>) {
    tokio::select! {
        () = finish_endings_for_ever(flows) => {}
        () = tidy_up_for_ever(flows) => {}
        () = flows.stalls.watch() => {}
        () = deliver_mail_for_ever(flows) => {}
        () = show_state_for_ever(flows) => {}
        () = note_time_for_ever(flows) => {}
        () = look_at_status_lists_for_ever(flows) => {}
        () = follow_keys_for_ever(flows) => {}
        () = flows.ring_watch.follow(&flows.keys, flows.stores.ring_notes.as_ref(), &flows.clock) => {}
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

async fn follow_keys_for_ever(flows: &Flows) {
    let (keys, stores) = (&flows.keys, &flows.stores.backends);
    let folder = &flows.keys_folder;
    folder
        .follow(keys, stores, &flows.clock, &flows.audit)
        .await;
}

/// Looks for endings that any replica has left pending. An outage is told of once.
async fn finish_endings_for_ever(flows: &Flows) {
    let mut ticks = every(ENDINGS_PERIOD);
    let mut has_failed = false;
    loop {
        ticks.tick().await;
        flows.note_unreadable_rows();
        let finished = recorded(flows, flows.finish_pending_endings()).await;
        if let (Err(error), false) = (&finished, has_failed) {
            tracing::warn!(%error, "pending endings cannot be finished yet");
        }
        has_failed = finished.is_err();
    }
}

/// Sends mail that is due. An outage of the store is told of once.
async fn deliver_mail_for_ever(flows: &Flows) {
    let mut ticks = every(MAIL_PERIOD);
    let mut has_failed = false;
    loop {
        ticks.tick().await;
        let delivered = recorded(flows, flows.deliver_mail()).await;
        if let (Err(error), false) = (&delivered, has_failed) {
            tracing::warn!(%error, "mail cannot be read from the outbox yet");
        }
        has_failed = delivered.is_err();
    }
}

/// Keeps the metrics of the state up to date. The store counts its own failures.
async fn show_state_for_ever(flows: &Flows) {
    let mut ticks = every(STATE_PERIOD);
    loop {
        ticks.tick().await;
        if let Err(error) = flows.show_state().await {
            tracing::debug!(%error, "the outbox cannot be counted now");
        }
    }
}

/// Notes the time. A clock that lies behind is told of once, and once when it is right again.
async fn note_time_for_ever(flows: &Flows) {
    let mut ticks = every(NOTE_PERIOD);
    let mut was_behind = false;
    loop {
        ticks.tick().await;
        let Ok(problem) = flows.note_time().await else {
            continue; // the store reports its own failures
        };
        match &problem {
            Some(problem) if !was_behind => {
                tracing::warn!(%problem, "the clock of this server is behind");
            }
            None if was_behind => tracing::info!("the clock of this server is right again"),
            _ => {}
        }
        was_behind = problem.is_some();
    }
}

/// Looks for bits that any replica has set. An outage is told of once. Without lists it does nothing.
async fn look_at_status_lists_for_ever(flows: &Flows) {
    if !flows.settings.status_lists {
        return std::future::pending().await;
    }
    let mut ticks = every(LOOK_PERIOD);
    let mut has_failed = false;
    loop {
        ticks.tick().await;
        let looked = flows.look_at_status_lists().await;
        if let (Err(error), false) = (&looked, has_failed) {
            tracing::warn!(%error, "revocation lists cannot be read, so they are not renewed");
        }
        has_failed = looked.is_err();
    }
}

async fn tidy_up_for_ever(flows: &Flows) {
    let mut ticks = every(PERIOD);
    loop {
        ticks.tick().await;
        if let Err(error) = purge(flows).await {
            tracing::warn!(error = %error, "expired rows could not be purged yet");
        }
        flows.rate_limits.forget_idle();
    }
}

/// Does background work, and records its events. A failure is logged where it happens, and the work
/// is not repeated.
async fn recorded<T>(
    flows: &Flows,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<(), StoreError> {
    match flows.audit.recording(work).await {
        Ok(done) => done.map(drop),
        Err(AuditUnavailable) => Ok(()),
    }
}

fn every(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Removes what has expired, a little at a time, so that requests do not wait long for the store.
async fn purge(flows: &Flows) -> Result<(), StoreError> {
    let now = flows.clock.now();
    while flows.stores.sessions.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    while flows.stores.deny_list.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let lists = &flows.stores.status_lists;
    while lists.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let values = &flows.stores.one_time_values;
    while values.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let challenges = &flows.stores.challenges;
    while challenges.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let counters = &flows.stores.shared_limits;
    while counters.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let consents = &flows.stores.consents;
    while consents.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let links = &flows.stores.links;
    while links.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let invitations = &flows.stores.invitations;
    while invitations.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let (devices, last) = (
        &flows.stores.known_devices,
        now.saturating_sub(REMEMBERED_FOR),
    );
    while devices.purge(last, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    let outbox = &flows.stores.outbox;
    while outbox.purge(now, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    // Last, because a damaged line stops it.
    let Some(table) = flows.settings.audit.table else {
        return Ok(());
    };
    let (trail, before) = (&flows.stores.audit, now.saturating_sub(table.retention));
    while trail.purge_lines(before, ROWS_AT_ONCE).await? >= ROWS_AT_ONCE {}
    Ok(())
}

/// One look at a table that is nearly always empty. What has ended is refused here within 2 s after
/// an outage, and the connection to Redis may need half a second of that.
const ENDINGS_PERIOD: Duration = Duration::from_millis(500);
/// A look at an index that is nearly always empty; readers wait for mail longer than this.
const MAIL_PERIOD: Duration = Duration::from_secs(1);
/// One small commit.
const NOTE_PERIOD: Duration = Duration::from_mins(1);
/// Several times between two scrapes of a usual Prometheus.
const STATE_PERIOD: Duration = Duration::from_secs(5);
/// Rows that have expired are not there for anybody, so there is no hurry.
const PERIOD: Duration = Duration::from_mins(1);
/// About a millisecond of work for the store.
const ROWS_AT_ONCE: usize = 500;
