//! `GET /signin/style.css`: how the pages look.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};

use super::answer::PageAnswers;
use crate::app::App;
use crate::cached::FIVE_MINUTES;

/// Returns the style sheet of the pages, and the operator's own after it.
#[utoipa::path(
    get,
    path = "/signin/style.css",
    tag = "Sign-in pages",
    responses(
        (status = 200, description = "The style sheet", body = String, content_type = "text/css"),
        PageAnswers
    )
)]
pub(crate) async fn page_style(State(app): State<App>) -> Response {
    let css = [STYLE, app.settings.pages.css.as_str()].concat();
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/css; charset=utf-8"),
        ),
        (CACHE_CONTROL, FIVE_MINUTES),
    ];
    (headers, css).into_response()
}

const STYLE: &str = include_str!("style.css");
