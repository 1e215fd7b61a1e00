//! The session that survives when all others of its account are ended.

use super::epoch::Epoch;
use crate::ids::SessionId;

/// The one session that an ending of all others has spared: the one that asked for it.
///
/// It is part of the account and written with the epoch, so that the session goes on from the same
/// moment on in which the others are over, whatever can be said to the store of sessions then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptSession {
    /// Which session.
    pub id: SessionId,
    /// The account's epoch before the first of the endings in a row that have spared it. A record
    /// from before was over when it was noted: an old access token brings no session back.
    pub since: Epoch,
}

impl KeptSession {
    /// Whether a session that was made at `epoch` is the kept one.
    pub fn is(&self, session: SessionId, epoch: Epoch) -> bool {
        self.id == session && epoch >= self.since
    }
}
