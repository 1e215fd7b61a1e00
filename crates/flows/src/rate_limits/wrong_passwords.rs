//! Wrong passwords in a row, by session.
//!
//! The session ends at the last one. If the store cannot be reached then, the session gets no
//! further attempt here, so a denied token does not help to guess passwords during an outage.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use signet_core::ids::SessionId;

/// How many wrong passwords each session has shown in a row.
#[derive(Debug, Default)]
pub(crate) struct WrongPasswords(Mutex<HashMap<SessionId, u32>>);

impl WrongPasswords {
    /// Whether the session has no attempt left.
    pub(crate) fn are_too_many(&self, session: SessionId) -> bool {
        self.counts().get(&session).copied() >= Some(MOST)
    }

    /// Counts a wrong password; whether it was the last one that the session had.
    pub(crate) fn add(&self, session: SessionId) -> bool {
        let mut counts = self.counts();
        if counts.len() >= MAX_SESSIONS && !counts.contains_key(&session) {
            // Only people who have signed in get here, so this takes as many sessions.
            let any = counts.keys().next().copied();
            any.and_then(|any| counts.remove(&any));
        }
        let count = counts.entry(session).or_insert(0);
        *count = count.saturating_add(1);
        *count >= MOST
    }

    /// Forgets the wrong passwords of a session that has shown the right one.
    pub(crate) fn forget(&self, session: SessionId) {
        self.counts().remove(&session);
    }

    /// Every change is a single call, so a poisoned map is still whole.
    fn counts(&self) -> MutexGuard<'_, HashMap<SessionId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A person who remembers the password needs fewer.
const MOST: u32 = 5;
/// Each takes about 30 bytes.
const MAX_SESSIONS: usize = 50_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_password_in_a_row_is_the_last() {
        let (wrong, session) = (WrongPasswords::default(), SessionId::from_bytes([1; 16]));
        let other = SessionId::from_bytes([2; 16]);
        for _ in 0..4 {
            assert!(!wrong.add(session));
        }
        wrong.forget(session);
        let verdicts: Vec<_> = (0..5).map(|_| wrong.add(session)).collect();
        assert_eq!(verdicts, [false, false, false, false, true]);
        assert!(wrong.are_too_many(session) && !wrong.are_too_many(other));
    }

    #[test]
    fn the_table_is_bounded() {
        let wrong = WrongPasswords::default();
        for number in 0..60_000_u128 {
            wrong.add(SessionId::from_bytes(number.to_be_bytes()));
        }
        assert_eq!(wrong.counts().len(), MAX_SESSIONS);
    }
}
