//! `/account/applications`: what the person has allowed clients, and withdrawing it.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_core::names::{Audience, ClientId};
use signet_core::secret::SecretText;
use signet_flows::own_account::{GivenConsent, OwnAccountError};

use super::described::WithdrawForm;
use super::frame::{form, show};
use super::owner::{Owner, OwnerForm};
use super::refused::refused_here;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::consent::{note, scope_text};
use crate::pages::markup::Markup;

/// Shows what the person has allowed clients.
#[utoipa::path(
    get,
    path = "/account/applications",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in page, without a sign-in"),
        PageAnswers
    )
)]
pub(crate) async fn applications_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    let consents = match app.flows.own_consents(owner.bearer()).await {
        Ok(consents) => consents,
        Err(error) => return refused_here(&app, error),
    };
    Ok(show(&app, &owner, owner.words().applications, |secret| {
        content(&owner, secret, &consents)
    }))
}

/// Withdraws what the person has allowed a client, and ends its sessions.
#[utoipa::path(
    post,
    path = "/account/applications/withdraw",
    tag = "Account pages",
    request_body(content = WithdrawForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the applications"), PageAnswers)
)]
pub(crate) async fn withdraw_application(
    State(app): State<App>,
    form: OwnerForm,
) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let Ok(client_id) = form.value("client_id").parse::<ClientId>() else {
        return Ok(see_other("/account/applications"));
    };
    let withdrawn = app
        .flows
        .withdraw_own_consent(owner.bearer(), &client_id, origin);
    match withdrawn.await {
        // Withdrawn meanwhile, which is what the person wants.
        Ok(()) | Err(OwnAccountError::NoSuchConsent) => {
            Ok(see_other("/account/applications?done=saved"))
        }
        Err(error) => refused_here(&app, error),
    }
}

fn content(owner: &Owner, secret: &SecretText, consents: &[GivenConsent]) -> Markup {
    let words = owner.words();
    if consents.is_empty() {
        return Markup::new().paragraph("lead", words.no_applications);
    }
    let mut list = Markup::new()
        .paragraph("lead", words.applications_lead)
        .raw("<ul class=\"items\">\n");
    for given in consents {
        list = list.add(&item(owner, secret, given));
    }
    list.raw("</ul>\n")
}

fn item(owner: &Owner, secret: &SecretText, given: &GivenConsent) -> Markup {
    let (words, shared) = (owner.words(), owner.visit.words());
    let name = given.client_name.as_ref().map(DisplayName::as_str);
    let name = name.unwrap_or(given.client_id.as_str());
    let mut item = Markup::new()
        .raw("<li>\n<p><strong>")
        .text(name)
        .raw("</strong></p>\n");
    for grant in given.consent.grants() {
        item = item.raw("<ul>\n");
        for scope in &grant.scope {
            let text = scope_text(scope, shared);
            item = item.raw("<li>").text(text).raw("</li>\n");
        }
        let services: Vec<_> = grant.audience.iter().map(Audience::as_str).collect();
        let services = services.join(", ");
        item = note(item.raw("</ul>\n"), shared.consent_services, &services)
            .dated(words.allowed_on, grant.given_at);
    }
    item.add(&form(owner, secret, "/account/applications/withdraw"))
        .hidden("client_id", given.client_id.as_str())
        .button_about(words.withdraw, name)
        .raw("</form>\n</li>\n")
}
