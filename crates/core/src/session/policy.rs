//! The numbers of the refresh rule. The relations between them are checked with the configuration.

use std::time::Duration;

use signet_verifier::{MAX_LEEWAY, Timestamp};

/// How sessions end and how forgiving a refresh is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionPolicy {
    /// How long after a rotation a token that was just exchanged still gets its successor again;
    /// zero turns replays off. 0 to 60 s.
    pub grace: Duration,
    /// How long after a rotation a client that lost the answer may still go on; zero turns
    /// recovery off.
    pub recover_within: Duration,
    /// Whether a token ahead of the store is believed, as after a fail-over that lost writes.
    pub heal: bool,
    /// How long a session lives without a refresh.
    pub idle_ttl: Duration,
    /// How long a session lives however often it is refreshed.
    pub absolute_ttl: Duration,
}

impl SessionPolicy {
    /// The same policy with no second chance: every second use of a token ends the session.
    #[must_use]
    pub fn strict(self) -> Self {
        Self {
            grace: Duration::ZERO,
            recover_within: Duration::ZERO,
            heal: false,
            ..self
        }
    }
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(10),
            recover_within: 3 * DAY,
            heal: true,
            idle_ttl: 14 * DAY,
            absolute_ttl: 90 * DAY,
        }
    }
}

/// How long a token displaced by a recovery gets the newest token instead of ending the session:
/// a late answer may put it back into a browser for a moment.
pub const DISPLACED_GRACE: Duration = Duration::from_mins(1);

/// How many sessions an account has at most; the oldest goes. A person has devices, not hundreds.
pub const MAX_SESSIONS_PER_ACCOUNT: usize = 100;

/// The longest lifetime of an access token that can be configured.
pub const MAX_ACCESS_TOKEN_TTL: Duration = Duration::from_hours(1);

/// How long a request may take in all, and so how late it may still hand out a token.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// Until when access tokens that are good at `now`, or are being made, stay on the deny list.
pub fn denied_until(now: Timestamp) -> Timestamp {
    now.saturating_add(DENIAL_LIFETIME)
}

/// How long access tokens stay on the deny list: the longest lifetime, the largest leeway of a
/// verifier, and the longest request.
const DENIAL_LIFETIME: Duration = MAX_ACCESS_TOKEN_TTL
    .saturating_add(MAX_LEEWAY)
    .saturating_add(REQUEST_DEADLINE);

const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_outlives_every_token_that_could_still_be_handed_out() {
        let now = Timestamp::from_seconds(1_800_000_000);
        let until = Timestamp::from_seconds(1_800_000_000 + 3_600 + 120 + 30);
        assert_eq!(denied_until(now), until);
    }
}
