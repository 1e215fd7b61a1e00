//! `/signin/factor`: the second step of a sign-in, on a page.

use axum::extract::State;
use axum::response::Response;
use signet_core::password::Password;
use signet_core::second_factor::{RecoveryCode, TotpCode};
use signet_core::secret::SecretText;
use signet_flows::authenticate::SecondFactorError;
use signet_flows::authorize::Pending;
use signet_flows::second_factor::{FactorError, GivenFactor};
use signet_flows::step_up::Proof;

use super::answer::{PageAnswers, to_page, with_cookie};
use super::cookies::PageCookie;
use super::described::FactorForm;
use super::form_page::{FormPage, show_form};
use super::markup::Field;
use super::page_form::{PageForm, Visit, hidden_fields};
use super::passkey_form::with_passkey;
use super::password::{keep, lead};
use crate::app::App;
use crate::error::{ApiResult, Code};

/// Asks for a second factor.
#[utoipa::path(
    get,
    path = "/signin/factor",
    tag = "Sign-in pages",
    params(("request" = Option<String>, Query, description = "The request of a client that waits here")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the first step, if it is not done"),
        PageAnswers
    )
)]
pub(crate) async fn factor_page(State(app): State<App>, mut visit: Visit) -> ApiResult<Response> {
    let pending = visit.pending(&app).await?;
    if PageCookie::Factor.read(&app, &visit.headers).is_none() {
        return Ok(to_page("/signin", visit.request.as_deref()));
    }
    Ok(show_form(&app, &visit, |secret| {
        form_page(&app, &visit, secret, (pending.as_ref(), None))
    }))
}

/// Finishes a sign-in with a second factor.
#[utoipa::path(
    post,
    path = "/signin/factor",
    tag = "Sign-in pages",
    request_body(content = FactorForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To what comes next"), PageAnswers)
)]
pub(crate) async fn sign_in_by_factor(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let request = pending.as_ref().map(|pending| pending.token.expose());
    let Some(token) = PageCookie::Factor.read(&app, &form.visit.headers) else {
        return Ok(to_page("/signin", request));
    };
    let refuse = || {
        show_form(&app, &form.visit, |secret| {
            let problem = Some(form.visit.words().wrong_code);
            form_page(&app, &form.visit, secret, (pending.as_ref(), problem)).refused()
        })
    };
    let Some(given) = given(form.value("code")) else {
        return Ok(refuse());
    };
    let origin = &form.visit.origin;
    let finished = app.flows.authenticate_second_factor(&token, &given, origin);
    let response = match finished.await {
        Ok(finished) => {
            let authenticated = finished.authenticated;
            match keep(&app, &form.visit, authenticated, pending.as_ref()).await {
                // Another request has finished the sign-in meanwhile.
                Err(error) if error.code() == Code::ChallengeFailed => to_page("/signin", request),
                kept => kept?,
            }
        }
        Err(SecondFactorError::Factor(FactorError::Wrong)) => return Ok(refuse()),
        Err(SecondFactorError::Over) => to_page("/signin", request),
        Err(error) => return Err(error.into()),
    };
    Ok(with_cookie(response, PageCookie::Factor.clear(&app)))
}

/// A code of the app, or a recovery code.
pub(super) fn given(text: &str) -> Option<GivenFactor> {
    let text = text.trim();
    let code = text.parse::<TotpCode>().map(GivenFactor::Totp);
    let other = || RecoveryCode::read(text).map(GivenFactor::RecoveryCode);
    code.ok().or_else(|| other().ok())
}

/// The proof that a person types: a code, or the password.
pub(super) fn typed_proof(code: &str, password: &SecretText) -> Option<Proof> {
    if !code.is_empty() {
        let factor = Some(given(code)?);
        return Some(Proof {
            password: None,
            factor,
        });
    }
    let password = Password::typed(password).ok()?;
    Some(Proof {
        password: Some(password),
        factor: None,
    })
}

fn form_page(
    app: &App,
    visit: &Visit,
    secret: &SecretText,
    (pending, problem): (Option<&Pending>, Option<&str>),
) -> FormPage {
    let words = visit.words();
    let content = lead(visit, pending)
        .paragraph("quiet", words.factor_lead)
        .problem(problem)
        .raw("<form method=\"post\" action=\"/signin/factor\">\n")
        .add(&hidden_fields(secret, pending))
        .field(words.code, &Field::ANY_CODE)
        .button(words.confirm)
        .raw("</form>\n");
    let page = FormPage::new(words.factor, content, pending);
    with_passkey(app, visit, secret, (page, pending))
}
