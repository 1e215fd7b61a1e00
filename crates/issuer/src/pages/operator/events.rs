//! `GET /console/events`: the audit trail in the database, the newest events first, or the events of
//! an account in their order.

use axum::extract::State;
use axum::response::Response;
use serde_json::Value;
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::ids::AccountId;
use signet_flows::ListEventsError;
use signet_store::{AuditFilter, AuditRow};

use super::frame::{NOTHING, show};
use super::refused::reader;
use super::visitor::Signed;
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::PageAnswers;
use crate::pages::markup::Markup;

/// Shows events.
#[utoipa::path(
    get,
    path = "/console/events",
    tag = "Operator page",
    params(
        ("account" = Option<String>, Query, description = "Only events about this account"),
        ("after" = Option<String>, Query, description = "The last number of the page before, with an account"),
        ("before" = Option<String>, Query, description = "The last number of the page before, without one"),
    ),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        PageAnswers
    )
)]
pub(crate) async fn operator_events(State(app): State<App>, signed: Signed) -> ApiResult<Response> {
    let administrator = match reader(&app, &signed, AdminAccess::Read(AdminArea::Events)) {
        Ok(administrator) => administrator,
        Err(page) => return Ok(*page),
    };
    let number = |name| {
        signed
            .visitor
            .parameter(name)
            .and_then(|text| text.parse().ok())
    };
    let account = signed.visitor.parameter("account");
    let account = account.and_then(|text| text.parse::<AccountId>().ok());
    let caller = administrator.caller(&signed.visitor.origin);
    let found = match account {
        None => {
            app.flows
                .newest_events(number("before"), PAGE, caller)
                .await
        }
        Some(id) => {
            let filter = AuditFilter {
                kind: None,
                account: Some(id.to_string()),
            };
            let after = number("after").unwrap_or(0);
            app.flows.list_events(&filter, after, PAGE, caller).await
        }
    };
    match found {
        Ok(found) => Ok(show(&app, &signed, "Events", |_| page(&found, account))),
        Err(ListEventsError::NoTable) => {
            let empty = |_: &_| Markup::new().paragraph("quiet", NO_TABLE);
            Ok(show(&app, &signed, "Events", empty))
        }
        Err(error) => Err(error.into()),
    }
}

fn page(found: &[AuditRow], account: Option<AccountId>) -> Markup {
    let mut content = Markup::new().raw("<ul class=\"items\">\n");
    for row in found {
        content = content.add(&item(row));
    }
    let content = content.raw("</ul>\n");
    let Some(last) = found.last() else {
        return content.paragraph("quiet", "There are no events yet.");
    };
    if found.len() < PAGE as usize {
        return content;
    }
    let number = last.seq.to_string();
    let content = content.raw("<p>");
    let linked = match account {
        None => content.link_to("/console/events?before=", &number, "Older events"),
        Some(id) => {
            let value = format!("{id}&after={number}");
            content.link_to("/console/events?account=", &value, "Later events")
        }
    };
    linked.raw("</p>\n")
}

fn item(row: &AuditRow) -> Markup {
    // A damaged line is shown as it is.
    let event: Value = serde_json::from_str(&row.line).unwrap_or_default();
    let text = |pointer: &str| {
        let value = event.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or(NOTHING).to_owned()
    };
    let actor = [text("/actor/kind"), text("/actor/id")].join(" ");
    let item = Markup::new()
        .raw("<li>\n<p><strong>")
        .text(&row.kind)
        .raw("</strong> <span class=\"quiet\">")
        .text(&row.seq.to_string())
        .raw("</span></p>\n")
        .labelled_time("Time", &text("/time"))
        .labelled("By", &actor)
        .labelled("From", &text("/address"))
        .labelled("Outcome", &text("/outcome"));
    let item = match &row.account {
        None => item,
        Some(id) => item
            .raw("<p>")
            .link_to("/console/account?id=", id, "Account")
            .raw("</p>\n"),
    };
    item.raw("</li>\n")
}

const NO_TABLE: &str = "No events are shown, because the database does not keep the audit trail. To \
                        keep it there, set audit.table (SIGNET_AUDIT_TABLE).";
/// How many events a page shows.
const PAGE: u32 = 50;
