//! The refused requests that the log does not name one by one: clients must not choose how much is
//! logged.
//!
//! For each reason and route the first few lines of a second are written. The rest of that second is
//! counted and told in one line with one example. This module must not know why a request is refused.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signet_verifier::Clock;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use crate::error::Chain;

/// The refused requests of the present second.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<HashMap<Reason, Second>>);

/// What the log tells refused requests apart by: the code, and the route that matched.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Reason {
    code: &'static str,
    route: Box<str>,
}

/// A refused request, as an example of others.
#[derive(Clone, Debug)]
pub(crate) struct RefusedRequest<'a> {
    pub(crate) code: &'static str,
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) request_id: &'a str,
    /// Written out only for the example.
    pub(crate) cause: Option<&'a (dyn Error + Send + Sync)>,
    /// Whether an operator should look, because a part of the server does not answer.
    pub(crate) is_urgent: bool,
}

#[derive(Debug)]
struct Second {
    began: Duration,
    written: u32,
    left_out: Option<LeftOut>,
}

/// Requests without a line of their own, and the first of them.
#[derive(Debug)]
struct LeftOut {
    count: u64,
    status: u16,
    request_id: String,
    cause: Option<String>,
    is_urgent: bool,
}

impl Refusals {
    /// Returns whether this request gets a line of its own. Otherwise it is counted.
    pub(crate) fn has_own_line(&self, refusal: &RefusedRequest<'_>, now: Duration) -> bool {
        let reason = Reason {
            code: refusal.code,
            route: refusal.route.into(),
        };
        let mut seconds = self.lock();
        let second = seconds.entry(reason).or_insert_with(|| Second::begin(now));
        if second.written < OWN_LINES {
            second.written += 1;
            return true;
        }
        let left_out = second.left_out.get_or_insert_with(|| LeftOut {
            count: 0,
            status: refusal.status,
            request_id: refusal.request_id.to_owned(),
            cause: refusal.cause.map(|cause| Chain(cause).to_string()),
            is_urgent: refusal.is_urgent,
        });
        left_out.count = left_out.count.saturating_add(1);
        false
    }

    /// Writes a line for each reason whose second is over, until `stopped` and once more then.
    pub(crate) async fn tell_for_ever(
        &self,
        clock: &Arc<dyn Clock>,
        mut stopped: watch::Receiver<bool>,
    ) {
        let mut ticks = tokio::time::interval(SECOND);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let for_ever = async {
            loop {
                ticks.tick().await;
                self.tell(clock.monotonic());
            }
        };
        tokio::select! {
            () = for_ever => {}
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
        self.tell(Duration::MAX);
    }

    /// Writes the lines of seconds that are over at `now`. Returns how many requests they count.
    pub(crate) fn tell(&self, now: Duration) -> u64 {
        let over: Vec<_> = {
            let mut seconds = self.lock();
            let is_over = |second: &Second| now.saturating_sub(second.began) >= SECOND;
            seconds.extract_if(|_, second| is_over(second)).collect()
        };
        let told = over.into_iter().filter_map(|(reason, second)| {
            let left_out = second.left_out?;
            left_out.write(&reason);
            Some(left_out.count)
        });
        told.sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Reason, Second>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Second {
    fn begin(now: Duration) -> Self {
        Self {
            began: now,
            written: 0,
            left_out: None,
        }
    }
}

impl LeftOut {
    fn write(&self, reason: &Reason) {
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    http.route = &*reason.route,
                    http.status = self.status,
                    error.code = reason.code,
                    error.cause = self.cause,
                    refused.count = self.count,
                    request.id = self.request_id,
                    "more requests were refused like this one"
                )
            };
        }
        if self.is_urgent {
            line!(warn);
        } else {
            line!(info);
        }
    }
}

/// How many refused requests of a reason and a route get a line of their own in a second: enough to
/// follow one client, too few to fill a disk.
const OWN_LINES: u32 = 10;

const SECOND: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(route: &str) -> RefusedRequest<'_> {
        RefusedRequest {
            code: "unavailable",
            route,
            status: 503,
            request_id: "one",
            cause: None,
            is_urgent: true,
        }
    }

    #[test]
    fn a_flood_of_one_reason_gets_ten_lines_and_a_count_each_second() {
        let refusals = Refusals::default();
        let begun = Duration::from_secs(5);
        let ask = |at| refusals.has_own_line(&refusal("/auth/login"), at);
        let own_lines = (0..1_000).filter(|_| ask(begun)).count();
        assert_eq!(own_lines, 10);
        assert!(refusals.has_own_line(&refusal("/auth/refresh"), begun));
        let later = begun + Duration::from_millis(999);
        assert_eq!(refusals.tell(later), 0);
        assert_eq!(refusals.tell(later + Duration::from_millis(1)), 990);
        assert!(ask(begun + SECOND));
        assert_eq!(refusals.tell(Duration::MAX), 0);
    }
}
