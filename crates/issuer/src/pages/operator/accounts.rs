//! `GET /console/accounts`: the accounts, all or those that a search finds.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use signet_core::account::{Account, Email};
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_store::AccountFilter;

use super::frame::show;
use super::refused::{reader, says};
use super::visitor::{Signed, Visitor};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;
use crate::pages::markup::{Field, Markup};

/// Shows accounts.
#[utoipa::path(
    get,
    path = "/console/accounts",
    tag = "Operator page",
    params(
        ("email" = Option<String>, Query, description = "Only the account with this address"),
        ("role" = Option<String>, Query, description = "Only accounts with this role"),
        ("after" = Option<String>, Query, description = "The last account of the page before"),
    ),
    responses(
        (status = 200, description = "A page with links", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        PageAnswers
    )
)]
pub(crate) async fn operator_accounts(
    State(app): State<App>,
    signed: Signed,
) -> ApiResult<Response> {
    let administrator = match reader(&app, &signed, AdminAccess::Read(AdminArea::Accounts)) {
        Ok(administrator) => administrator,
        Err(page) => return Ok(*page),
    };
    let Some(search) = Search::of(&signed.visitor) else {
        let text = "Search for a whole email address or the name of a role.";
        return Ok(says(&app, StatusCode::BAD_REQUEST, text));
    };
    let caller = administrator.caller(&signed.visitor.origin);
    let found = app
        .flows
        .list_accounts(&search.filter, search.after, PAGE, caller)
        .await?;
    Ok(show(&app, &signed, "Accounts", |_| search.page(&found)))
}

/// What an operator looks for.
struct Search {
    filter: AccountFilter,
    after: Option<AccountId>,
}

impl Search {
    /// `None` if a value is invalid.
    fn of(visitor: &Visitor) -> Option<Self> {
        let email = visitor.parameter("email");
        let role = visitor.parameter("role");
        let after = visitor.parameter("after");
        Some(Self {
            filter: AccountFilter {
                email: email.map(|text| text.parse()).transpose().ok()?,
                role: role.map(|text| text.parse()).transpose().ok()?,
                status: None,
            },
            after: after.map(|text| text.parse()).transpose().ok()?,
        })
    }

    fn page(&self, found: &[Account]) -> Markup {
        let email = self.filter.email.as_ref().map_or("", Email::as_str);
        let role = self.filter.role.as_ref().map_or("", Role::as_str);
        let mut content = Markup::new()
            .raw("<form method=\"get\" action=\"/console/accounts\" role=\"search\">\n")
            .field("Email address", &searched("email", email))
            .field("Role", &searched("role", role))
            .second_button("Search")
            .raw("</form>\n<ul class=\"items\">\n");
        for account in found {
            content = content.add(&item(account));
        }
        let content = content.raw("</ul>\n");
        match found.last() {
            None => content.paragraph("quiet", "No account matches."),
            Some(last) if found.len() == PAGE as usize => content
                .raw("<p><a href=\"/console/accounts?after=")
                .text(&last.id.to_string())
                .raw("&amp;role=")
                .text(role)
                .raw("\">Next</a></p>\n"),
            Some(_) => content,
        }
    }
}

fn searched<'a>(name: &'static str, value: &'a str) -> Field<'a> {
    Field {
        name,
        attributes: "type=\"search\" autocomplete=\"off\" spellcheck=\"false\" maxlength=\"254\"",
        value,
    }
}

fn item(account: &Account) -> Markup {
    let roles: Vec<_> = account.roles.iter().map(Role::as_str).collect();
    let status = account.standing.status.as_str();
    let about = match roles.as_slice() {
        [] => status.to_owned(),
        roles => format!("{status} \u{b7} {}", roles.join(", ")),
    };
    Markup::new()
        .raw("<li>\n<p>")
        .link_to(
            "/console/account?id=",
            &account.id.to_string(),
            account.email.as_str(),
        )
        .raw("</p>\n")
        .paragraph("quiet", &about)
        .raw("</li>\n")
}

/// How many accounts a page shows.
const PAGE: u32 = 50;
