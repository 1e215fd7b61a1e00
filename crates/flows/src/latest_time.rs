//! Notes the time in stores that have no clock of their own, so that a clock of this host that lies
//! behind is noticed. Must not know what follows from that.

use std::time::Duration;

use signet_store::StoreError;
use signet_verifier::Timestamp;

use crate::flows::Flows;

impl Flows {
    /// Notes the time in each store that has no clock of its own. Returns a sentence for operators
    /// if the clock of this host lies behind a noted time.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn note_time(&self) -> Result<Option<String>, StoreError> {
        let now = self.clock.now();
        let mut problem = None;
        for backend in &self.stores.backends {
            let latest = backend.note_time(now).await?;
            problem = problem.or_else(|| clock_is_behind(latest, now));
        }
        Ok(problem)
    }
}

/// Returns a sentence for operators if `now` is more than two minutes before the `latest` time that
/// was noted in a store.
pub fn clock_is_behind(latest: Option<Timestamp>, now: Timestamp) -> Option<String> {
    let behind = latest?.saturating_since(now);
    (behind > LONGEST_STEP_BACK).then(|| {
        format!(
            "it was last used at a time {} s ahead of the clock of this server: set the clock \
             right, or, if it is right, run `signet accept-clock`",
            behind.as_secs()
        )
    })
}

/// The furthest that a clock is set back in normal operation.
const LONGEST_STEP_BACK: Duration = Duration::from_mins(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_may_be_two_minutes_behind_and_no_millisecond_more() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let latest = now.saturating_add(Duration::from_mins(2));
        let before = now.saturating_sub(Duration::from_millis(1));
        assert_eq!(clock_is_behind(None, now), None);
        assert_eq!(clock_is_behind(Some(now), latest), None);
        assert_eq!(clock_is_behind(Some(latest), now), None);
        let problem = clock_is_behind(Some(latest), before).unwrap();
        assert!(problem.contains(" 120 s ahead "), "{problem}");
    }
}
