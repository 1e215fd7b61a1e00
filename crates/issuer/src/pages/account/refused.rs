//! What a page answers when a flow refuses a change of the account.

use axum::response::Response;
use signet_flows::own_account::OwnAccountError;
use signet_flows::second_factor::FactorError;
use signet_flows::step_up::StepUpError;

use super::owner::Owner;
use super::place::Place;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{see_other, with_cookie};
use crate::pages::cookies::PageCookie;

/// Leads the person on: to the proof that is missing, to the sign-in page, or back to a page that
/// shows how the account is now.
pub(super) fn refused(app: &App, place: Place, error: OwnAccountError) -> ApiResult<Response> {
    match error {
        OwnAccountError::SessionEnded | OwnAccountError::Proof(StepUpError::SessionEnded) => {
            Ok(signed_out(app))
        }
        OwnAccountError::Proof(
            StepUpError::Required(_)
            | StepUpError::WrongPassword
            | StepUpError::Factor(FactorError::Wrong | FactorError::Passkey(_)),
        ) => Ok(place.ask_proof()),
        OwnAccountError::Factor(FactorError::Problem(_)) => Ok(place.go()),
        error => Err(error.into()),
    }
}

/// The same for a page that asks for no proof.
pub(super) fn refused_here(app: &App, error: OwnAccountError) -> ApiResult<Response> {
    match error {
        OwnAccountError::SessionEnded => Ok(signed_out(app)),
        error => Err(error.into()),
    }
}

/// Sends the browser to the sign-in page, without its cookie.
fn signed_out(app: &App) -> Response {
    with_cookie(see_other("/signin"), PageCookie::SignIn.clear(app))
}

/// The answer in the place of a page, if the person must prove first who they are.
pub(super) async fn proof_missing(
    app: &App,
    owner: &Owner,
    place: Place,
) -> ApiResult<Option<Response>> {
    let origin = &owner.visit.origin;
    match app.flows.has_fresh_proof(&owner.browser, origin).await {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some(place.ask_proof())),
        Err(error) => refused(app, place, error.into()).map(Some),
    }
}
