//! `/console/account/...`: what operators change of an account.

use axum::extract::State;
use axum::response::Response;
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::ids::{AccountId, SessionId};
use signet_flows::accounts::AdministerError;

use super::described::{OperatorAccountForm, OperatorSessionForm};
use super::place::Place;
use super::refused::{changer, incomplete, unchanged};
use super::visitor::SignedForm;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;

/// Disables or enables an account, ends its sessions, or lifts its lockout.
#[utoipa::path(
    post,
    path = "/console/account/change",
    tag = "Operator page",
    request_body(content = OperatorAccountForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Back to the account, or to the proof that is missing"),
        (status = 404, description = "There is no such account", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn operator_changes_account(
    State(app): State<App>,
    form: SignedForm,
) -> ApiResult<Response> {
    let Ok(id) = form.value("account").parse::<AccountId>() else {
        return Ok(incomplete(&app));
    };
    let place = Place::Account(id);
    let administrator = match changer(&app, &form.sender, (CHANGE, place)).await? {
        Ok(administrator) => administrator,
        Err(answer) => return Ok(answer),
    };
    let caller = administrator.caller(&form.sender.visitor.origin);
    let flows = &app.flows;
    let changed = match form.value("action") {
        "disable" => flows.disable_account(id, caller).await.map(drop),
        "enable" => flows.enable_account(id, caller).await.map(drop),
        "end-sessions" => flows.end_account_sessions(id, caller).await,
        "lift-lockout" => flows.lift_lockout(id, caller).await,
        _ => return Ok(incomplete(&app)),
    };
    match changed {
        Ok(()) => Ok(place.go()),
        Err(error) => unchanged(&app, error),
    }
}

/// Ends a session of an account.
#[utoipa::path(
    post,
    path = "/console/account/end-session",
    tag = "Operator page",
    request_body(content = OperatorSessionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Back to the account, or to the proof that is missing"),
        PageAnswers
    )
)]
pub(crate) async fn operator_ends_session(
    State(app): State<App>,
    form: SignedForm,
) -> ApiResult<Response> {
    let (Ok(account), Ok(session)) = (
        form.value("account").parse::<AccountId>(),
        form.value("session").parse::<SessionId>(),
    ) else {
        return Ok(incomplete(&app));
    };
    let place = Place::Account(account);
    let administrator = match changer(&app, &form.sender, (CHANGE, place)).await? {
        Ok(administrator) => administrator,
        Err(answer) => return Ok(answer),
    };
    let caller = administrator.caller(&form.sender.visitor.origin);
    let ended = app.flows.end_account_session((account, session), caller);
    match ended.await {
        // Ended meanwhile, which is what the operator wants.
        Ok(()) | Err(AdministerError::UnknownSession) => Ok(place.go()),
        Err(error) => unchanged(&app, error),
    }
}

const CHANGE: AdminAccess = AdminAccess::Change(AdminArea::Accounts);
