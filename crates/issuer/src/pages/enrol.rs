//! `/signin/enrol`: setting up a second factor during a sign-in that requires one.

use axum::extract::State;
use axum::response::Response;
use signet_core::second_factor::TotpCode;
use signet_core::secret::SecretText;
use signet_core::webauthn::AttestationResponse;
use signet_flows::authenticate::{SecondFactorError, SecondFactorSignIn};
use signet_flows::authorize::Pending;
use signet_flows::passkeys::PasskeyToAdd;
use signet_flows::second_factor::{FactorError, GivenFactor, TotpOffer};

use super::answer::{PageAnswers, to_page, with_cookie};
use super::cookies::PageCookie;
use super::described::{EnrolForm, EnrolPasskeyForm, FactorForm};
use super::form_page::{FormPage, show_form};
use super::markup::Markup;
use super::page_form::{PageForm, Visit, hidden_fields};
use super::password::{keep_with, lead, link, next_path};
use crate::app::App;
use crate::error::ApiResult;
use crate::passkey_options::PasskeyCreationView;

/// Asks which second factor is set up.
#[utoipa::path(
    get,
    path = "/signin/enrol",
    tag = "Sign-in pages",
    params(("request" = Option<String>, Query, description = "The request of a client that waits here")),
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the first step, if it is not done"),
        PageAnswers
    )
)]
pub(crate) async fn enrolment_page(
    State(app): State<App>,
    mut visit: Visit,
) -> ApiResult<Response> {
    let pending = visit.pending(&app).await?;
    show_choice(&app, &visit, pending.as_ref(), None).await
}

/// Begins to set up an authenticator app, and shows its secret.
#[utoipa::path(
    post,
    path = "/signin/enrol/totp",
    tag = "Sign-in pages",
    request_body(content = EnrolForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the secret and a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the first step, if it is not done"),
        PageAnswers
    )
)]
pub(crate) async fn offer_app_at_sign_in(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let (visit, pending) = (&form.visit, pending.as_ref());
    let Some(token) = PageCookie::Factor.read(&app, &visit.headers) else {
        return Ok(over(&app, pending));
    };
    match app.flows.offer_totp_at_sign_in(&token).await {
        Ok(offer) => show_offer(&app, visit, (pending, None), &offer),
        Err(error) => refused(&app, pending, error),
    }
}

/// Confirms an authenticator app by its first code, signs in, and shows the recovery codes.
#[utoipa::path(
    post,
    path = "/signin/enrol/totp/confirm",
    tag = "Sign-in pages",
    request_body(content = FactorForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the recovery codes", body = String, content_type = "text/html"),
        (status = 303, description = "To the first step, if it is not done"),
        PageAnswers
    )
)]
pub(crate) async fn confirm_app_at_sign_in(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let (visit, pending) = (&form.visit, pending.as_ref());
    let Some(token) = PageCookie::Factor.read(&app, &visit.headers) else {
        return Ok(over(&app, pending));
    };
    let Ok(code) = form.value("code").parse::<TotpCode>() else {
        return wrong_code(&app, visit, &token, pending).await;
    };
    let given = GivenFactor::Totp(code);
    let origin = &visit.origin;
    let finished = app.flows.authenticate_second_factor(&token, &given, origin);
    match finished.await {
        Ok(finished) => show_codes(&app, visit, finished, pending).await,
        Err(SecondFactorError::Factor(FactorError::Wrong)) => {
            wrong_code(&app, visit, &token, pending).await
        }
        Err(error) => refused(&app, pending, error),
    }
}

/// Adds a passkey, signs in, and shows the recovery codes.
#[utoipa::path(
    post,
    path = "/signin/enrol/passkey",
    tag = "Sign-in pages",
    request_body(content = EnrolPasskeyForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the recovery codes", body = String, content_type = "text/html"),
        (status = 303, description = "To the first step, if it is not done"),
        PageAnswers
    )
)]
pub(crate) async fn add_passkey_at_sign_in(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let (visit, pending) = (&form.visit, pending.as_ref());
    let Some(token) = PageCookie::Factor.read(&app, &visit.headers) else {
        return Ok(over(&app, pending));
    };
    let problem = Some(visit.words().passkey_not_added);
    let Ok(credential) = AttestationResponse::read(form.value("credential")) else {
        return show_choice(&app, visit, pending, problem).await;
    };
    let new = PasskeyToAdd {
        challenge_id: form.secret("challenge_id"),
        credential,
        name: None,
    };
    let enrolled = app
        .flows
        .enrol_passkey_at_sign_in(&token, &new, &visit.origin);
    match enrolled.await {
        Ok(finished) => show_codes(&app, visit, finished, pending).await,
        Err(SecondFactorError::Factor(FactorError::Passkey(_) | FactorError::Problem(_))) => {
            show_choice(&app, visit, pending, problem).await
        }
        Err(error) => refused(&app, pending, error),
    }
}

/// Leads back to the first step, if the sign-in can no longer be finished.
fn refused(app: &App, pending: Option<&Pending>, error: SecondFactorError) -> ApiResult<Response> {
    match error {
        SecondFactorError::Over
        | SecondFactorError::Factor(FactorError::Wrong | FactorError::Problem(_)) => {
            Ok(over(app, pending))
        }
        error => Err(error.into()),
    }
}

fn over(app: &App, pending: Option<&Pending>) -> Response {
    let request = pending.map(|pending| pending.token.expose());
    with_cookie(to_page("/signin", request), PageCookie::Factor.clear(app))
}

/// Shows the factors that can be set up.
async fn show_choice(
    app: &App,
    visit: &Visit,
    pending: Option<&Pending>,
    problem: Option<&str>,
) -> ApiResult<Response> {
    let Some(token) = PageCookie::Factor.read(app, &visit.headers) else {
        return Ok(over(app, pending));
    };
    let creation = match app.flows.ask_new_passkey_at_sign_in(&token).await {
        Ok(creation) if app.settings.has_passkeys_on_pages() => {
            serde_json::to_string(&PasskeyCreationView::from(creation)).ok()
        }
        Ok(_) => None,
        Err(error) => return refused(app, pending, error),
    };
    Ok(show_form(app, visit, |secret| {
        choice(visit, secret, (pending, problem), creation.as_deref()).refused_for(problem)
    }))
}

fn choice(
    visit: &Visit,
    secret: &SecretText,
    (pending, problem): (Option<&Pending>, Option<&str>),
    creation: Option<&str>,
) -> FormPage {
    let words = visit.words();
    let mut content = lead(visit, pending)
        .problem(problem)
        .paragraph("quiet", words.enrol_lead)
        .raw("<form method=\"post\" action=\"/signin/enrol/totp\">\n")
        .add(&hidden_fields(secret, pending))
        .button(words.enrol_app)
        .raw("</form>\n");
    if let Some(creation) = creation {
        content = content
            .script_needed(words)
            .raw("<form method=\"post\" action=\"/signin/enrol/passkey\" data-passkey=\"create\" data-request=\"")
            .text(creation)
            .raw("\" hidden>\n")
            .add(&hidden_fields(secret, pending))
            .passkey_fields()
            .second_button(words.passkey_add)
            .end_passkey_form();
    }
    FormPage {
        scripts: creation.is_some(),
        ..FormPage::new(words.enrol, content, pending)
    }
}

/// The answer to a wrong code: the same secret again, so that the app need not scan another one.
async fn wrong_code(
    app: &App,
    visit: &Visit,
    token: &SecretText,
    pending: Option<&Pending>,
) -> ApiResult<Response> {
    match app.flows.repeat_totp_offer_at_sign_in(token).await {
        Ok(offer) => {
            let problem = Some(visit.words().wrong_code);
            show_offer(app, visit, (pending, problem), &offer)
        }
        Err(error) => refused(app, pending, error),
    }
}

fn show_offer(
    app: &App,
    visit: &Visit,
    (pending, problem): (Option<&Pending>, Option<&str>),
    offer: &TotpOffer,
) -> ApiResult<Response> {
    let words = visit.words();
    let shown = Markup::new().problem(problem).totp_offer(offer, words)?;
    Ok(show_form(app, visit, |secret| {
        let content = shown
            .raw("<form method=\"post\" action=\"/signin/enrol/totp/confirm\">\n")
            .add(&hidden_fields(secret, pending))
            .app_code(words);
        FormPage::new(words.totp_set_up, content, pending).refused_for(problem)
    }))
}

/// Shows the recovery codes, with the way on.
async fn show_codes(
    app: &App,
    visit: &Visit,
    finished: SecondFactorSignIn,
    pending: Option<&Pending>,
) -> ApiResult<Response> {
    let words = visit.words();
    let codes = finished.recovery_codes.unwrap_or_default();
    let content = Markup::new().recovery_codes(&codes, words);
    let content = link(content, next_path(pending), words.confirm, pending);
    let page = FormPage::new(words.recovery_codes, content, pending);
    let response = show_form(app, visit, |_| page);
    let response = keep_with(app, visit, finished.authenticated, response).await?;
    Ok(with_cookie(response, PageCookie::Factor.clear(app)))
}
