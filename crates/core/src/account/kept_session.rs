//! The session that continues when all other sessions of its account end.

use super::epoch::Epoch;
use crate::ids::SessionId;

/// The session that requested to end all other sessions, and so continues.
///
/// It is part of the account and stored together with the epoch. So this session continues even if
/// the session store is unreachable at that moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptSession {
    /// The id of the session.
    pub id: SessionId,
    /// The account's epoch before the first ending that kept this session. Records of an earlier
    /// epoch had already ended, so an old access token cannot revive its session.
    pub since: Epoch,
}

impl KeptSession {
    /// Returns whether a session that began at `epoch` is the kept one.
    pub fn is(&self, session: SessionId, epoch: Epoch) -> bool {
        self.id == session && epoch >= self.since
    }
}
