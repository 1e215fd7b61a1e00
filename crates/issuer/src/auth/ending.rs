//! Ending a session that has to be there, and changes that end every session of an account.

use signet_core::ids::{AccountId, SessionId};
use signet_flows::end::end_session;
use signet_store::{Change, Changed, Credentials, PendingEnding};

use super::bearer::SessionBearer;
use crate::app::App;
use crate::error::{ApiResult, Code};

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
    let sessions = &app.flows.stores.sessions;
    let found = sessions.find(account_id, id, app.flows.clock.now()).await?;
    if found.is_none() {
        return Err(Code::NotFound.into());
    }
    end_session(&app.flows, account_id, id).await?;
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
    let accounts = &app.flows.stores.accounts;
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
