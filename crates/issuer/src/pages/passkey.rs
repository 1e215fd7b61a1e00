//! `POST /signin/passkey` and `GET /signin/passkey.js`: signing in with a passkey, on a page.

use axum::extract::State;
use axum::response::Response;
use signet_core::webauthn::AssertionResponse;
use signet_flows::authorize::Pending;
use signet_flows::passkeys::PasskeyAnswer;
use signet_flows::second_factor::FactorError;

use super::answer::{PageAnswers, with_cookie};
use super::cookies::PageCookie;
use super::described::PasskeyForm;
use super::form_page::show_form;
use super::page_form::PageForm;
use super::password::{Typed, keep, password_page};
use crate::app::App;
use crate::cached::built_in;
use crate::error::ApiResult;

/// Signs in with a passkey. It also finishes a sign-in that waits for its second factor.
#[utoipa::path(
    post,
    path = "/signin/passkey",
    tag = "Sign-in pages",
    request_body(content = PasskeyForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To what comes next"), PageAnswers)
)]
pub(crate) async fn sign_in_by_passkey(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let Ok(credential) = AssertionResponse::read(form.value("credential")) else {
        return Ok(refuse(&app, &form, pending.as_ref()));
    };
    let answer = PasskeyAnswer {
        challenge_id: form.secret("challenge_id"),
        credential,
    };
    let checked = app.flows.authenticate_passkey(&answer, &form.visit.origin);
    match checked.await {
        Ok(authenticated) => {
            let kept = keep(&app, &form.visit, authenticated, pending.as_ref());
            Ok(with_cookie(kept.await?, PageCookie::Factor.clear(&app)))
        }
        Err(FactorError::Passkey(_)) => Ok(refuse(&app, &form, pending.as_ref())),
        Err(error) => Err(error.into()),
    }
}

/// Returns the script of the passkey button.
#[utoipa::path(
    get,
    path = "/signin/passkey.js",
    tag = "Sign-in pages",
    responses(
        (status = 200, description = "The script", body = String, content_type = "text/javascript"),
        PageAnswers
    )
)]
pub(crate) async fn passkey_script() -> Response {
    built_in("text/javascript; charset=utf-8", SCRIPT)
}

fn refuse(app: &App, form: &PageForm, pending: Option<&Pending>) -> Response {
    let typed = Typed {
        email: "",
        problem: Some(form.visit.words().passkey_refused),
        work: None,
    };
    show_form(app, &form.visit, |secret| {
        password_page(app, &form.visit, secret, (pending, typed)).refused()
    })
}

const SCRIPT: &str = include_str!("passkey.js");
