//! Ending one session, and finishing what a change of an account has ended: one durable change, and
//! the work that follows from it.
//!
//! The change (a higher epoch) is what counts: no session from before it can be refreshed, except
//! the one that the change keeps. The records and the access tokens that are still valid are ended
//! after it: here at once, or by [`finish_pending_endings`] within a second after the crash or the
//! outage that came between.

use signet_core::ids::{AccountId, SessionId};
use signet_core::session::denied_until;
use signet_store::{PendingEnding, StoreError};

use crate::flows::Flows;

/// Ends one session and denies its access tokens; `false` when it had ended before.
///
/// # Errors
///
/// [`StoreError`], and then it may or may not have ended.
pub async fn end_session(
    flows: &Flows,
    account_id: AccountId,
    id: SessionId,
) -> Result<bool, StoreError> {
    let denied_until = denied_until(flows.clock.now());
    let sessions = &flows.stores.sessions;
    sessions.end(account_id, id, denied_until).await
}

/// Ends the sessions that a change has ended, or leaves that to [`finish_pending_endings`].
///
/// The change has been made and what follows from it is noted, so a session store that cannot be
/// reached is no reason to tell the caller otherwise: whoever tries again would hear that the
/// password is wrong, or that the session has ended.
pub async fn finish_or_leave(flows: &Flows, ending: PendingEnding) {
    if let Err(error) = finish(flows, ending).await {
        tracing::warn!(
            %error, account.id = %ending.account_id,
            "sessions have ended whose access tokens cannot be denied yet"
        );
    }
}

async fn finish(flows: &Flows, ending: PendingEnding) -> Result<(), StoreError> {
    let denied_until = denied_until(flows.clock.now());
    flows.stores.finish_ending(ending, denied_until).await?;
    Ok(())
}

/// Finishes what a crash or an outage has left; called now and then.
///
/// # Errors
///
/// [`StoreError`]; what is left is found again by the next call.
pub async fn finish_pending_endings(flows: &Flows) -> Result<(), StoreError> {
    loop {
        let pending = flows
            .stores
            .accounts
            .pending_endings(ENDINGS_AT_ONCE)
            .await?;
        for ending in &pending {
            finish(flows, *ending).await?;
        }
        if pending.is_empty() {
            return Ok(());
        }
    }
}

/// How many endings are read at once; each may be a hundred sessions.
const ENDINGS_AT_ONCE: u32 = 100;
