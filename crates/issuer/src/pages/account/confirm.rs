//! `/account/confirm`: the person proves once more who they are, and goes on to the page that asked.

use axum::extract::State;
use axum::response::Response;
use signet_core::authenticators::ProofMethod;
use signet_core::secret::SecretText;
use signet_core::webauthn::AssertionResponse;
use signet_flows::passkeys::{PasskeyAnswer, PasskeyRequest};
use signet_flows::second_factor::{FactorError, GivenFactor};
use signet_flows::step_up::{Proof, StepUpError, StepUpOptions};

use super::described::ProofForm;
use super::frame::{form, form_fields, page};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::refused;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::factor::typed_proof;
use crate::pages::form_page::{FormPage, show_form};
use crate::pages::markup::{Field, Markup};
use crate::passkey_options::PasskeyRequestView;

/// Asks for a proof.
#[utoipa::path(
    get,
    path = "/account/confirm",
    tag = "Account pages",
    params(("to" = Option<String>, Query, description = "Where the person goes afterwards: `email`, `password`, `totp`, `passkeys` or `delete`")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the overview, if no page asked for a proof"),
        PageAnswers
    )
)]
pub(crate) async fn confirm_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    match owner.to.as_deref().and_then(Place::named) {
        Some(place) => ask(&app, &owner, place, None).await,
        None => Ok(see_other("/account")),
    }
}

/// Checks a proof.
#[utoipa::path(
    post,
    path = "/account/confirm",
    tag = "Account pages",
    request_body(content = ProofForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the page that asked"), PageAnswers)
)]
pub(crate) async fn confirm(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let owner = &form.owner;
    let words = owner.visit.words();
    let Some(place) = Place::named(form.value("to")) else {
        return Ok(see_other("/account"));
    };
    let (proof, problem) = if form.value("credential").is_empty() {
        (
            typed_proof(form.value("code"), &form.secret("password")),
            owner.words().wrong_proof,
        )
    } else {
        (passkey_proof(&form), words.passkey_refused)
    };
    let Some(proof) = proof else {
        return ask(&app, owner, place, Some(problem)).await;
    };
    let checked = app
        .flows
        .step_up_browser(&owner.browser, proof, &owner.visit.origin);
    match checked.await {
        Ok(()) => Ok(place.go()),
        Err(
            StepUpError::WrongPassword
            | StepUpError::Required(_)
            | StepUpError::Factor(FactorError::Wrong | FactorError::Passkey(_)),
        ) => ask(&app, owner, place, Some(problem)).await,
        Err(error) => refused(&app, place, error.into()),
    }
}

fn passkey_proof(form: &OwnerForm) -> Option<Proof> {
    let answer = PasskeyAnswer {
        challenge_id: form.secret("challenge_id"),
        credential: AssertionResponse::read(form.value("credential")).ok()?,
    };
    Some(Proof {
        password: None,
        factor: Some(GivenFactor::Passkey(answer)),
    })
}

async fn ask(
    app: &App,
    owner: &Owner,
    place: Place,
    problem: Option<&'static str>,
) -> ApiResult<Response> {
    let options = match app.flows.step_up_options(owner.bearer()).await {
        Ok(options) => options,
        Err(error) => return refused(app, place, error.into()),
    };
    let StepUpOptions { methods, passkey } = options;
    let passkey = passkey_request(app, passkey);
    Ok(show_form(app, &owner.visit, |secret| {
        let mut content = Markup::new()
            .paragraph("lead", owner.words().confirm_lead)
            .problem(problem)
            .add(&typed_form(owner, secret, place, &methods));
        if let Some(request) = &passkey {
            content = content.add(&passkey_form(owner, secret, place, request));
        }
        let page = FormPage {
            scripts: passkey.is_some(),
            ..page(owner, owner.visit.words().factor, &content)
        };
        page.refused_for(problem)
    }))
}

/// The request for a passkey in JSON, if pages of the public URL can use passkeys.
fn passkey_request(app: &App, request: Option<PasskeyRequest>) -> Option<String> {
    let request = request.filter(|_| app.settings.has_passkeys_on_pages())?;
    serde_json::to_string(&PasskeyRequestView::from(request)).ok()
}

/// The form for what people type; nothing if the account has nothing of that kind.
fn typed_form(owner: &Owner, secret: &SecretText, place: Place, methods: &[ProofMethod]) -> Markup {
    let words = owner.visit.words();
    let begun = form(owner, secret, "/account/confirm").hidden("to", place.name());
    let has_code = [ProofMethod::Totp, ProofMethod::RecoveryCode];
    let with_field = if methods.contains(&ProofMethod::Password) {
        begun.field(words.password, &Field::PASSWORD)
    } else if has_code.iter().any(|method| methods.contains(method)) {
        begun.field(owner.words().code, &Field::ANY_CODE)
    } else {
        return Markup::new();
    };
    with_field.button(words.confirm).raw("</form>\n")
}

fn passkey_form(owner: &Owner, secret: &SecretText, place: Place, request: &str) -> Markup {
    Markup::new()
        .raw("<form method=\"post\" action=\"/account/confirm\" data-passkey data-request=\"")
        .text(request)
        .raw("\" hidden>\n")
        .add(&form_fields(owner, secret))
        .hidden("to", place.name())
        .passkey_fields()
        .second_button(owner.words().use_passkey)
        .end_passkey_form()
}
