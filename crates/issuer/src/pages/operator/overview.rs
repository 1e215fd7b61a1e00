//! `GET /console`: who is signed in, and the health of the server.

use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::frame::show;
use super::visitor::Signed;
use crate::app::App;
use crate::health::{self, Watched};
use crate::pages::answer::PageAnswers;
use crate::pages::markup::Markup;

/// Shows the health of the server.
#[utoipa::path(
    get,
    path = "/console",
    tag = "Operator page",
    responses(
        (status = 200, description = "A page with links", body = String, content_type = "text/html"),
        (status = 303, description = "To the sign-in, without one"),
        PageAnswers
    )
)]
pub(crate) async fn operator_overview(
    State(app): State<App>,
    watched: Option<Extension<Watched>>,
    signed: Signed,
) -> Response {
    let watched = watched.map(|Extension(watched)| watched);
    let checks = health::checks(&app, watched.as_ref()).await;
    let account = signed.operator.browser().account();
    show(&app, &signed, "Overview", |_| {
        let mut content = Markup::new()
            .labelled("Signed in as", account.email.as_str())
            .labelled("Server", app.settings.public_url.as_str())
            .labelled("Version", env!("CARGO_PKG_VERSION"))
            .raw("<h2>Health</h2>\n<ul class=\"sections\">\n");
        for (name, check) in &checks {
            content = content
                .raw("<li><span>")
                .text(&name.replace('_', " "))
                .raw("</span> <span class=\"quiet\">")
                .text(&check.to_string())
                .raw("</span></li>\n");
        }
        content.raw("</ul>\n")
    })
}
