//! The rule that admits a request: the generic cell rate algorithm, one time per counter.

use std::time::Duration;

/// The time that a limit names a number of requests for.
///
/// A burst is a part of the window. Ten seconds of a minute are long enough for twenty tabs that
/// refresh together, and short enough that no burst queues for long. Longer windows limit guessing,
/// where only the sum matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Window {
    /// A burst is a sixth of it.
    Minute,
    /// A burst is a third of it.
    Hour,
    /// A burst is half of it.
    Day,
}

/// How many requests a counter admits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quota {
    interval: Duration,
    burst: u32,
}

impl Quota {
    /// `number` requests per minute, at least one. A burst is ten seconds of this rate. It is at
    /// least 5 requests, unless a minute has fewer.
    pub fn per_minute(number: u32) -> Self {
        Self::per(Window::Minute, number)
    }

    /// `number` requests per window, at least one. A burst is a part of them. It is at least 5
    /// requests, unless the window has fewer.
    pub(crate) fn per(window: Window, number: u32) -> Self {
        let number = number.max(1);
        let (length, part) = match window {
            Window::Minute => (Duration::from_mins(1), 6),
            Window::Hour => (Duration::from_hours(1), 3),
            Window::Day => (Duration::from_hours(24), 2),
        };
        Self {
            interval: length / number,
            burst: (number / part).max(SMALLEST_BURST.min(number)),
        }
    }

    /// The quota that is `factor` times as large.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let factor = factor.max(1);
        Self {
            interval: self.interval / factor,
            burst: self.burst.saturating_mul(factor),
        }
    }

    /// How many requests are admitted at once.
    pub fn burst(self) -> u32 {
        self.burst
    }

    /// How long it takes until one more request is admitted.
    pub fn interval(self) -> Duration {
        self.interval
    }

    /// How long it takes until the whole burst is back.
    pub fn capacity(self) -> Duration {
        self.interval.saturating_mul(self.burst)
    }
}

/// What a counter says of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Whether the request is admitted.
    pub allowed: bool,
    /// How many requests are admitted at once.
    pub limit: u32,
    /// How many of them are left.
    pub remaining: u32,
    /// If admitted, the time until the whole burst is back; otherwise the time to wait.
    pub reset: Duration,
}

impl Verdict {
    /// The verdict on a request that another place has admitted and counted. Its counter is whole
    /// again `whole_in` from now.
    pub fn after_counting(whole_in: Duration, quota: Quota) -> Self {
        let left = quota.capacity().saturating_sub(whole_in).as_nanos();
        let left = left / quota.interval.as_nanos().max(1);
        Self {
            allowed: true,
            limit: quota.burst,
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            reset: whole_in,
        }
    }
}

/// Judges one request at `now` by a counter that is whole again at `whole_at`.
///
/// If the request is admitted, the counter is whole again `reset` after `now`. A refused request
/// does not change the counter.
pub fn admit(whole_at: Duration, quota: Quota, now: Duration) -> Verdict {
    let used = whole_at.saturating_sub(now).saturating_add(quota.interval);
    let capacity = quota.capacity();
    if used <= capacity {
        return Verdict::after_counting(used, quota);
    }
    Verdict {
        allowed: false,
        limit: quota.burst,
        remaining: 0,
        reset: used.saturating_sub(capacity),
    }
}

/// A person who mistypes is not refused at the second attempt.
const SMALLEST_BURST: u32 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_burst_is_seconds_of_the_rate() {
        for (per_minute, burst) in [(1, 1), (2, 2), (5, 5), (20, 5), (60, 10), (600, 100)] {
            assert_eq!(Quota::per_minute(per_minute).burst(), burst, "{per_minute}");
        }
    }

    #[test]
    fn a_burst_of_a_longer_window_is_a_larger_part_of_it() {
        let hour = Quota::per(Window::Hour, 30);
        assert_eq!((hour.burst(), hour.interval()), (10, seconds(120)));
        let day = Quota::per(Window::Day, 60);
        assert_eq!((day.burst(), day.interval()), (30, seconds(1_440)));
    }

    #[test]
    fn a_burst_is_admitted_and_comes_back_at_the_rate() {
        let quota = Quota::per_minute(3);
        let mut whole_at = Duration::ZERO;
        for remaining in [2, 1, 0] {
            let verdict = admit(whole_at, quota, seconds(100));
            assert_eq!((verdict.allowed, verdict.remaining), (true, remaining));
            whole_at = seconds(100) + verdict.reset;
        }
        let refused = admit(whole_at, quota, seconds(100));
        assert_eq!((refused.allowed, refused.reset), (false, seconds(20)));
        assert!(admit(whole_at, quota, seconds(120)).allowed);
    }

    #[test]
    fn in_any_minute_after_the_burst_the_rate_holds() {
        let quota = Quota::per_minute(60);
        let (mut whole_at, mut admitted) = (Duration::ZERO, 0);
        for tenth in 0..600 {
            let now = Duration::from_millis(100 * tenth);
            let verdict = admit(whole_at, quota, now);
            if verdict.allowed {
                whole_at = now + verdict.reset;
                admitted += 1;
            }
        }
        assert_eq!(admitted, 69);
    }

    #[test]
    fn a_wider_network_has_a_larger_quota() {
        let wide = Quota::per_minute(60).times(16);
        assert_eq!((wide.burst(), wide.interval()), (160, seconds(1) / 16));
    }
}
