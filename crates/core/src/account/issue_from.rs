//! From when on the access tokens of an account are valid after a role was removed.
//!
//! A denial covers every token of an account whose `iat` is earlier than [`Account::issue_from`].
//! Each token of the account is dated `issue_from` or later. So a removal must raise it above the
//! `iat` of each token that has the removed role:
//!
//! - A request chooses the time of its token, then reads the account, then signs. If it has read
//!   the removed role, it chose the time before the removal was stored. The clock of its replica is
//!   at most [`MAX_REPLICA_CLOCK_DIFFERENCE`] ahead, so its `iat` is at most that much later than
//!   the removal. If storing took long, `issue_from` is raised once more, by the time at which the
//!   removal was known to be stored.
//! - After an earlier removal a moment ago, tokens are dated ahead: exactly the stored
//!   `issue_from`. So the next one is at least a second later.

use std::time::Duration;

use signet_verifier::Timestamp;

use super::Account;
use crate::keys::MAX_REPLICA_CLOCK_DIFFERENCE;

impl Account {
    /// Returns the account whose next tokens are issued later than all that it has at `now`.
    /// `None` if they would be dated too far ahead, because this was done again and again just now.
    #[must_use]
    pub fn issuing_anew(self, now: Timestamp) -> Option<Self> {
        let behind_stored = self.issue_from.saturating_add(SECOND);
        let issue_from = later_than_tokens_of(now).max(behind_stored);
        let ahead = issue_from.saturating_since(now);
        (ahead <= MAX_AHEAD).then_some(Self { issue_from, ..self })
    }

    /// Returns the account whose next tokens are issued later than all that a request has got which
    /// read the account before `now`.
    #[must_use]
    pub fn issuing_after(self, now: Timestamp) -> Self {
        let issue_from = self.issue_from.max(later_than_tokens_of(now));
        Self { issue_from, ..self }
    }

    /// Returns the last `iat` that is denied because of a removed role. `None` if no role was ever
    /// removed.
    pub fn denied_issued_until(&self) -> Option<Timestamp> {
        let was_raised = self.issue_from > Timestamp::default();
        was_raised.then(|| self.issue_from.saturating_sub(SECOND))
    }
}

/// The first `iat` that no replica gives to a token at `now` by its clock.
fn later_than_tokens_of(now: Timestamp) -> Timestamp {
    let latest = now.saturating_add(MAX_REPLICA_CLOCK_DIFFERENCE);
    Timestamp::from_seconds(latest.as_seconds().saturating_add(1))
}

/// The unit of `iat`.
const SECOND: Duration = Duration::from_secs(1);

/// How far ahead tokens may be dated. Verifiers allow 30 seconds, less the difference of clocks.
const MAX_AHEAD: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_900);

    fn account() -> Account {
        let id = AccountId::from_bytes([1; 16]);
        Account::new(id, "ada@example.com".parse().unwrap(), None, NOW)
    }

    fn ahead(account: &Account) -> u64 {
        account.issue_from.as_seconds() - NOW.as_seconds()
    }

    #[test]
    fn tokens_of_a_replica_that_is_ahead_are_earlier() {
        assert_eq!(account().denied_issued_until(), None);
        let raised = account().issuing_anew(NOW).unwrap();
        assert_eq!(ahead(&raised), 3);
        let denied = raised.denied_issued_until().unwrap();
        let of_replica = NOW.saturating_add(MAX_REPLICA_CLOCK_DIFFERENCE);
        assert_eq!(denied, Timestamp::from_seconds(of_replica.as_seconds()));
        assert!(denied < raised.issue_from);
    }

    #[test]
    fn a_second_time_within_a_second_covers_the_tokens_of_the_first() {
        let first = account().issuing_anew(NOW).unwrap();
        let second = first.clone().issuing_anew(NOW).unwrap();
        assert_eq!(second.denied_issued_until(), Some(first.issue_from));
        let later = NOW.saturating_add(Duration::from_mins(1));
        let third = second.issuing_anew(later).unwrap();
        assert_eq!(ahead(&third), 63);
    }

    #[test]
    fn tokens_are_never_dated_further_ahead_than_verifiers_allow() {
        let mut account = account();
        let mut times = 0;
        while let Some(raised) = account.clone().issuing_anew(NOW) {
            account = raised;
            times += 1;
        }
        assert_eq!((times, ahead(&account)), (18, 20));
    }

    #[test]
    fn a_change_that_was_stored_late_raises_it_and_nothing_lowers_it() {
        let raised = account().issuing_anew(NOW).unwrap();
        assert_eq!(ahead(&raised.clone().issuing_after(NOW)), 3);
        let second_later = NOW.saturating_add(SECOND);
        assert_eq!(ahead(&raised.clone().issuing_after(second_later)), 4);
        let earlier = NOW.saturating_sub(SECOND);
        assert_eq!(ahead(&raised.issuing_after(earlier)), 3);
    }
}
