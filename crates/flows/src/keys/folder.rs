//! Follows the keys folder while the server runs: takes up what changed, keeps the last good keys
//! when the folder is broken, removes private keys that have stopped signing, and rotates when
//! the configuration says so.
//!
//! Looking is cheap and done every second, which works on every kind of volume; SIGHUP makes it
//! look at once. This module must not know what keys are used for.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use signet_core::keys::KeyRing;
use signet_store::keys_folder::{ChangeOptions, FolderStamp};
use signet_store::{Backend, KeysFolder, KeysFolderError};
use signet_verifier::{Clock, Timestamp};
use tokio::sync::{Mutex, Notify};
use tokio::task::spawn_blocking;
use tokio::time::MissedTickBehavior;

use super::store_clock::contradiction;
use super::{KeySettings, LiveKeys};
use crate::audit::Audit;
use crate::events::{self, Event, KeyKind, OperatorEvent};
use crate::origin::Caller;
use crate::random::system_rng;

/// The keys folder of a running server.
#[derive(Debug)]
pub struct FollowedFolder {
    folder: KeysFolder,
    settings: KeySettings,
    asked: Notify,
    problem: ArcSwapOption<String>,
    seen: Mutex<Seen>,
}

/// What was found when the folder was last looked at.
#[derive(Debug, Default)]
struct Seen {
    stamp: Option<FolderStamp>,
    retry_at: Option<Timestamp>,
    tidy_at: Option<Timestamp>,
    order_problem: Option<String>,
}

impl Seen {
    /// Whether another look would find the same. A folder that could not be read may have been
    /// so for a reason that leaves no trace in its files, such as too many open ones.
    fn is_settled(&self, stamp: &FolderStamp, now: Timestamp) -> bool {
        self.stamp.as_ref() == Some(stamp) && self.retry_at.is_none_or(|at| now < at)
    }

    /// Remembers why the folder could not be kept in order, and says it once.
    fn note_order(&mut self, problem: Option<String>) {
        if let Some(problem) = &problem
            && self.order_problem.as_ref() != Some(problem)
        {
            tracing::warn!(%problem, "the server cannot keep the keys folder in order by itself");
        }
        self.order_problem = problem;
    }
}

impl FollowedFolder {
    /// The folder of these settings, not looked at yet.
    pub fn new(settings: &KeySettings) -> Self {
        Self {
            folder: settings.folder(),
            settings: settings.clone(),
            asked: Notify::new(),
            problem: ArcSwapOption::empty(),
            seen: Mutex::default(),
        }
    }

    /// Looks every second, and whenever it is asked to. Nothing is rotated or deleted while the
    /// clock of a store contradicts `clock`. Never ends.
    pub(crate) async fn follow(
        &self,
        keys: &LiveKeys,
        stores: &[Arc<dyn Backend>],
        clock: &Arc<dyn Clock>,
        audit: &Audit,
    ) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let forced = tokio::select! {
                _ = ticks.tick() => false,
                () = self.asked.notified() => true,
            };
            let looking = self.look(keys, stores, clock.now(), forced);
            // A failure is logged where it happens, and the change is not repeated.
            let _recorded = audit.recording(looking).await;
        }
    }

    /// Asks for a look at once, as SIGHUP does.
    pub fn look_soon(&self) {
        self.asked.notify_one();
    }

    /// Why the folder cannot be used, if it cannot; the last good keys are in use then.
    pub fn problem(&self) -> Option<Arc<String>> {
        self.problem.load_full()
    }

    /// Takes up what has changed since the last look, or all of it when `forced`.
    pub async fn look(
        &self,
        keys: &LiveKeys,
        stores: &[Arc<dyn Backend>],
        now: Timestamp,
        forced: bool,
    ) {
        let mut seen = self.seen.lock().await;
        match self.blocking(KeysFolder::stamp).await {
            Ok(stamp) if !forced && seen.is_settled(&stamp, now) => {}
            Ok(stamp) => {
                seen.stamp = Some(stamp);
                seen.tidy_at = Some(now);
                let loaded = self.blocking(move |folder| folder.load_and_sign(now)).await;
                let outcome = loaded.map_err(|error| error.to_string());
                let outcome = outcome.and_then(|loaded| keys.take_up(loaded, now));
                seen.retry_at = outcome.is_err().then(|| now.saturating_add(RETRY));
                self.note(outcome);
            }
            Err(error) => {
                seen.stamp = None;
                self.note(Err(error.to_string()));
            }
        }
        if self.problem().is_none() {
            let ring = &keys.current().ring;
            let outcome = self.keep_order(&mut seen, ring, stores, now).await;
            seen.note_order(outcome.err());
        }
    }

    fn note(&self, outcome: Result<(), String>) {
        let before = self.problem.swap(outcome.err().map(Arc::new));
        let problem = self.problem();
        metrics::gauge!("signet_keys_folder_broken").set(u8::from(problem.is_some()));
        match problem {
            Some(problem) if before.as_ref() != Some(&problem) => {
                tracing::error!(%problem, "the keys folder is broken, the last good keys stay");
            }
            None if before.is_some() => tracing::info!("the keys folder is sound again"),
            _ => {}
        }
    }

    /// Does what the schedule asks for, and removes private keys that have stopped signing. On a
    /// read-only folder others have to, and the log says so once.
    async fn keep_order(
        &self,
        seen: &mut Seen,
        ring: &KeyRing,
        stores: &[Arc<dyn Backend>],
        now: Timestamp,
    ) -> Result<(), String> {
        let (is_due, is_untidy) = (
            self.has_work(ring, now),
            seen.tidy_at.is_some_and(|at| at <= now),
        );
        if !is_due && !is_untidy {
            return Ok(());
        }
        if let Some(contradiction) = contradiction(stores, now).await {
            return Err(contradiction);
        }
        let told = |error: KeysFolderError| error.to_string();
        if is_due {
            self.follow_schedule(now).await.map_err(told)?;
        }
        if is_untidy {
            seen.tidy_at = ring.next_event(now);
            let tidied = self.blocking(move |folder| folder.tidy(now)).await;
            tidied.map_err(told)?;
        }
        Ok(())
    }

    fn has_work(&self, ring: &KeyRing, now: Timestamp) -> bool {
        let policy = &self.settings.policy;
        let due = |every| ring.follow_schedule(every, policy, now);
        let change = self.settings.rotate_every.map(due);
        change.is_some_and(|change| change.is_ok_and(|change| !change.is_empty()))
    }

    async fn follow_schedule(&self, now: Timestamp) -> Result<(), KeysFolderError> {
        let Some(every) = self.settings.rotate_every else {
            return Ok(());
        };
        let (policy, size) = (self.settings.policy, Some(self.settings.size));
        let changed = self.blocking(move |folder| {
            let decide = |ring: &KeyRing| ring.follow_schedule(every, &policy, now);
            folder.change(ChangeOptions { now, size }, &mut system_rng(), decide)
        });
        let changed = changed.await?;
        if changed.is_change() {
            let generation = changed.after.generation();
            tracing::info!(
                key_ring.generation = generation,
                "changed keys as scheduled"
            );
            let is_rotation = changed.after.signing().len() > changed.before.signing().len();
            let event = if is_rotation {
                OperatorEvent::KeysRotated(KeyKind::Signing)
            } else {
                OperatorEvent::KeysRetired
            };
            events::emit(Event::Operator(event), Caller::SYSTEM);
        }
        Ok(())
    }

    /// Works on the folder in a thread that may wait for the disk.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&KeysFolder) -> Result<T, KeysFolderError> + Send + 'static,
    ) -> Result<T, KeysFolderError> {
        let folder = self.folder.clone();
        let done = spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

/// Half of the time in which a change is to be noticed.
const PERIOD: Duration = Duration::from_secs(1);

/// How long a folder that could not be read is left alone unless it changes: a wrong passphrase
/// costs 0.1 s for each file.
const RETRY: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
