//! The rule for misses: decides whether a token that names an unknown key may cause a fetch. Owns a
//! token bucket and a list of recent misses. Must not know HTTP.

use std::time::Duration;

use crate::fetching::MissAction;

/// The state of the rule. All times are monotonic.
#[derive(Debug, Default)]
pub(super) struct Misses {
    asked: Vec<Ask>,
    /// When the bucket will be full.
    full_at: Duration,
}

#[derive(Debug)]
struct Ask {
    kid: Box<str>,
    at: Duration,
    /// How many fetches had ended at that time.
    fetches: u64,
}

impl Misses {
    /// Decides whether `kid` may cause a fetch at `now`, when `fetches` fetches have ended.
    pub(super) fn ask(&mut self, kid: &str, now: Duration, fetches: u64) -> MissAction {
        self.asked
            .retain(|ask| now.saturating_sub(ask.at) < REMEMBERED);
        match self.asked.iter().find(|ask| *ask.kid == *kid) {
            Some(ask) if ask.fetches == fetches => return MissAction::Joined,
            Some(_) => return MissAction::AskedBefore,
            None => {}
        }
        let full_at = self.full_at.max(now) + REFILL;
        if full_at > now + REFILL * BUCKET {
            return MissAction::Limited;
        }
        self.full_at = full_at;
        let (kid, at) = (kid.into(), now);
        self.asked.push(Ask { kid, at, fetches });
        MissAction::Asked
    }
}

/// Enough for a newly published key and one more.
const BUCKET: u32 = 2;
/// Together with the bucket, this allows at most 6 fetches in any minute.
const REFILL: Duration = Duration::from_secs(15);
/// Caches may return the same JWKS during this time, so asking again does not help.
const REMEMBERED: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_kids_gets_two_at_once_and_six_a_minute() {
        let mut misses = Misses::default();
        let mut asked = Vec::new();
        for tenth in 0..3_000_u32 {
            let now = Duration::from_millis(100) * tenth;
            if misses.ask(&format!("kid-{tenth}"), now, 0) == MissAction::Asked {
                asked.push(now);
            }
        }
        assert_eq!(asked.iter().filter(|at| at.as_secs() < 1).count(), 2);
        for start in &asked {
            let minute = *start..*start + Duration::from_secs(60);
            assert!(asked.iter().filter(|at| minute.contains(*at)).count() <= 6);
        }
        assert_eq!(asked.len(), 2 + 300 / 15 - 1);
    }

    #[test]
    fn a_kid_is_asked_for_once_a_minute_and_joined_while_the_fetch_runs() {
        let mut misses = Misses::default();
        let at = Duration::from_secs;
        assert_eq!(misses.ask("a", at(0), 7), MissAction::Asked);
        assert_eq!(misses.ask("a", at(0), 7), MissAction::Joined);
        assert_eq!(misses.ask("a", at(1), 8), MissAction::AskedBefore);
        assert_eq!(misses.ask("a", at(59), 9), MissAction::AskedBefore);
        assert_eq!(misses.ask("a", at(60), 9), MissAction::Asked);
    }

    #[test]
    fn an_empty_bucket_refuses_without_remembering() {
        let mut misses = Misses::default();
        for kid in ["a", "b"] {
            assert_eq!(misses.ask(kid, Duration::ZERO, 0), MissAction::Asked);
        }
        assert_eq!(
            misses.ask("real", Duration::from_secs(14), 2),
            MissAction::Limited
        );
        assert_eq!(
            misses.ask("real", Duration::from_secs(15), 2),
            MissAction::Asked
        );
    }
}
