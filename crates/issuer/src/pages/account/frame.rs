//! What the pages of the account share: forms, and the way back.

use axum::response::Response;
use signet_core::secret::SecretText;

use super::owner::{Done, Owner};
use crate::app::App;
use crate::pages::form_page::{FormPage, show_form};
use crate::pages::markup::Markup;
use crate::pages::page_form::hidden_fields;

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
