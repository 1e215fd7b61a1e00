//! The passkey button of a page: a form that a script fills in. Without scripts it stays hidden.

use signet_core::secret::SecretText;
use signet_flows::authorize::Pending;

use super::form_page::FormPage;
use super::markup::Markup;
use super::page_form::{Visit, hidden_fields};
use crate::app::App;

/// Adds the button to a page, if pages of the public URL can use passkeys.
pub(super) fn with_passkey(
    app: &App,
    visit: &Visit,
    secret: &SecretText,
    (page, pending): (FormPage, Option<&Pending>),
) -> FormPage {
    if !app.settings.has_passkeys_on_pages() {
        return page;
    }
    let form = Markup::new()
        .raw("<form method=\"post\" action=\"/signin/passkey\" data-passkey hidden>\n")
        .add(&hidden_fields(secret, pending))
        .hidden("challenge_id", "")
        .hidden("credential", "")
        .raw("<button type=\"submit\" class=\"second\">")
        .text(visit.words().passkey)
        .raw("</button>\n</form>\n")
        .raw("<script type=\"module\" src=\"/signin/passkey.js\"></script>\n");
    FormPage {
        content: page.content.add(&form),
        scripts: true,
        ..page
    }
}
