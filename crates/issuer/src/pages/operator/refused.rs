//! What the operator page answers when something is refused.

use axum::http::StatusCode;
use axum::response::Response;
use signet_core::admin::AdminAccess;
use signet_flows::accounts::AdministerError;
use signet_flows::administrator::Administrator;
use signet_flows::mail::Language;
use signet_flows::operator::OperatorError;

use super::place::Place;
use super::visitor::Signed;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::error_page::error_with;

/// The operator as an administrator who reads, or the answer in the place of the page.
pub(super) fn reader(
    app: &App,
    signed: &Signed,
    access: AdminAccess,
) -> Result<Administrator, Box<Response>> {
    let admitted = signed.operator.admitted(access);
    admitted.ok_or_else(|| Box::new(not_allowed(app)))
}

/// The operator as an administrator who changes something, or what comes first.
pub(super) async fn changer(
    app: &App,
    signed: &Signed,
    (access, place): (AdminAccess, Place),
) -> ApiResult<Result<Administrator, Response>> {
    let origin = &signed.visitor.origin;
    let admitted = app
        .flows
        .operator_who_changes(&signed.operator, access, origin);
    match admitted.await {
        Ok(administrator) => Ok(Ok(administrator)),
        Err(OperatorError::NotAllowed) => Ok(Err(not_allowed(app))),
        Err(OperatorError::ProofRequired) => Ok(Err(place.ask_proof())),
        Err(OperatorError::Proof(error)) => Err(error.into()),
    }
}

/// Says why an account was not changed.
pub(super) fn unchanged(app: &App, error: AdministerError) -> ApiResult<Response> {
    match error {
        AdministerError::Administers => Ok(administers(app)),
        AdministerError::NoAuthenticator => {
            let text =
                "The account has no password and no passkey. Invite its owner, who sets one.";
            Ok(says(app, StatusCode::BAD_REQUEST, text))
        }
        error => Err(error.into()),
    }
}

/// Says that a form lacks a field, or that a field has no valid value.
pub(super) fn incomplete(app: &App) -> Response {
    let text = "This form is incomplete. Load the page again.";
    says(app, StatusCode::BAD_REQUEST, text)
}

/// Says that only operators who may do everything change this.
pub(super) fn administers(app: &App) -> Response {
    let text =
        "This is an administrator. Only an account with the role signet:admin can change it.";
    says(app, StatusCode::FORBIDDEN, text)
}

/// A page that says why there is no other.
pub(super) fn says(app: &App, status: StatusCode, text: &str) -> Response {
    error_with(app, Language::English, status, text)
}

fn not_allowed(app: &App) -> Response {
    let text = "The roles of your account do not allow this.";
    says(app, StatusCode::FORBIDDEN, text)
}
