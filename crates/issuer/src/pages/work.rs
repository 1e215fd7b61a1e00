//! The proof of work of a form: the field that a script fills in, and `GET /signin/work.js`.

use axum::response::Response;
use signet_core::proof_of_work::WorkChallenge;

use super::answer::PageAnswers;
use super::markup::Markup;
use super::words::Words;
use crate::cached::built_in;

/// Returns the script that does the work of a form.
#[utoipa::path(
    get,
    path = "/signin/work.js",
    tag = "Sign-in pages",
    responses(
        (status = 200, description = "The script", body = String, content_type = "text/javascript"),
        PageAnswers
    )
)]
pub(crate) async fn work_script() -> Response {
    built_in("text/javascript; charset=utf-8", SCRIPT)
}

/// The field and the script of a form that asks for work; empty if it asks for none.
pub(super) fn work_field(work: Option<&WorkChallenge>, words: &Words) -> Markup {
    let Some(work) = work else {
        return Markup::new();
    };
    Markup::new()
        .raw("<input type=\"hidden\" name=\"proof_of_work\" value=\"\" data-challenge=\"")
        .text(&work.text)
        .raw("\" data-bits=\"")
        .text(&work.bits.to_string())
        .raw("\">\n<noscript><p class=\"quiet\">")
        .text(words.work_needs_script)
        .raw("</p></noscript>\n<script type=\"module\" src=\"/signin/work.js\"></script>\n")
}

const SCRIPT: &str = include_str!("work.js");
