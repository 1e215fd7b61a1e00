//! Notices when this process was not scheduled for a while: it was stopped, or its machine paused.
//!
//! Requests that waited in a socket meanwhile may be old. Their clients have given up and continued
//! at another replica, so a refresh that acts on such a request takes the session away from them.
//! The monotonic clock of the runtime measures, because the time of day can be set.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

/// The stalls of this process.
#[derive(Debug)]
pub(crate) struct Stalls {
    longest: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Default, Debug)]
struct State {
    last_beat: Option<Instant>,
    recent_until: Option<Instant>,
}

impl Stalls {
    /// Pauses up to the grace period of sessions are harmless: a late request is then a replay.
    pub(crate) fn new(grace: Duration) -> Self {
        Self {
            longest: grace.max(SHORTEST_STALL),
            state: Mutex::default(),
        }
    }

    /// Beats until it is dropped. Without it no stall is noticed.
    pub(crate) async fn watch(&self) {
        let mut beats = tokio::time::interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            let now = Instant::now();
            let mut state = self.state();
            if let Some(stall) = state.notice(now, self.longest) {
                tracing::warn!(
                    stall_seconds = stall.as_secs(),
                    "the process was not scheduled; requests that waited meanwhile refresh nothing"
                );
            }
            state.last_beat = Some(now);
        }
    }

    /// Whether a request that is answered now may have waited through a stall.
    pub(crate) fn are_recent(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        // A request can be served before the next beat.
        state.notice(now, self.longest);
        state.recent_until.is_some_and(|until| now < until)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Notes a stall that ends at `now`, and returns how long it was.
    fn notice(&mut self, now: Instant, longest: Duration) -> Option<Duration> {
        let stall = now.saturating_duration_since(self.last_beat?);
        if stall <= longest {
            return None;
        }
        self.recent_until = Some(now + DRAIN);
        Some(stall)
    }
}

const BEAT: Duration = Duration::from_millis(100);
/// The shortest stall that counts. A busy machine delays a beat, too.
const SHORTEST_STALL: Duration = Duration::from_secs(2);
/// How long after a stall requests may still come from before it: reading everything that waits in
/// the sockets takes a fraction of this.
const DRAIN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_stalled_if_a_beat_is_later_than_the_grace_period() {
        let start = Instant::now();
        let after = |seconds: u64| start + Duration::from_secs(seconds);
        let mut state = State::default();
        let longest = Duration::from_secs(10);
        assert_eq!(
            state.notice(after(100), longest),
            None,
            "before the first beat"
        );
        state.last_beat = Some(start);
        assert_eq!(state.notice(after(10), longest), None);
        assert_eq!(state.recent_until, None);
        assert_eq!(
            state.notice(after(11), longest),
            Some(Duration::from_secs(11))
        );
        assert_eq!(state.recent_until, Some(after(12)));
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_refused_for_a_second_after_a_stall() {
        let stalls = Stalls::new(Duration::ZERO);
        assert!(!stalls.are_recent());
        stalls.state().last_beat = Some(Instant::now());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!stalls.are_recent());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(stalls.are_recent());
        stalls.state().last_beat = Some(Instant::now());
        tokio::time::advance(Duration::from_millis(999)).await;
        assert!(stalls.are_recent());
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!stalls.are_recent());
    }
}
