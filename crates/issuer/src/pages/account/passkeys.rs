//! `/account/passkeys`: adding, naming and removing passkeys. Adding one needs our script.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_core::authenticators::Passkey;
use signet_core::secret::SecretText;
use signet_core::webauthn::{AttestationResponse, PasskeyId};
use signet_flows::own_account::OwnAccountError;
use signet_flows::passkeys::PasskeyToAdd;
use signet_flows::second_factor::FactorError;
use signet_flows::step_up::Proof;

use super::described::{NamePasskeyForm, NewPasskeyForm, RemovePasskeyForm};
use super::frame::{form, form_fields, page};
use super::owner::{Owner, OwnerForm};
use super::place::Place;
use super::refused::{proof_missing, refused};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::form_page::{FormPage, show_form};
use crate::pages::markup::{Field, Markup};
use crate::passkey_options::PasskeyCreationView;

/// Shows the passkeys of the account.
#[utoipa::path(
    get,
    path = "/account/passkeys",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the page that asks for a proof, or to the sign-in page"),
        PageAnswers
    )
)]
pub(crate) async fn passkeys_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    if let Some(response) = proof_missing(&app, &owner, Place::Passkeys).await? {
        return Ok(response);
    }
    match listed(&app, &owner).await {
        Ok(listed) => Ok(show_form(&app, &owner.visit, |secret| {
            listed.page(&owner, secret, None)
        })),
        Err(error) => refused(&app, Place::Passkeys, error),
    }
}

/// Adds a passkey.
#[utoipa::path(
    post,
    path = "/account/passkeys",
    tag = "Account pages",
    request_body(content = NewPasskeyForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the passkeys"), PageAnswers)
)]
pub(crate) async fn make_passkey(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let Ok(credential) = AttestationResponse::read(form.value("credential")) else {
        return refuse(&app, owner, owner.visit.words().passkey_not_added).await;
    };
    let Ok(name) = passkey_name(&form) else {
        return refuse(&app, owner, owner.visit.words().bad_name).await;
    };
    let new = PasskeyToAdd {
        challenge_id: form.secret("challenge_id"),
        credential,
        name,
    };
    match app.flows.add_own_passkey(owner.bearer(), new, origin).await {
        Ok(_) => Ok(see_other("/account/passkeys?done=saved")),
        Err(OwnAccountError::Factor(FactorError::Passkey(_) | FactorError::Problem(_))) => {
            refuse(&app, owner, owner.visit.words().passkey_not_added).await
        }
        Err(error) => refused(&app, Place::Passkeys, error),
    }
}

/// Renames a passkey; an empty name removes its name.
#[utoipa::path(
    post,
    path = "/account/passkeys/rename",
    tag = "Account pages",
    request_body(content = NamePasskeyForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the passkeys"), PageAnswers)
)]
pub(crate) async fn name_passkey(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let owner = &form.owner;
    let Ok(id) = form.value("passkey").parse::<PasskeyId>() else {
        return Ok(Place::Passkeys.go());
    };
    let Ok(name) = passkey_name(&form) else {
        return refuse(&app, owner, owner.visit.words().bad_name).await;
    };
    match app
        .flows
        .rename_own_passkey(owner.bearer(), &id, name)
        .await
    {
        Ok(_) => Ok(see_other("/account/passkeys?done=saved")),
        Err(error) => refused(&app, Place::Passkeys, error),
    }
}

/// Removes a passkey.
#[utoipa::path(
    post,
    path = "/account/passkeys/remove",
    tag = "Account pages",
    request_body(content = RemovePasskeyForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the passkeys, or to the page that asks for a proof"), PageAnswers)
)]
pub(crate) async fn drop_passkey(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let Ok(id) = form.value("passkey").parse::<PasskeyId>() else {
        return Ok(Place::Passkeys.go());
    };
    let removed = app
        .flows
        .remove_own_passkey(owner.bearer(), &id, Proof::default(), origin);
    match removed.await {
        Ok(()) => Ok(see_other("/account/passkeys?done=saved")),
        Err(error) => refused(&app, Place::Passkeys, error),
    }
}

fn passkey_name(form: &OwnerForm) -> Result<Option<DisplayName>, ()> {
    match form.value("name") {
        "" => Ok(None),
        name => name.parse().map(Some).map_err(|_| ()),
    }
}

/// The passkeys, and the request for another one if this page can make one.
struct Listed {
    passkeys: Vec<Passkey>,
    /// In JSON.
    creation: Option<String>,
}

async fn listed(app: &App, owner: &Owner) -> Result<Listed, OwnAccountError> {
    let (bearer, origin) = (owner.bearer(), &owner.visit.origin);
    let passkeys = app.flows.own_passkeys(bearer).await?;
    let creation = if app.settings.has_passkeys_on_pages() {
        let begun = app
            .flows
            .begin_own_passkey(bearer, Proof::default(), origin);
        match begun.await {
            Ok(creation) => serde_json::to_string(&PasskeyCreationView::from(creation)).ok(),
            // The account has as many as it may have.
            Err(OwnAccountError::Factor(FactorError::Problem(_))) => None,
            Err(error) => return Err(error),
        }
    } else {
        None
    };
    Ok(Listed { passkeys, creation })
}

async fn refuse(app: &App, owner: &Owner, problem: &'static str) -> ApiResult<Response> {
    match listed(app, owner).await {
        Ok(listed) => Ok(show_form(app, &owner.visit, |secret| {
            listed.page(owner, secret, Some(problem)).refused()
        })),
        Err(error) => refused(app, Place::Passkeys, error),
    }
}

impl Listed {
    fn page(&self, owner: &Owner, secret: &SecretText, problem: Option<&str>) -> FormPage {
        let words = owner.words();
        let mut content = Markup::new()
            .problem(problem)
            .paragraph("lead", words.passkeys_lead);
        if !self.passkeys.is_empty() {
            content = content.raw("<ul class=\"items\">\n");
            for (number, passkey) in (1..).zip(&self.passkeys) {
                content = content.add(&item(owner, secret, (number, passkey)));
            }
            content = content.raw("</ul>\n");
        }
        if let Some(creation) = &self.creation {
            content = content.add(&add_form(owner, secret, creation));
        }
        FormPage {
            scripts: self.creation.is_some(),
            ..page(owner, words.passkeys, &content)
        }
    }
}

fn item(owner: &Owner, secret: &SecretText, (number, passkey): (u32, &Passkey)) -> Markup {
    let words = owner.words();
    let id = PasskeyId::new(passkey.credential_id.clone()).to_string();
    let name = passkey.name.as_ref().map(DisplayName::as_str);
    let shown = name.map_or_else(|| format!("Passkey {number}"), str::to_owned);
    let mut item = Markup::new()
        .raw("<li>\n<p><strong>")
        .text(&shown)
        .raw("</strong></p>\n")
        .dated(words.added_on, passkey.created_at);
    if let Some(last_used_at) = passkey.last_used_at {
        item = item.dated(words.last_used_on, last_used_at);
    }
    item.add(&form(owner, secret, "/account/passkeys/rename"))
        .hidden("passkey", &id)
        .raw("<label>")
        .text(owner.visit.words().name)
        .raw("\n<input name=\"name\" maxlength=\"100\" autocomplete=\"off\" value=\"")
        .text(name.unwrap_or_default())
        .raw("\"></label>\n")
        .button_about(words.rename, &shown)
        .raw("</form>\n")
        .add(&form(owner, secret, "/account/passkeys/remove"))
        .hidden("passkey", &id)
        .button_about(words.remove, &shown)
        .raw("</form>\n</li>\n")
}

fn add_form(owner: &Owner, secret: &SecretText, creation: &str) -> Markup {
    let words = owner.words();
    let name = Field {
        name: "name",
        attributes: "maxlength=\"100\" autocomplete=\"off\"",
        value: "",
    };
    Markup::new()
        .script_needed(owner.visit.words())
        .raw("<form method=\"post\" action=\"/account/passkeys\" data-passkey=\"create\" data-request=\"")
        .text(creation)
        .raw("\" hidden>\n")
        .add(&form_fields(owner, secret))
        .passkey_fields()
        .field(words.passkey_name, &name)
        .button(owner.visit.words().passkey_add)
        .end_passkey_form()
}
