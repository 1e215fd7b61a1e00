//! Ending one session, and ending every session of an account: one durable change, and the work
//! that follows from it.
//!
//! The change (a higher epoch) is what counts: no session from before it can be refreshed, except
//! the one that the change keeps. The records and the access tokens that are still about are ended
//! after it: here at once, or by [`finish_pending_endings`] within a second after the crash or the
//! outage that came between.

use signet_core::ids::{AccountId, SessionId};
use signet_core::session::denied_until;
use signet_store::{Change, Changed, Credentials, PendingEnding, StoreError};

use super::bearer::SessionBearer;
use crate::app::App;
use crate::error::{ApiResult, Code};

/// Ends one session and denies its access tokens; `false` when it had ended before.
///
/// # Errors
///
/// [`StoreError`], and then it may or may not have ended.
pub(crate) async fn end_session(
    app: &App,
    account_id: AccountId,
    id: SessionId,
) -> Result<bool, StoreError> {
    let denied_until = denied_until(app.clock.now());
    let sessions = &app.stores.sessions;
    sessions.end(account_id, id, denied_until).await
}

/// The same for a session that has to be there.
///
/// # Errors
///
/// `not_found` when the account has no such session.
pub(crate) async fn end_living_session(
    app: &App,
    account_id: AccountId,
    id: SessionId,
) -> ApiResult<()> {
    let sessions = &app.stores.sessions;
    let found = sessions.find(account_id, id, app.clock.now()).await?;
    if found.is_none() {
        return Err(Code::NotFound.into());
    }
    end_session(app, account_id, id).await?;
    Ok(())
}

/// What became of a change that ends every session.
pub(super) enum Outcome {
    /// It was made.
    Made(PendingEnding),
    /// Another change was quicker and has kept the caller's session; so the account is now.
    Overtaken(Credentials),
}

/// Makes a change, if the account is still as it was when `credentials` were read.
///
/// # Errors
///
/// `session_ended` when everything was ended meanwhile, the caller's session too.
pub(super) async fn change(
    app: &App,
    caller: SessionBearer,
    credentials: &Credentials,
    change: &Change,
) -> ApiResult<Outcome> {
    let account = &credentials.account;
    let accounts = &app.stores.accounts;
    let expected = account.standing.epoch;
    if let Changed::Done(ending) = accounts.change(account.id, expected, change).await? {
        return Ok(Outcome::Made(ending));
    }
    let found = caller.account(app).await?;
    match found.account.standing.kept {
        Some(kept) if kept.id == caller.session_id => Ok(Outcome::Overtaken(found)),
        _ => Err(Code::SessionEnded.into()),
    }
}

/// The same for a caller whose password, the one in `credentials`, was found to be right.
///
/// # Errors
///
/// `invalid_credentials` when the caller's own session was quicker elsewhere: what keeps a session
/// is a new password, so the one that was checked is no longer right. Or as [`change`].
pub(super) async fn change_by_password(
    app: &App,
    caller: SessionBearer,
    credentials: &Credentials,
    wanted: &Change,
) -> ApiResult<PendingEnding> {
    match change(app, caller, credentials, wanted).await? {
        Outcome::Made(ending) => Ok(ending),
        Outcome::Overtaken(_) => Err(Code::InvalidCredentials.into()),
    }
}

/// Ends the sessions that a change has ended, or leaves that to [`finish_pending_endings`].
///
/// The change has been made and what follows from it is noted, so a session store that cannot be
/// reached is no reason to tell the caller otherwise: whoever tries again would hear that the
/// password is wrong, or that the session has ended.
pub(crate) async fn finish_or_leave(app: &App, ending: PendingEnding) {
    if let Err(error) = finish(app, ending).await {
        tracing::warn!(
            %error, account.id = %ending.account_id,
            "sessions have ended whose access tokens cannot be denied yet"
        );
    }
}

async fn finish(app: &App, ending: PendingEnding) -> Result<(), StoreError> {
    let denied_until = denied_until(app.clock.now());
    app.stores.finish_ending(ending, denied_until).await?;
    Ok(())
}

/// Finishes what a crash or an outage has left; called now and then.
///
/// # Errors
///
/// [`StoreError`]; what is left is found again by the next call.
pub(crate) async fn finish_pending_endings(app: &App) -> Result<(), StoreError> {
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
