//! `/account/totp` and `/account/recovery-codes`: the authenticator app. Secrets are shown once, in
//! the answer to the form that makes them.

use axum::extract::State;
use axum::response::Response;
use signet_core::authenticators::AuthenticatorSet;
use signet_core::second_factor::{RecoveryCode, TotpCode};
use signet_core::secret::SecretText;
use signet_flows::own_account::OwnAccountError;
use signet_flows::second_factor::{FactorError, TotpOffer};
use signet_flows::step_up::Proof;

use super::described::{CodeForm, OwnAccountForm};
use super::frame::{form, show, show_again};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::{proof_missing, refused};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::markup::Markup;

/// Shows whether an authenticator app is set up.
#[utoipa::path(
    get,
    path = "/account/totp",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or to the sign-in page"),
        PageAnswers
    )
)]
pub(crate) async fn totp_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    if let Some(response) = proof_missing(&app, &owner, Place::Totp).await? {
        return Ok(response);
    }
    let authenticators = match app.flows.own_authenticators(owner.bearer()).await {
        Ok(authenticators) => authenticators,
        Err(error) => return refused(&app, Place::Totp, error),
    };
    Ok(show(&app, &owner, owner.words().totp, |secret| {
        state(&owner, secret, &authenticators)
    }))
}

/// Begins to set up an authenticator app, and shows its secret.
#[utoipa::path(
    post,
    path = "/account/totp",
    tag = "Account pages",
    request_body(content = OwnAccountForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the secret and a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or back"),
        PageAnswers
    )
)]
pub(crate) async fn set_up_totp(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let offered = app
        .flows
        .begin_own_totp(owner.bearer(), Proof::default(), origin);
    let offer = match offered.await {
        Ok(offer) => offer,
        Err(error) => return refused(&app, Place::Totp, error),
    };
    show_offer(&app, owner, &offer, None)
}

/// Confirms an authenticator app by a code of it, and shows the recovery codes.
#[utoipa::path(
    post,
    path = "/account/totp/confirm",
    tag = "Account pages",
    request_body(content = CodeForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the recovery codes", body = String, content_type = "text/html"),
        (status = 303, description = "Back, if nothing waits for a code"),
        PageAnswers
    )
)]
pub(crate) async fn finish_totp(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let Ok(code) = form.value("code").parse::<TotpCode>() else {
        return wrong_code(&app, owner).await;
    };
    match app
        .flows
        .confirm_own_totp(owner.bearer(), &code, origin)
        .await
    {
        Ok(codes) => Ok(show_codes(&app, owner, &codes)),
        Err(OwnAccountError::Factor(FactorError::Wrong)) => wrong_code(&app, owner).await,
        Err(error) => refused(&app, Place::Totp, error),
    }
}

/// Removes the authenticator app.
#[utoipa::path(
    post,
    path = "/account/totp/remove",
    tag = "Account pages",
    request_body(content = OwnAccountForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the overview, or to the page that asks for a proof"), PageAnswers)
)]
pub(crate) async fn drop_totp(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let removed = app
        .flows
        .remove_own_totp(owner.bearer(), Proof::default(), origin);
    match removed.await {
        Ok(()) => Ok(see_other("/account?done=saved")),
        Err(error) => refused(&app, Place::Totp, error),
    }
}

/// Replaces the recovery codes and shows the new ones.
#[utoipa::path(
    post,
    path = "/account/recovery-codes",
    tag = "Account pages",
    request_body(content = OwnAccountForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page with the recovery codes", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or back"),
        PageAnswers
    )
)]
pub(crate) async fn renew_recovery_codes(
    State(app): State<App>,
    form: OwnerForm,
) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let bearer = owner.bearer();
    let replaced = app
        .flows
        .replace_own_recovery_codes(bearer, Proof::default(), origin);
    match replaced.await {
        Ok(codes) => Ok(show_codes(&app, owner, &codes)),
        Err(error) => refused(&app, Place::Totp, error),
    }
}

fn state(owner: &Owner, secret: &SecretText, authenticators: &AuthenticatorSet) -> Markup {
    let words = owner.words();
    let has_app = authenticators.second_factors().totp;
    let mut content = if has_app {
        Markup::new()
            .paragraph("lead", words.totp_is_on)
            .add(&form(owner, secret, "/account/totp/remove"))
            .second_button(words.totp_remove)
            .raw("</form>\n")
    } else {
        Markup::new()
            .paragraph("lead", words.totp_lead)
            .add(&begin_form(owner, secret, words.totp_begin))
    };
    if authenticators.needs_second_factor() {
        content = content
            .raw("<h2>")
            .text(owner.visit.words().recovery_codes)
            .raw("</h2>\n<p class=\"quiet\">")
            .text(words.recovery_codes_left)
            .text(&authenticators.recovery_codes.len().to_string())
            .raw("</p>\n")
            .add(&form(owner, secret, "/account/recovery-codes"))
            .second_button(words.recovery_codes_renew)
            .raw("</form>\n");
    }
    content
}

fn begin_form(owner: &Owner, secret: &SecretText, text: &str) -> Markup {
    form(owner, secret, "/account/totp")
        .second_button(text)
        .raw("</form>\n")
}

fn confirm_form(owner: &Owner, secret: &SecretText) -> Markup {
    form(owner, secret, "/account/totp/confirm").app_code(owner.visit.words())
}

/// The page with the secret of an app, and the form for its first code.
fn show_offer(
    app: &App,
    owner: &Owner,
    offer: &TotpOffer,
    problem: Option<&str>,
) -> ApiResult<Response> {
    let words = owner.visit.words();
    let shown = Markup::new().problem(problem).totp_offer(offer, words)?;
    let content = |secret: &SecretText| {
        let again = begin_form(owner, secret, owner.words().totp_again);
        let form = shown.add(&confirm_form(owner, secret));
        if problem.is_some() {
            form.add(&again)
        } else {
            form
        }
    };
    Ok(match problem {
        None => show(app, owner, words.totp_set_up, content),
        Some(_) => show_again(app, owner, words.totp_set_up, content),
    })
}

/// The answer to a wrong code: the same secret again, so that the app need not scan another one.
async fn wrong_code(app: &App, owner: &Owner) -> ApiResult<Response> {
    let (bearer, origin) = (owner.bearer(), &owner.visit.origin);
    match app.flows.repeat_own_totp_offer(bearer, origin).await {
        Ok(offer) => show_offer(app, owner, &offer, Some(owner.visit.words().wrong_code)),
        Err(error) => refused(app, Place::Totp, error),
    }
}

fn show_codes(app: &App, owner: &Owner, codes: &[RecoveryCode]) -> Response {
    let words = owner.visit.words();
    show(app, owner, words.recovery_codes, |_| {
        Markup::new().recovery_codes(codes, words)
    })
}
