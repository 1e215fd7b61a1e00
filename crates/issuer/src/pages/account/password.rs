//! `/account/password`: another password. Every other session ends.

use axum::extract::State;
use axum::response::Response;
use signet_core::password::Password;
use signet_core::secret::SecretText;
use signet_flows::own_account::{OwnAccountError, PasswordChange};
use signet_flows::step_up::Proof;

use super::described::NewPasswordForm;
use super::frame::{form, show, show_again};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::{proof_missing, refused};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::markup::{Field, Markup};

/// Asks for another password.
#[utoipa::path(
    get,
    path = "/account/password",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or to the sign-in page"),
        PageAnswers
    )
)]
pub(crate) async fn new_password_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    if let Some(response) = proof_missing(&app, &owner, Place::Password).await? {
        return Ok(response);
    }
    Ok(show(&app, &owner, owner.words().password, |secret| {
        content(&owner, secret)
    }))
}

/// Changes the password and ends every other session.
#[utoipa::path(
    post,
    path = "/account/password",
    tag = "Account pages",
    request_body(content = NewPasswordForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the overview, or to the page that asks for a proof"), PageAnswers)
)]
pub(crate) async fn set_new_password(
    State(app): State<App>,
    form: OwnerForm,
) -> ApiResult<Response> {
    let owner = &form.owner;
    let refuse = || {
        let problem = Some(owner.visit.words().bad_password);
        show_again(&app, owner, owner.words().password, |secret| {
            Markup::new().problem(problem).add(&content(owner, secret))
        })
    };
    let Ok(new) = Password::typed(&form.secret("new_password")) else {
        return Ok(refuse());
    };
    let change = PasswordChange {
        proof: Proof::default(),
        new,
    };
    let (bearer, origin) = (owner.browser.ending_bearer(), &owner.visit.origin);
    match app.flows.change_password(bearer, change, origin).await {
        Ok(()) => Ok(see_other("/account?done=saved")),
        Err(OwnAccountError::NewPassword(_)) => Ok(refuse()),
        Err(error) => refused(&app, Place::Password, error),
    }
}

fn content(owner: &Owner, secret: &SecretText) -> Markup {
    let field = Field {
        name: "new_password",
        attributes: "type=\"password\" autocomplete=\"new-password\" minlength=\"8\" \
                     maxlength=\"1024\" required",
        value: "",
    };
    Markup::new()
        .paragraph("lead", owner.words().password_lead)
        .add(&form(owner, secret, "/account/password"))
        .field(owner.visit.words().new_password, &field)
        .button(owner.words().save)
        .raw("</form>\n")
}
