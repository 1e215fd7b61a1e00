//! The part of an account that decides whether its sessions are valid.

use std::str::FromStr;

use super::epoch::Epoch;
use super::kept_session::KeptSession;
use crate::ids::SessionId;

/// The facts that each refresh compares a session with. One transaction changes all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Whether the account may sign in.
    pub status: AccountStatus,
    /// Sessions of an earlier epoch have ended, except the kept one.
    pub epoch: Epoch,
    /// The session that continued after the latest ending, if any.
    pub kept: Option<KeptSession>,
}

impl Standing {
    /// Returns whether a session that began at `epoch` is valid: it began at the account's epoch,
    /// or every ending since then kept it.
    pub fn admits(&self, session: SessionId, epoch: Epoch) -> bool {
        self.status == AccountStatus::Active
            && (epoch == self.epoch || epoch < self.epoch && self.keeps(session, epoch))
    }

    /// Returns the kept session if all sessions except `session` end now. A session that is kept
    /// already keeps its earlier `since`.
    #[must_use]
    pub fn keeping(&self, session: SessionId) -> KeptSession {
        let already = self.kept.filter(|kept| kept.id == session);
        already.unwrap_or(KeptSession {
            id: session,
            since: self.epoch,
        })
    }

    fn keeps(&self, session: SessionId, epoch: Epoch) -> bool {
        self.kept.is_some_and(|kept| kept.is(session, epoch))
    }
}

/// Whether an account may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountStatus {
    /// The account may sign in.
    Active,
    /// An administrator disabled the account.
    Disabled,
    /// An administrator created the account, and its owner has not accepted the invitation yet.
    Invited,
}

impl AccountStatus {
    /// Returns its name in requests and responses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Invited => "invited",
        }
    }
}

impl FromStr for AccountStatus {
    type Err = UnknownAccountStatus;

    fn from_str(text: &str) -> Result<Self, UnknownAccountStatus> {
        let mut all = [Self::Active, Self::Disabled, Self::Invited].into_iter();
        all.find(|status| status.as_str() == text)
            .ok_or(UnknownAccountStatus)
    }
}

/// The text names no account status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be active, disabled or invited")]
pub struct UnknownAccountStatus;

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(epoch: u32, kept: Option<KeptSession>) -> Standing {
        Standing {
            status: AccountStatus::Active,
            epoch: Epoch::from_number(epoch),
            kept,
        }
    }

    fn admitted(standing: Standing, session: SessionId) -> Vec<u32> {
        let admits = |number: &u32| standing.admits(session, Epoch::from_number(*number));
        (0..10).filter(admits).collect()
    }

    fn own() -> SessionId {
        SessionId::from_bytes([1; 16])
    }

    fn other() -> SessionId {
        SessionId::from_bytes([2; 16])
    }

    #[test]
    fn a_session_goes_on_at_the_epoch_of_its_account_only() {
        assert_eq!(admitted(standing(4, None), own()), [4]);
    }

    #[test]
    fn the_kept_session_goes_on_at_the_epoch_that_it_had() {
        let kept = standing(4, None).keeping(own());
        assert_eq!(admitted(standing(5, Some(kept)), own()), [4, 5]);
        assert_eq!(admitted(standing(5, Some(kept)), other()), [5]);
    }

    #[test]
    fn a_session_that_is_kept_again_and_again_goes_on_at_its_first_epoch() {
        let mut kept = None;
        for epoch in 4..8 {
            kept = Some(standing(epoch, kept).keeping(own()));
        }
        assert_eq!(admitted(standing(8, kept), own()), [4, 5, 6, 7, 8]);
    }

    #[test]
    fn keeping_another_session_ends_the_one_that_was_kept() {
        let kept = standing(4, None).keeping(own());
        let kept = standing(5, Some(kept)).keeping(other());
        assert_eq!(admitted(standing(6, Some(kept)), own()), [6]);
        assert_eq!(admitted(standing(6, Some(kept)), other()), [5, 6]);
    }

    #[test]
    fn a_disabled_account_keeps_no_session() {
        let kept = standing(4, None).keeping(own());
        let disabled = Standing {
            status: AccountStatus::Disabled,
            ..standing(5, Some(kept))
        };
        assert_eq!(admitted(disabled, own()), Vec::<u32>::new());
    }
}
