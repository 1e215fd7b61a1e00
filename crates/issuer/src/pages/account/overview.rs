//! `GET /account`: who is signed in, and what can be changed.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::DisplayName;
use signet_flows::own_account::OwnData;

use super::frame::status;
use super::owner::Owner;
use super::refused::refused_here;
use super::words::Words;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;
use crate::pages::form_page::{FormPage, show_form};
use crate::pages::markup::Markup;
use crate::pages::page_form::hidden_fields;

/// Shows the account of the person who is signed in at the browser.
#[utoipa::path(
    get,
    path = "/account",
    tag = "Account pages",
    responses(
        (status = 200, description = "A page with links", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in page, without a sign-in"),
        PageAnswers
    )
)]
pub(crate) async fn account_overview(State(app): State<App>, owner: Owner) -> ApiResult<Response> {
    let data = match app.flows.own_data(owner.bearer()).await {
        Ok(data) => data,
        Err(error) => return refused_here(&app, error),
    };
    let shared = owner.visit.words();
    Ok(show_form(&app, &owner.visit, |secret| {
        let content = status(&owner)
            .raw("<p class=\"lead\">")
            .text(shared.signed_in_as)
            .text(owner.email())
            .raw("</p>\n")
            .add(&sections(&app, owner.words(), &data))
            .raw("<form method=\"post\" action=\"/oauth/logout\">\n")
            .add(&hidden_fields(secret, None))
            .second_button(shared.sign_out)
            .raw("</form>\n");
        FormPage::new(shared.your_account, content, None)
    }))
}

fn sections(app: &App, words: &Words, data: &OwnData) -> Markup {
    let account = &data.account;
    let name = account.name.as_ref().map(DisplayName::as_str);
    let totp = if data.authenticators.second_factors().totp {
        words.on
    } else {
        words.off
    };
    let passkeys = data.authenticators.passkeys.len().to_string();
    let sessions = data.sessions.len().to_string();
    let consents = data.consents.len().to_string();
    let mut list = Markup::new().raw("<ul class=\"sections\">\n");
    list = section(
        list,
        "/account/profile",
        words.name,
        name.unwrap_or("\u{2013}"),
    );
    if app.flows.sends_mail() {
        list = section(list, "/account/email", words.email, account.email.as_str());
    }
    list = section(list, "/account/password", words.password, "");
    list = section(list, "/account/totp", words.totp, totp);
    list = section(list, "/account/passkeys", words.passkeys, &passkeys);
    list = section(list, "/account/sessions", words.sessions, &sessions);
    list = section(list, "/account/applications", words.applications, &consents);
    list = section(list, "/account/download", words.download, "");
    section(list, "/account/delete", words.delete, "").raw("</ul>\n")
}

fn section(list: Markup, path: &'static str, title: &str, state: &str) -> Markup {
    list.raw("<li><a href=\"")
        .raw(path)
        .raw("\">")
        .text(title)
        .raw("</a> <span class=\"quiet\">")
        .text(state)
        .raw("</span></li>\n")
}
