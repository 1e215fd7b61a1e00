//! `/console/clients`: the clients, and disabling or enabling one.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::client::{Client, ClientStatus};
use signet_core::names::{ClientId, Scope};
use signet_core::secret::SecretText;
use signet_flows::clients::{self, ManageError};

use super::described::OperatorClientForm;
use super::frame::{form, show};
use super::place::Place;
use super::refused::{administers, changer, incomplete, reader};
use super::visitor::{Signed, SignedForm};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;
use crate::pages::markup::Markup;

/// Shows clients.
#[utoipa::path(
    get,
    path = "/console/clients",
    tag = "Operator page",
    params(("after" = Option<String>, Query, description = "The last client of the page before")),
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        PageAnswers
    )
)]
pub(crate) async fn operator_clients(
    State(app): State<App>,
    signed: Signed,
) -> ApiResult<Response> {
    if let Err(page) = reader(&app, &signed, AdminAccess::Read(AdminArea::Clients)) {
        return Ok(*page);
    }
    let after = signed.visitor.parameter("after");
    let after = after.and_then(|text| text.parse::<ClientId>().ok());
    let found = app.flows.stores.clients.list(after.as_ref(), PAGE).await?;
    let may_change = signed.operator.admitted(CHANGE).is_some();
    Ok(show(&app, &signed, "Clients", |secret| {
        page(&found, may_change.then_some(secret))
    }))
}

/// Disables or enables a client.
#[utoipa::path(
    post,
    path = "/console/clients",
    tag = "Operator page",
    request_body(content = OperatorClientForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Back to the clients, or to the proof that is missing"),
        (status = 404, description = "There is no such client", body = String, content_type = "text/html"),
        (status = 409, description = "Another administrator changed the client at the same moment", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn operator_switches_client(
    State(app): State<App>,
    form: SignedForm,
) -> ApiResult<Response> {
    let status = match form.value("action") {
        "disable" => ClientStatus::Disabled,
        "enable" => ClientStatus::Active,
        _ => return Ok(incomplete(&app)),
    };
    let Ok(id) = form.value("client").parse::<ClientId>() else {
        return Ok(incomplete(&app));
    };
    let administrator = match changer(&app, &form.sender, (CHANGE, Place::Clients)).await? {
        Ok(administrator) => administrator,
        Err(answer) => return Ok(answer),
    };
    let caller = administrator.caller(&form.sender.visitor.origin);
    let clock = app.flows.clock.as_ref();
    match clients::set_status(&app.flows.stores, &id, status, clock, caller).await {
        Ok(_) => Ok(Place::Clients.go()),
        Err(ManageError::Administers) => Ok(administers(&app)),
        Err(error) => Err(error.into()),
    }
}

fn page(found: &[Client], secret: Option<&SecretText>) -> Markup {
    let mut content = Markup::new().raw("<ul class=\"items\">\n");
    for client in found {
        content = content.add(&item(client, secret));
    }
    let content = content.raw("</ul>\n");
    match found.last() {
        None => content.paragraph("quiet", "No client is registered."),
        Some(last) if found.len() == PAGE as usize => content
            .raw("<p>")
            .link_to("/console/clients?after=", last.id.as_str(), "Next")
            .raw("</p>\n"),
        Some(_) => content,
    }
}

fn item(client: &Client, secret: Option<&SecretText>) -> Markup {
    let id = client.id.as_str();
    let name = client.name.as_ref().map_or(id, DisplayName::as_str);
    let grants = client.permissions.grants.iter();
    let grants: Vec<_> = grants.map(|grant| grant.as_str()).collect();
    let scopes = client.permissions.scopes.iter().map(Scope::as_str);
    let scopes: Vec<_> = scopes.collect();
    let (status, action, text) = match client.status {
        ClientStatus::Active => ("active", "disable", "Disable"),
        ClientStatus::Disabled => ("disabled", "enable", "Enable"),
    };
    let item = Markup::new()
        .raw("<li>\n<p><strong>")
        .text(name)
        .raw("</strong></p>\n")
        .labelled("Id", id)
        .labelled("Status", status)
        .labelled("Grants", &grants.join(", "))
        .labelled("Scopes", &scopes.join(", "))
        .dated("Registered: ", client.created_at);
    let Some(secret) = secret else {
        return item.raw("</li>\n");
    };
    item.add(&form(secret, "/console/clients"))
        .hidden("client", id)
        .hidden("action", action)
        .button_about(text, name)
        .raw("</form>\n</li>\n")
}

const CHANGE: AdminAccess = AdminAccess::Change(AdminArea::Clients);
/// How many clients a page shows.
const PAGE: u32 = 50;
