//! `GET /console/account`: an account, what it signs in with, and its sessions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::{Account, AccountStatus, DisplayName};
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::authenticators::AuthenticatorSet;
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_core::secret::SecretText;
use signet_core::session::Session;

use super::frame::{NOTHING, form, show};
use super::refused::{reader, says};
use super::visitor::Signed;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::account::device_name;
use crate::pages::answer::PageAnswers;
use crate::pages::markup::Markup;

/// Shows an account.
#[utoipa::path(
    get,
    path = "/console/account",
    tag = "Operator page",
    params(("id" = Option<String>, Query, description = "The account")),
    responses(
        (status = 200, description = "A page with forms", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        (status = 404, description = "There is no such account", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn operator_account(
    State(app): State<App>,
    signed: Signed,
) -> ApiResult<Response> {
    let administrator = match reader(&app, &signed, AdminAccess::Read(AdminArea::Accounts)) {
        Ok(administrator) => administrator,
        Err(page) => return Ok(*page),
    };
    let id = signed.visitor.parameter("id").unwrap_or_default();
    let Ok(id) = id.parse::<AccountId>() else {
        let text = "This is not the id of an account.";
        return Ok(says(&app, StatusCode::BAD_REQUEST, text));
    };
    let caller = administrator.caller(&signed.visitor.origin);
    let shown = Shown {
        account: app.flows.read_account(id, caller).await?,
        authenticators: app.flows.find_authenticators(id).await?,
        sessions: app.flows.read_account_sessions(id, caller).await?,
    };
    let changes = AdminAccess::Change(AdminArea::Accounts);
    let may_change = signed.operator.admitted(changes).is_some();
    Ok(show(
        &app,
        &signed,
        shown.account.email.as_str(),
        |secret| {
            let secret = may_change.then_some(secret);
            shown
                .about()
                .add(&shown.actions(secret))
                .add(&shown.list(secret))
        },
    ))
}

/// The words of a list, or that there are none.
fn listed(words: &[&str]) -> String {
    match words {
        [] => NOTHING.to_owned(),
        words => words.join(", "),
    }
}

struct Shown {
    account: Account,
    authenticators: AuthenticatorSet,
    sessions: Vec<Session>,
}

impl Shown {
    fn about(&self) -> Markup {
        let (account, factors) = (&self.account, &self.authenticators);
        let name = account.name.as_ref().map_or(NOTHING, DisplayName::as_str);
        let roles: Vec<_> = account.roles.iter().map(Role::as_str).collect();
        let verified = match account.email_verified_at {
            Some(_) => "verified",
            None => "not verified",
        };
        let ways = [
            (factors.has_password, "password"),
            (factors.second_factors().totp, "authenticator app"),
            (!factors.passkeys.is_empty(), "passkey"),
        ];
        let ways = ways.into_iter().filter(|(has, _)| *has);
        let ways: Vec<_> = ways.map(|(_, way)| way).collect();
        let about = Markup::new()
            .labelled("Id", &account.id.to_string())
            .labelled("Name", name)
            .labelled("Status", account.standing.status.as_str())
            .labelled("Address", verified)
            .labelled("Roles", &listed(&roles))
            .labelled("Signs in with", &listed(&ways))
            .dated("Added: ", account.created_at)
            .raw("<p>");
        let events = "/console/events?account=";
        about
            .link_to(events, &account.id.to_string(), "Events of this account")
            .raw("</p>\n")
    }

    /// The changes; nothing without the secret of a form.
    fn actions(&self, secret: Option<&SecretText>) -> Markup {
        let Some(secret) = secret else {
            return Markup::new();
        };
        let status = match self.account.standing.status {
            AccountStatus::Active | AccountStatus::Invited => ("disable", "Disable the account"),
            AccountStatus::Disabled => ("enable", "Enable the account"),
        };
        let end = ("end-sessions", "End all sessions");
        let lift = ("lift-lockout", "Lift the lockout after wrong passwords");
        let mut content = Markup::new();
        for (action, text) in [status, end, lift] {
            content = content
                .add(&form(secret, "/console/account/change"))
                .hidden("account", &self.account.id.to_string())
                .hidden("action", action)
                .second_button(text)
                .raw("</form>\n");
        }
        content
    }

    fn list(&self, secret: Option<&SecretText>) -> Markup {
        let mut content = Markup::new().raw("<h2>Sessions</h2>\n");
        if self.sessions.is_empty() {
            return content.paragraph("quiet", "None.");
        }
        content = content.raw("<ul class=\"items\">\n");
        for session in &self.sessions {
            content = content.add(&self.item(session, secret));
        }
        content.raw("</ul>\n")
    }

    fn item(&self, session: &Session, secret: Option<&SecretText>) -> Markup {
        let from = &session.refreshed_from;
        let address = from.ip.map(|ip| ip.to_string()).unwrap_or_default();
        let seen = [device_name(&from.user_agent), address];
        let seen: Vec<_> = seen.into_iter().filter(|text| !text.is_empty()).collect();
        let seen = seen.join(", ");
        let client = session.grant.client_id.as_str();
        let item = Markup::new()
            .raw("<li>\n<p><strong>")
            .text(client)
            .raw("</strong></p>\n")
            .paragraph("quiet", &seen)
            .dated("Last used: ", session.rotation.rotated_at)
            .dated("Began: ", session.lifetime.created_at);
        let Some(secret) = secret else {
            return item.raw("</li>\n");
        };
        item.add(&form(secret, "/console/account/end-session"))
            .hidden("account", &self.account.id.to_string())
            .hidden("session", &session.id.to_string())
            .button_about("End", &format!("{client}, {seen}"))
            .raw("</form>\n</li>\n")
    }
}
