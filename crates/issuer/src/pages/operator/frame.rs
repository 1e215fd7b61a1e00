//! What the operator pages share: the frame with its links, and forms.

use axum::http::StatusCode;
use axum::response::Response;
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::secret::SecretText;
use signet_flows::mail::Language;
use signet_flows::operator::Operator;

use super::visitor::{Signed, Visitor};
use crate::app::App;
use crate::pages::answer::with_cookie;
use crate::pages::cookies::PageCookie;
use crate::pages::frame::Page;
use crate::pages::markup::Markup;
use crate::rfc3339;

/// Shows a page to an operator, with links to the others.
pub(super) fn show(
    app: &App,
    signed: &Signed,
    title: &str,
    content: impl FnOnce(&SecretText) -> Markup,
) -> Response {
    show_to(app, &signed.visitor, (title, None), |secret| {
        Markup::new()
            .add(&links(&signed.operator, title))
            .add(&content(secret))
            .add(&form(secret, "/console/sign-out"))
            .second_button("Sign out")
            .raw("</form>\n")
    })
}

/// Shows a page with a form, as the answer to a refused form if there is a problem. If the browser
/// has no secret for forms, it gets one.
pub(super) fn show_to(
    app: &App,
    visitor: &Visitor,
    (title, problem): (&str, Option<&str>),
    content: impl FnOnce(&SecretText) -> Markup,
) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::BAD_REQUEST,
    };
    let (secret, is_new) = visitor.form_secret(app);
    let response = Page {
        status,
        language: Language::English,
        title,
        content: content(&secret),
        leads_to: None,
        scripts: false,
        logo: None,
    }
    .render(app);
    if is_new {
        let cookie = PageCookie::OperatorForm.set(app, secret.expose(), None);
        return with_cookie(response, cookie);
    }
    response
}

/// Begins a form.
pub(super) fn form(secret: &SecretText, action: &'static str) -> Markup {
    Markup::new()
        .raw("<form method=\"post\" action=\"")
        .raw(action)
        .raw("\">\n")
        .hidden("form", secret.expose())
}

/// The pages that the roles of the operator open. The page with the title `shown` is marked.
fn links(operator: &Operator, shown: &str) -> Markup {
    let mut list = Markup::new().raw("<nav aria-label=\"Operator pages\">\n<ul class=\"links\">\n");
    for (path, title, area) in PAGES {
        if area.is_none_or(|area| operator.admitted(AdminAccess::Read(area)).is_some()) {
            list = list
                .raw("<li><a href=\"")
                .raw(path)
                .raw(if title == shown {
                    "\" aria-current=\"page\">"
                } else {
                    "\">"
                })
                .raw(title)
                .raw("</a></li>\n");
        }
    }
    list.raw("</ul>\n</nav>\n")
}

const PAGES: [(&str, &str, Option<AdminArea>); 5] = [
    ("/console", "Overview", None),
    ("/console/accounts", "Accounts", Some(AdminArea::Accounts)),
    ("/console/clients", "Clients", Some(AdminArea::Clients)),
    ("/console/keys", "Keys", Some(AdminArea::Keys)),
    ("/console/events", "Events", Some(AdminArea::Events)),
];

/// What a page shows where a value is missing.
pub(super) const NOTHING: &str = "\u{2013}";

impl Markup {
    /// Adds a line of a list with a label.
    pub(super) fn labelled(self, label: &'static str, value: &str) -> Self {
        self.raw("<p><span class=\"quiet\">")
            .raw(label)
            .raw(":</span> ")
            .text(value)
            .raw("</p>\n")
    }

    /// Adds a line of a list with a label and a time in UTC that was written as RFC 3339. Events of
    /// the same minute are told apart by their seconds. Another text is shown as it is.
    pub(super) fn labelled_time(self, label: &'static str, written: &str) -> Self {
        match written.get(..19) {
            Some(seconds) if rfc3339::parse(written).is_ok() => {
                let shown = format!("{} UTC", seconds.replace('T', " "));
                self.labelled(label, &shown)
            }
            _ => self.labelled(label, written),
        }
    }

    /// Adds a link whose address ends with a value of our own form.
    pub(super) fn link_to(self, path: &'static str, value: &str, text: &str) -> Self {
        self.raw("<a href=\"")
            .raw(path)
            .text(value)
            .raw("\">")
            .text(text)
            .raw("</a>")
    }
}
