//! Which of many answered requests have a line in the log.
//!
//! If a route answers more than [`EACH_BELOW`] requests in a second, only some of the further ones
//! have a line. It counts those before it that have none, so that the lines of a route always add up.
//! This module must not know refusals: each of them is logged or counted elsewhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The requests of the present second that were answered.
#[derive(Debug)]
pub(crate) struct Samples {
    one_in: u64,
    seconds: Mutex<HashMap<Answered, Second>>,
}

/// A method, and the route that matched.
type Answered = (&'static str, Box<str>);

#[derive(Debug)]
struct Second {
    began: Duration,
    answered: u64,
    /// Requests that no line counts yet.
    uncounted: u64,
}

impl Samples {
    /// Above the limit, one request in `one_in` has a line.
    pub(crate) fn one_in(one_in: u32) -> Self {
        Self {
            one_in: one_in.into(),
            seconds: Mutex::default(),
        }
    }

    /// Returns how many requests the line of this one counts: itself, and those before it without a
    /// line. `None` if it has no line.
    pub(crate) fn counted_by(
        &self,
        (method, route): (&'static str, &str),
        now: Duration,
    ) -> Option<u64> {
        if self.one_in == 1 {
            return Some(1);
        }
        let mut seconds = self.seconds.lock().unwrap_or_else(PoisonError::into_inner);
        let second = seconds.entry((method, route.into())).or_insert(Second {
            began: now,
            answered: 0,
            uncounted: 0,
        });
        if now.saturating_sub(second.began) >= SECOND {
            (second.began, second.answered) = (now, 0);
        }
        second.answered = second.answered.saturating_add(1);
        second.uncounted = second.uncounted.saturating_add(1);
        let has_line = second.answered <= EACH_BELOW || second.uncounted >= self.one_in;
        has_line.then(|| std::mem::take(&mut second.uncounted))
    }
}

/// Up to this many requests of a route in a second each have a line: enough to follow people, and
/// few for a disk.
const EACH_BELOW: u64 = 50;

const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: (&str, &str) = ("POST", "/auth/refresh");

    #[test]
    fn above_fifty_a_second_one_line_in_ten_counts_the_others() {
        let samples = Samples::one_in(10);
        let counted = |at| samples.counted_by(ROUTE, at);
        let begun = Duration::from_secs(5);
        for _ in 0..50 {
            assert_eq!(counted(begun), Some(1));
        }
        let lines: Vec<_> = (0..25).filter_map(|_| counted(begun)).collect();
        assert_eq!(lines, [10, 10]);
        // The next second begins with the five that no line has counted.
        assert_eq!(counted(begun + SECOND), Some(6));
        assert_eq!(counted(begun + SECOND), Some(1));
    }

    #[test]
    fn each_method_and_route_has_lines_of_its_own() {
        let samples = Samples::one_in(10);
        let at = Duration::from_secs(5);
        for _ in 0..51 {
            samples.counted_by(ROUTE, at);
        }
        assert_eq!(samples.counted_by(ROUTE, at), None);
        assert_eq!(samples.counted_by(("GET", "/auth/me"), at), Some(1));
        assert_eq!(samples.counted_by(("GET", "/auth/refresh"), at), Some(1));
    }

    #[test]
    fn by_default_each_request_has_a_line() {
        let samples = Samples::one_in(1);
        let lines = (0..1_000).map(|_| samples.counted_by(ROUTE, SECOND));
        assert!(lines.into_iter().all(|counted| counted == Some(1)));
    }
}
