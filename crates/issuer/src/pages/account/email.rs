//! `/account/email`: another address. It changes when the link that is mailed there is used.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::Email;
use signet_core::secret::SecretText;
use signet_flows::step_up::Proof;

use super::described::EmailForm;
use super::frame::{form, show, show_again};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::{proof_missing, refused};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::markup::{Field, Markup};

/// Asks for another address.
#[utoipa::path(
    get,
    path = "/account/email",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or to the sign-in page"),
        PageAnswers
    )
)]
pub(crate) async fn email_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    if let Some(response) = proof_missing(&app, &owner, Place::Email).await? {
        return Ok(response);
    }
    Ok(show(&app, &owner, owner.words().email, |secret| {
        content(&owner, secret, "")
    }))
}

/// Mails a link to the new address.
#[utoipa::path(
    post,
    path = "/account/email",
    tag = "Account pages",
    request_body(content = EmailForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the overview, or to the page that asks for a proof"), PageAnswers)
)]
pub(crate) async fn change_email(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let owner = &form.owner;
    let typed = form.value("email");
    let Ok(email) = typed.parse::<Email>() else {
        let problem = Some(owner.visit.words().bad_email);
        return Ok(show_again(&app, owner, owner.words().email, |secret| {
            Markup::new()
                .problem(problem)
                .add(&content(owner, secret, typed))
        }));
    };
    let asked = (email, Proof::default());
    let (bearer, origin) = (owner.bearer(), &owner.visit.origin);
    match app.flows.request_email_change(bearer, asked, origin).await {
        Ok(()) => Ok(see_other("/account?done=mailed")),
        Err(error) => refused(&app, Place::Email, error),
    }
}

fn content(owner: &Owner, secret: &SecretText, typed: &str) -> Markup {
    let words = owner.words();
    let field = Field {
        name: "email",
        attributes: "type=\"email\" autocomplete=\"email\" maxlength=\"254\" required",
        value: typed,
    };
    Markup::new()
        .paragraph("lead", words.email_lead)
        .add(&form(owner, secret, "/account/email"))
        .field(words.new_email, &field)
        .button(words.send_link)
        .raw("</form>\n")
}
