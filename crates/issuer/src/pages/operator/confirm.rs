//! `/console/confirm`: the operator proves once more who they are, and goes on to the page that asked.

use axum::extract::State;
use axum::response::Response;
use signet_core::authenticators::ProofMethod;
use signet_flows::second_factor::FactorError;
use signet_flows::step_up::StepUpError;

use super::described::OperatorProofForm;
use super::frame::{form, show_to};
use super::place::Place;
use super::visitor::{Signed, SignedForm};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::factor::typed_proof;
use crate::pages::markup::{Field, Markup};

/// Asks for a proof.
#[utoipa::path(
    get,
    path = "/console/confirm",
    tag = "Operator page",
    params(("to" = Option<String>, Query, description = "Where the operator goes afterwards: `clients` or the id of an account")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, or to the overview if no page asked for a proof"),
        PageAnswers
    )
)]
pub(crate) async fn operator_proof_page(
    State(app): State<App>,
    signed: Signed,
) -> ApiResult<Response> {
    let to = signed.visitor.parameter("to").unwrap_or_default();
    match Place::named(&to) {
        Some(place) => ask(&app, &signed, (place, None)).await,
        None => Ok(see_other("/console")),
    }
}

/// Checks a proof.
#[utoipa::path(
    post,
    path = "/console/confirm",
    tag = "Operator page",
    request_body(content = OperatorProofForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the page that asked"), PageAnswers)
)]
pub(crate) async fn operator_proof(
    State(app): State<App>,
    form: SignedForm,
) -> ApiResult<Response> {
    let signed = &form.sender;
    let Some(place) = Place::named(form.value("to")) else {
        return Ok(see_other("/console"));
    };
    let Some(proof) = typed_proof(form.value("code"), &form.secret("password")) else {
        return ask(&app, signed, (place, Some(WRONG))).await;
    };
    let (browser, origin) = (signed.operator.browser(), &signed.visitor.origin);
    match app.flows.step_up_browser(browser, proof, origin).await {
        Ok(()) => Ok(place.go()),
        Err(
            StepUpError::WrongPassword
            | StepUpError::Required(_)
            | StepUpError::Factor(FactorError::Wrong),
        ) => ask(&app, signed, (place, Some(WRONG))).await,
        Err(StepUpError::SessionEnded) => Ok(see_other("/console/sign-in")),
        Err(error) => Err(error.into()),
    }
}

async fn ask(
    app: &App,
    signed: &Signed,
    (place, problem): (Place, Option<&str>),
) -> ApiResult<Response> {
    let bearer = signed.operator.browser().bearer();
    let methods = match app.flows.step_up_options(bearer).await {
        Ok(options) => options.methods,
        Err(StepUpError::SessionEnded) => return Ok(see_other("/console/sign-in")),
        Err(error) => return Err(error.into()),
    };
    let by_password = methods.contains(&ProofMethod::Password);
    let shown = ("Confirm that it is you", problem);
    Ok(show_to(app, &signed.visitor, shown, |secret| {
        let begun = Markup::new()
            .paragraph(
                "lead",
                "Before this change, prove once more who you are. Then choose the change again.",
            )
            .problem(problem)
            .add(&form(secret, "/console/confirm"))
            .hidden("to", &place.to_string());
        let with_field = if by_password {
            begun.field("Password", &Field::PASSWORD)
        } else {
            begun.field("Code of your app, or a recovery code", &Field::ANY_CODE)
        };
        with_field
            .button("Continue")
            .raw("</form>\n<p><a href=\"/console\">Back to the overview</a></p>\n")
    }))
}

const WRONG: &str = "That was wrong. Try again.";
