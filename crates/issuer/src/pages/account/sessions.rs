//! `/account/sessions`: where the person is signed in, and ending it there.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_core::ids::SessionId;
use signet_core::names::{BROWSER_CLIENT, ClientId, OPERATOR_CLIENT};
use signet_core::secret::SecretText;
use signet_core::session::Session;
use signet_flows::own_account::OwnAccountError;

use super::described::{EndSessionForm, OwnAccountForm};
use super::device_name::device_name;
use super::frame::{form, show};
use super::owner::{Owner, OwnerForm};
use super::refused::refused_here;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other};
use crate::pages::markup::Markup;

/// Shows where the person is signed in.
#[utoipa::path(
    get,
    path = "/account/sessions",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in page, without a sign-in"),
        PageAnswers
    )
)]
pub(crate) async fn sessions_page(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    let sessions = match app.flows.own_sessions(owner.bearer()).await {
        Ok(sessions) => sessions,
        Err(error) => return refused_here(&app, error),
    };
    let names = client_names(&app, &owner, &sessions).await?;
    Ok(show(&app, &owner, owner.words().sessions, |secret| {
        content(&owner, secret, &sessions, &names)
    }))
}

/// Ends a session of the person, and those that clients got from it.
#[utoipa::path(
    post,
    path = "/account/sessions/end",
    tag = "Account pages",
    request_body(content = EndSessionForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the sessions"), PageAnswers)
)]
pub(crate) async fn end_session(State(app): State<App>, form: OwnerForm) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    let Ok(id) = form.value("session").parse::<SessionId>() else {
        return Ok(see_other("/account/sessions"));
    };
    match app.flows.end_own_session(owner.bearer(), id, origin).await {
        // Ended meanwhile, which is what the person wants.
        Ok(()) | Err(OwnAccountError::NoSuchSession) => {
            Ok(see_other("/account/sessions?done=ended"))
        }
        Err(error) => refused_here(&app, error),
    }
}

/// Ends every session of the person except this browser sign-in.
#[utoipa::path(
    post,
    path = "/account/sessions/end-others",
    tag = "Account pages",
    request_body(content = OwnAccountForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Back to the sessions"), PageAnswers)
)]
pub(crate) async fn end_other_sessions(
    State(app): State<App>,
    form: OwnerForm,
) -> ApiResult<Response> {
    let (owner, origin) = (&form.owner, &form.owner.visit.origin);
    match app.flows.log_out_others(owner.bearer(), origin).await {
        Ok(()) => Ok(see_other("/account/sessions?done=ended")),
        Err(error) => refused_here(&app, error),
    }
}

type Names = BTreeMap<String, String>;

/// The names of the clients of sessions, for people.
async fn client_names(app: &App, owner: &Owner, sessions: &[Session]) -> ApiResult<Names> {
    let built_in = ClientId::built_in();
    let mut names = Names::from([
        (
            BROWSER_CLIENT.to_owned(),
            owner.words().browser_sign_in.to_owned(),
        ),
        (
            OPERATOR_CLIENT.to_owned(),
            owner.words().operator_sign_in.to_owned(),
        ),
        (built_in.to_string(), app.settings.pages.name.clone()),
    ]);
    for session in sessions {
        let id = &session.grant.client_id;
        if !names.contains_key(id.as_str()) {
            let client = app.flows.find_client(id).await?;
            let name = client.and_then(|client| client.name.clone());
            let name = name.as_ref().map_or(id.as_str(), DisplayName::as_str);
            names.insert(id.to_string(), name.to_owned());
        }
    }
    Ok(names)
}

fn content(owner: &Owner, secret: &SecretText, sessions: &[Session], names: &Names) -> Markup {
    let words = owner.words();
    let mut content = Markup::new()
        .paragraph("lead", words.sessions_lead)
        .raw("<ul class=\"items\">\n");
    for session in sessions {
        let id = session.grant.client_id.as_str();
        let name = names.get(id).map_or(id, String::as_str);
        content = content.add(&item(owner, secret, session, name));
    }
    let content = content.raw("</ul>\n");
    if sessions.len() < 2 {
        return content;
    }
    content
        .add(&form(owner, secret, "/account/sessions/end-others"))
        .button(words.end_others)
        .raw("</form>\n")
}

fn item(owner: &Owner, secret: &SecretText, session: &Session, name: &str) -> Markup {
    let words = owner.words();
    let from = &session.refreshed_from;
    let address = from.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let seen = [device_name(&from.user_agent), address];
    let seen: Vec<_> = seen.into_iter().filter(|text| !text.is_empty()).collect();
    let seen = seen.join(", ");
    let item = Markup::new()
        .raw("<li>\n<p><strong>")
        .text(name)
        .raw("</strong></p>\n")
        .paragraph("quiet", &seen)
        .dated(words.last_used_on, session.rotation.rotated_at)
        .dated(words.signed_in_on, session.lifetime.created_at);
    if session.id == owner.bearer().session_id() {
        return item.paragraph("here", words.this_browser).raw("</li>\n");
    }
    item.add(&form(owner, secret, "/account/sessions/end"))
        .hidden("session", &session.id.to_string())
        .button_about(words.end, &format!("{name}, {seen}"))
        .raw("</form>\n</li>\n")
}
