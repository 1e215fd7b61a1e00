//! Ending every session of an account: one durable change, and the work that follows from it.
//!
//! The change (a higher epoch) is what counts: no session from before it can be refreshed. The
//! records and the access tokens that are still about are ended after it, here at once, and by
//! [`finish_pending_endings`] when a crash or an outage came between.

use signet_core::session::DENIAL_LIFETIME;
use signet_store::{Change, Changed, Credentials, PendingEnding};

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};

/// Makes a change that ends every session, if the account is still as it was when `credentials`
/// were read.
///
/// # Errors
///
/// `session_ended` when everything was ended meanwhile, the caller's session too.
pub(super) async fn change(
    app: &App,
    credentials: &Credentials,
    change: &Change,
) -> ApiResult<PendingEnding> {
    let account = &credentials.account;
    match app
        .stores
        .accounts
        .change(account.id, account.standing.epoch, change)
        .await?
    {
        Changed::Done(ending) => Ok(ending),
        Changed::Lost => Err(Code::SessionEnded.into()),
    }
}

/// Ends the sessions that a change has ended, and reports it done.
pub(super) async fn finish(app: &App, ending: PendingEnding) -> ApiResult<()> {
    let denied_until = app.clock.now().saturating_add(DENIAL_LIFETIME);
    app.stores.finish_ending(ending, denied_until).await?;
    Ok(())
}

/// Finishes what a crash or an outage has left; called now and then.
///
/// # Errors
///
/// `unavailable`; what is left is found again by the next call.
pub(crate) async fn finish_pending_endings(app: &App) -> Result<(), ApiError> {
    loop {
        let pending = app.stores.accounts.pending_endings(ENDINGS_AT_ONCE).await?;
        for ending in &pending {
            finish(app, *ending).await?;
        }
        if pending.is_empty() {
            return Ok(());
        }
    }
}

/// How many endings are read at once; each may be a hundred sessions.
const ENDINGS_AT_ONCE: u32 = 100;
