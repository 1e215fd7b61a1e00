//! `/account/profile`: the name of the account.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_core::secret::SecretText;
use signet_flows::accounts::NameChange;

use super::described::NameForm;
use super::frame::{form, show, show_again};
use super::owner::{Owner, OwnerForm};
use super::refused::refused_here;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::markup::{Field, Markup};

/// Asks for another name.
#[utoipa::path(
    get,
    path = "/account/profile",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in page, without a sign-in"),
        PageAnswers
    )
)]
pub(crate) async fn profile_page(State(app): State<App>, owner: Owner) -> Response {
    let name = owner.browser.account().name.as_ref();
    let name = name.map(DisplayName::as_str).unwrap_or_default();
    show(&app, &owner, owner.words().name, |secret| {
        content(&owner, secret, name)
    })
}

/// Changes the name; an empty one removes it.
#[utoipa::path(
    post,
    path = "/account/profile",
    tag = "Account pages",
    request_body(content = NameForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the overview"), PageAnswers)
)]
pub(crate) async fn change_profile(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let owner = &form.owner;
    let typed = form.value("name");
    let Some(change) = change_to(typed) else {
        let problem = Some(owner.visit.words().bad_name);
        return Ok(show_again(&app, owner, owner.words().name, |secret| {
            Markup::new()
                .problem(problem)
                .add(&content(owner, secret, typed))
        }));
    };
    let renamed = app
        .flows
        .rename(owner.bearer(), &change, &owner.visit.origin);
    match renamed.await {
        Ok(_) => Ok(see_other("/account?done=saved")),
        Err(error) => refused_here(&app, error),
    }
}

/// What an input means; `None` if it is no name.
fn change_to(typed: &str) -> Option<NameChange> {
    if typed.is_empty() {
        return Some(NameChange::Remove);
    }
    typed.parse().ok().map(NameChange::Set)
}

fn content(owner: &Owner, secret: &SecretText, name: &str) -> Markup {
    let field = Field {
        name: "name",
        attributes: "autocomplete=\"name\" maxlength=\"100\"",
        value: name,
    };
    form(owner, secret, "/account/profile")
        .field(owner.visit.words().name, &field)
        .button(owner.words().save)
        .raw("</form>\n")
}
