//! Passkey forms of pages, which a script fills in. Without scripts they stay hidden.

use signet_core::secret::SecretText;
use signet_flows::authorize::Pending;

use super::form_page::FormPage;
use super::markup::Markup;
use super::page_form::{Visit, hidden_fields};
use super::words::Words;
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
        .passkey_fields()
        .second_button(visit.words().passkey)
        .end_passkey_form();
    FormPage {
        content: page.content.add(&form),
        scripts: true,
        ..page
    }
}

impl Markup {
    /// Adds the fields that the script fills in.
    pub(super) fn passkey_fields(self) -> Self {
        self.hidden("challenge_id", "").hidden("credential", "")
    }

    /// Says that a new passkey needs our script.
    pub(super) fn script_needed(self, words: &Words) -> Self {
        self.raw("<noscript><p class=\"quiet\">")
            .text(words.passkey_needs_script)
            .raw("</p></noscript>\n")
    }

    /// Ends a form that the script fills in.
    pub(super) fn end_passkey_form(self) -> Self {
        self.raw("</form>\n<script type=\"module\" src=\"/signin/passkey.js\"></script>\n")
    }
}
