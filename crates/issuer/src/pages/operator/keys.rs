//! `GET /console/keys`: every key, its state and its next event. `signet keys` changes keys: the right
//! to sign is the keys folder, and no request reaches it.

use axum::extract::State;
use axum::response::Response;
use signet_core::admin::{AdminAccess, AdminArea};

use super::frame::show;
use super::refused::reader;
use super::visitor::Signed;
use crate::app::App;
use crate::key_listing::Listing;
use crate::pages::answer::PageAnswers;
use crate::pages::markup::Markup;

/// Shows the keys.
#[utoipa::path(
    get,
    path = "/console/keys",
    tag = "Operator page",
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        PageAnswers
    )
)]
pub(crate) async fn operator_keys(State(app): State<App>, signed: Signed) -> Response {
    if let Err(page) = reader(&app, &signed, AdminAccess::Read(AdminArea::Keys)) {
        return *page;
    }
    let keys = app.flows.keys();
    let listing = Listing::of(&keys.ring, app.flows.clock.now());
    show(&app, &signed, "Keys", |_| {
        let mut content = Markup::new().raw(LEAD).problem(listing.warning());
        for (title, rows) in listing.kinds() {
            content = content
                .raw("<h2>")
                .raw(title)
                .raw("</h2>\n<ul class=\"items\">\n");
            for row in rows {
                content = content
                    .raw("<li>\n<p><code>")
                    .text(&row.name())
                    .raw("</code></p>\n")
                    .labelled("State", row.state())
                    .labelled("Next", &row.next_event())
                    .dated("Since: ", row.since())
                    .raw("</li>\n");
            }
            content = content.raw("</ul>\n");
        }
        content
    })
}

const LEAD: &str = "<p class=\"lead\">Change keys on the server, with <code>signet keys rotate</code>, \
                    <code>signet keys retire</code> and <code>signet keys revoke</code>.</p>\n";
