//! `/account/delete`: the account goes away.

use axum::extract::State;
use axum::response::Response;
use signet_core::secret::SecretText;
use signet_flows::step_up::Proof;

use super::described::DeleteForm;
use super::frame::{form, show, show_again};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::{proof_missing, refused};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, with_cookie};
use crate::pages::cookies::PageCookie;
use crate::pages::frame::Page;
use crate::pages::markup::Markup;

/// Asks whether the account is to be deleted.
#[utoipa::path(
    get,
    path = "/account/delete",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or to the sign-in page"),
        PageAnswers
    )
)]
pub(crate) async fn deletion_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    if let Some(response) = proof_missing(&app, &owner, Place::Delete).await? {
        return Ok(response);
    }
    Ok(show(&app, &owner, owner.words().delete, |secret| {
        content(&owner, secret)
    }))
}

/// Deletes the account.
#[utoipa::path(
    post,
    path = "/account/delete",
    tag = "Account pages",
    request_body(content = DeleteForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page that says so", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof"),
        PageAnswers
    )
)]
pub(crate) async fn erase_account(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let owner = &form.owner;
    let words = owner.words();
    if form.value("sure") != "yes" {
        return Ok(show_again(&app, owner, words.delete, |secret| {
            content(owner, secret)
        }));
    }
    let (bearer, origin) = (owner.browser.ending_bearer(), &owner.visit.origin);
    let deleted = app.flows.delete_account(bearer, Proof::default(), origin);
    if let Err(error) = deleted.await {
        return refused(&app, Place::Delete, error);
    }
    let text = owner.visit.words().signed_out_lead;
    let page = Page::saying(owner.visit.language(), words.deleted, text);
    Ok(with_cookie(
        page.render(&app),
        PageCookie::SignIn.clear(&app),
    ))
}

fn content(owner: &Owner, secret: &SecretText) -> Markup {
    let words = owner.words();
    Markup::new()
        .paragraph("lead", words.delete_lead)
        .add(&form(owner, secret, "/account/delete"))
        .raw("<label class=\"check\"><input type=\"checkbox\" name=\"sure\" value=\"yes\" required> ")
        .text(words.delete_sure)
        .raw("</label>\n")
        .raw("<button class=\"danger\" type=\"submit\">")
        .text(words.delete)
        .raw("</button>\n</form>\n")
}
