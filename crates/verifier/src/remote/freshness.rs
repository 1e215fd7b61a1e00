//! Decides when fetched keys are fresh, stale or dead, and when to fetch again: pure functions of
//! durations. Must not know HTTP or tokens.

use std::ops::Range;
use std::time::Duration;

/// Whether remote keys are up to date and usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeysState {
    /// No fetch has succeeded yet. Every token is refused.
    Empty,
    /// The keys are within the lifetime that the issuer allows.
    Fresh,
    /// The keys are older, because refreshing fails. Tokens of known keys are still accepted.
    Stale,
    /// Refreshing has failed for longer than `max_stale`. Every token is refused.
    Dead,
}

/// Returns the state of keys that were fetched `age` ago and are fresh for `fresh_for`.
pub(super) fn state(age: Duration, fresh_for: Duration, max_stale: Duration) -> KeysState {
    match age {
        _ if age < fresh_for => KeysState::Fresh,
        _ if age < max_stale => KeysState::Stale,
        _ => KeysState::Dead,
    }
}

/// Returns how long a response is fresh, given its `Cache-Control: max-age` and `Age` in seconds.
pub(super) fn fresh_for(max_age_seconds: Option<u64>, age_seconds: u64) -> Duration {
    let rest = max_age_seconds.map(|max_age| max_age.saturating_sub(age_seconds));
    let rest = rest.map_or(FRESH_DEFAULT, Duration::from_secs);
    rest.clamp(FRESH_MIN, FRESH_MAX)
}

/// Returns the delay of the next fetch after a success: 75 to 85 % of the fresh time. So a slow
/// response still arrives in time, and many services do not fetch at the same time.
pub(super) fn refresh_after(fresh_for: Duration, jitter: u8) -> Duration {
    spread(fresh_for, 0.75..0.85, jitter)
}

/// Returns a part of `duration` within these limits, chosen by `jitter`.
pub(super) fn spread(duration: Duration, part: Range<f64>, jitter: u8) -> Duration {
    duration.mul_f64(part.start + (part.end - part.start) * fraction(jitter))
}

/// Returns the delay of the next fetch after `failures` failures in a row: 1, 2, 4 … 60 s, reduced
/// by up to a quarter.
pub(super) fn retry_after(failures: u32, jitter: u8) -> Duration {
    let doubled = 1_u64
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u64::MAX);
    let seconds = Duration::from_secs(doubled).min(RETRY_MAX);
    seconds.mul_f64(1.0 - 0.25 * fraction(jitter))
}

fn fraction(jitter: u8) -> f64 {
    f64::from(jitter) / f64::from(u8::MAX)
}

/// Stale keys bridge an outage of the issuer, but must not hide a revocation forever.
pub(super) const DEFAULT_MAX_STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// Fetching more often has no benefit. Signet allows at most 5 minutes.
const FRESH_MIN: Duration = Duration::from_secs(60);
/// A revoked key must be removed within the hour, whatever the issuer's cache headers allow.
const FRESH_MAX: Duration = Duration::from_secs(60 * 60);
const FRESH_DEFAULT: Duration = Duration::from_secs(5 * 60);
const RETRY_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn freshness_is_one_minute_to_one_hour_and_less_by_age() {
        let seconds = |max_age, age| fresh_for(max_age, age).as_secs();
        assert_eq!(seconds(None, 0), 300);
        assert_eq!(seconds(None, 299), 300);
        assert_eq!(seconds(Some(300), 100), 200);
        assert_eq!(seconds(Some(300), 400), 60);
        assert_eq!(seconds(Some(0), 0), 60);
        assert_eq!(seconds(Some(u64::MAX), 0), 3_600);
    }

    #[test]
    fn refresh_comes_before_the_keys_are_stale() {
        let fresh = Duration::from_secs(100);
        assert_eq!(refresh_after(fresh, 0), Duration::from_secs(75));
        assert_eq!(refresh_after(fresh, 255), Duration::from_secs(85));
    }

    #[test]
    fn retries_double_to_a_minute() {
        let seconds: Vec<_> = (1..=8)
            .map(|failures| retry_after(failures, 0).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(retry_after(u32::MAX, 0).as_secs(), 60);
        assert_eq!(retry_after(3, 255), Duration::from_secs(3));
    }

    #[test]
    fn keys_are_fresh_then_stale_then_dead() {
        let five_minutes = Duration::from_secs(5 * 60);
        let at = |seconds| {
            let age = Duration::from_secs(seconds);
            state(age, five_minutes, DEFAULT_MAX_STALE)
        };
        assert_eq!((at(299), at(300)), (KeysState::Fresh, KeysState::Stale));
        assert_eq!(
            (at(86_399), at(86_400)),
            (KeysState::Stale, KeysState::Dead)
        );
        let at = |seconds| state(Duration::from_secs(seconds), five_minutes, Duration::ZERO);
        assert_eq!((at(299), at(300)), (KeysState::Fresh, KeysState::Dead));
    }
}
