//! What the pages of the account share: forms, times, and the way back.

use axum::response::Response;
use signet_core::secret::SecretText;
use signet_verifier::Timestamp;

use super::owner::{Done, Owner};
use crate::app::App;
use crate::pages::form_page::{FormPage, show_form};
use crate::pages::markup::Markup;
use crate::pages::page_form::hidden_fields;
use crate::rfc3339::Rfc3339;

/// Shows a page of the account with the way back to the overview.
pub(super) fn show(
    app: &App,
    owner: &Owner,
    title: &'static str,
    content: impl FnOnce(&SecretText) -> Markup,
) -> Response {
    show_form(app, &owner.visit, |secret| {
        page(owner, title, &content(secret))
    })
}

/// The same as the answer to a form that was refused.
pub(super) fn show_again(
    app: &App,
    owner: &Owner,
    title: &'static str,
    content: impl FnOnce(&SecretText) -> Markup,
) -> Response {
    show_form(app, &owner.visit, |secret| {
        page(owner, title, &content(secret)).refused()
    })
}

/// A page of the account with the way back to the overview.
pub(super) fn page(owner: &Owner, title: &'static str, content: &Markup) -> FormPage {
    let content = status(owner)
        .add(content)
        .raw("<p><a href=\"/account\">")
        .text(owner.words().back)
        .raw("</a></p>\n");
    FormPage::new(title, content, None)
}

/// Says what a form has just done, so that screen readers say it.
pub(super) fn status(owner: &Owner) -> Markup {
    let words = owner.words();
    let text = match owner.done {
        None => return Markup::new(),
        Some(Done::Saved) => words.done_saved,
        Some(Done::Mailed) => words.done_mailed,
        Some(Done::Ended) => words.done_ended,
    };
    Markup::new()
        .raw("<p class=\"done\" role=\"status\">")
        .text(text)
        .raw("</p>\n")
}

/// Begins a form, with the fields that every form of the account repeats.
pub(super) fn form(owner: &Owner, secret: &SecretText, action: &'static str) -> Markup {
    Markup::new()
        .raw("<form method=\"post\" action=\"")
        .raw(action)
        .raw("\">\n")
        .add(&form_fields(owner, secret))
}

/// The fields that every form of the account repeats.
pub(super) fn form_fields(owner: &Owner, secret: &SecretText) -> Markup {
    let account = owner.browser.account().id.to_string();
    hidden_fields(secret, None).hidden("account", &account)
}

impl Markup {
    /// Adds a button that says in full what it does to people who cannot see what is beside it.
    pub(super) fn button_about(self, text: &str, about: &str) -> Self {
        self.raw("<button class=\"second\" type=\"submit\" aria-label=\"")
            .text(text)
            .raw(": ")
            .text(about)
            .raw("\">")
            .text(text)
            .raw("</button>\n")
    }

    /// Adds a time.
    pub(super) fn time(self, time: Timestamp) -> Self {
        let time = Rfc3339(time).to_string();
        let minutes = time.get(..16).unwrap_or(&time).replace('T', " ");
        self.raw("<time datetime=\"")
            .text(&time)
            .raw("\">")
            .text(&minutes)
            .raw(" UTC</time>")
    }

    /// Adds a paragraph with a label and a time.
    pub(super) fn dated(self, label: &str, time: Timestamp) -> Self {
        self.raw("<p class=\"quiet\">")
            .text(label)
            .time(time)
            .raw("</p>\n")
    }
}
