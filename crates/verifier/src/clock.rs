//! Time as a value and as an argument. Owns [`Timestamp`] and [`Clock`]. Only this file may read
//! the machine's clock. Must not know tokens.
#![expect(
    clippy::disallowed_methods,
    reason = "the only file that reads the machine's clock"
)]

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// All arithmetic saturates, so it never wraps or panics.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the moment `millis` milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Returns the moment `seconds` seconds after the Unix epoch, the unit of `exp` and `iat`.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(MILLIS_PER_SECOND))
    }

    /// Returns the moment of a `NumericDate` (RFC 7519 section 2): seconds since the Unix epoch,
    /// possibly with a fraction. Returns `None` before the epoch and after the year 9999.
    pub fn from_numeric_date(seconds: f64) -> Option<Self> {
        let since_epoch = Duration::try_from_secs_f64(seconds).ok()?;
        (since_epoch <= LAST_NUMERIC_DATE).then(|| Self(whole_millis(since_epoch)))
    }

    /// Returns milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// Returns whole seconds since the Unix epoch, rounded down.
    pub const fn as_seconds(self) -> u64 {
        self.0 / MILLIS_PER_SECOND
    }

    /// Returns the time since `earlier`, or zero if `earlier` is later than `self`.
    pub const fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// Returns the moment `duration` later, at most the last representable one.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(whole_millis(duration)))
    }

    /// Returns the moment `duration` earlier, at least the Unix epoch.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(whole_millis(duration)))
    }
}

/// Returns a duration in whole seconds, rounded up, as `Retry-After` and similar headers need it.
pub fn seconds_rounded_up(duration: Duration) -> u64 {
    let started = u64::from(duration.subsec_nanos() > 0);
    duration.as_secs().saturating_add(started)
}

fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A source of time. Services use [`SystemClock`]; tests use [`ManualClock`].
pub trait Clock: Send + Sync + fmt::Debug {
    /// Returns the time of day. It may jump, forwards and backwards.
    fn now(&self) -> Timestamp;

    /// Returns the time since an arbitrary origin. It never goes backwards, so ages are measured
    /// with it.
    fn monotonic(&self) -> Duration;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: Instant,
}

impl SystemClock {
    /// Returns a clock whose monotonic time begins now.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Timestamp(whole_millis(since_epoch.unwrap_or_default()))
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// A clock that changes only when a test changes it.
///
/// Share it in an `Arc`. [`advance`](Self::advance) moves both times, as real time does.
/// [`set`](Self::set) moves only the time of day, as an administrator or NTP does.
#[derive(Debug)]
pub struct ManualClock(Mutex<(Timestamp, Duration)>);

impl ManualClock {
    /// Returns a clock that shows `now`, with its monotonic time at zero.
    pub const fn new(now: Timestamp) -> Self {
        Self(Mutex::new((now, Duration::ZERO)))
    }

    /// Moves both times forward by `duration`.
    pub fn advance(&self, duration: Duration) {
        let (now, monotonic) = &mut *self.times();
        *now = now.saturating_add(duration);
        *monotonic = monotonic.saturating_add(duration);
    }

    /// Sets the time of day, also backwards. The monotonic time does not change.
    pub fn set(&self, now: Timestamp) {
        self.times().0 = now;
    }

    fn times(&self) -> MutexGuard<'_, (Timestamp, Duration)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.times().0
    }

    fn monotonic(&self) -> Duration {
        self.times().1
    }
}

const MILLIS_PER_SECOND: u64 = 1_000;
/// The end of the year 9999, the last year in RFC 3339.
const LAST_NUMERIC_DATE: Duration = Duration::from_secs(253_402_300_799);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_round_down() {
        assert_eq!(Timestamp::from_millis(1_999).as_seconds(), 1);
        assert_eq!(Timestamp::from_seconds(2).as_millis(), 2_000);
    }

    #[test]
    fn a_numeric_date_may_have_a_fraction_and_lies_before_the_year_10000() {
        let millis = |seconds| Timestamp::from_numeric_date(seconds).map(Timestamp::as_millis);
        assert_eq!(millis(1.5), Some(1_500));
        assert_eq!(millis(253_402_300_799.0), Some(253_402_300_799_000));
        for outside in [-1.0, 253_402_300_800.0, f64::INFINITY, f64::NAN] {
            assert_eq!(millis(outside), None);
        }
    }

    #[test]
    fn arithmetic_saturates_at_both_ends() {
        let (zero, last) = (Timestamp::default(), Timestamp::from_millis(u64::MAX));
        assert_eq!(zero.saturating_sub(Duration::from_secs(1)), zero);
        assert_eq!(last.saturating_add(Duration::MAX), last);
        assert_eq!(zero.saturating_since(last), Duration::ZERO);
        assert_eq!(Timestamp::from_seconds(u64::MAX), last);
    }

    #[test]
    fn a_timestamp_is_written_as_plain_milliseconds() {
        let written = serde_json::to_string(&Timestamp::from_millis(1_234)).unwrap();
        assert_eq!(written, "1234");
        assert_eq!(
            serde_json::from_str::<Timestamp>("1234")
                .unwrap()
                .as_millis(),
            1_234
        );
    }

    #[test]
    fn setting_the_time_of_day_lets_no_time_pass() {
        let clock = ManualClock::new(Timestamp::from_seconds(100));
        clock.advance(Duration::from_secs(5));
        clock.set(Timestamp::from_seconds(50));
        assert_eq!(clock.now(), Timestamp::from_seconds(50));
        assert_eq!(clock.monotonic(), Duration::from_secs(5));
    }

    #[test]
    fn the_system_clock_is_past_2020() {
        let year_2020 = Timestamp::from_seconds(1_577_836_800);
        assert!(SystemClock::new().now() > year_2020);
    }
}
