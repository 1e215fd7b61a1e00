//! The settings of the refresh rule. The configuration checks the relations between them.

use std::time::Duration;

use signet_verifier::{MAX_LEEWAY, Timestamp};

/// When sessions end, and which refresh tokens are tolerated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionPolicy {
    /// The grace period after a rotation, in which a used token gets its successor again. Zero
    /// turns replays off. 0 to 60 s.
    pub grace: Duration,
    /// How long after a rotation a client can recover from a lost response. Zero turns recovery
    /// off.
    pub recover_within: Duration,
    /// Whether a token ahead of the record is accepted, as after a failover that lost writes.
    pub heal: bool,
    /// The lifetime of a session without a refresh.
    pub idle_ttl: Duration,
    /// The maximum lifetime of a session.
    pub absolute_ttl: Duration,
}

impl SessionPolicy {
    /// Returns a policy without tolerance: every second use of a token ends the session.
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

/// How long a token that a recovery displaced still gets the newest token instead of ending the
/// session. A late response may put the displaced token back into a browser.
pub(crate) const DISPLACED_GRACE: Duration = Duration::from_mins(1);

/// The maximum number of sessions of an account. A new session replaces the oldest one; one that a
/// client gets from a browser sign-in first displaces others, see
/// [`Session::displaces`](super::Session::displaces).
pub const MAX_SESSIONS_PER_ACCOUNT: usize = 100;

/// The maximum of the setting for the lifetime of access tokens.
pub const MAX_ACCESS_TOKEN_TTL: Duration = Duration::from_hours(1);

/// The maximum duration of a request. A request may issue a token until then.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// Returns until when access tokens stay on the deny list that are valid or being issued at `now`.
pub fn denied_until(now: Timestamp) -> Timestamp {
    now.saturating_add(DENIAL_LIFETIME)
}

/// How long access tokens stay on the deny list: the maximum lifetime, the maximum leeway of a
/// verifier, and the maximum duration of a request.
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
