//! Errors of pages, as pages: people do not read JSON.

use std::error::Error;

use axum::extract::FromRequestParts as _;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use signet_flows::mail::Language;
use signet_flows::origin::RequestOrigin;

use super::answered_before::AnsweredBefore;
use super::frame::Page;
use super::page_form::Visit;
use super::words::Words;
use crate::app::App;
use crate::error::Failure;

/// Writes the errors of the handlers below as pages. Status and other headers stay.
pub(crate) async fn as_page(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(origin) = RequestOrigin::from_request_parts(&mut parts, &app).await;
    let response = next.run(Request::from_parts(parts, body)).await;
    let media_type = response.headers().get(CONTENT_TYPE);
    let is_html = media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"));
    if is_html || !is_error(response.status()) {
        return response;
    }
    let language = origin.language.unwrap_or_default();
    let page = if is_answered(&response) {
        answered(&app, language)
    } else {
        error_page(&app, language, response.status())
    };
    let (mut error, _) = response.into_parts();
    let (page, body) = page.into_parts();
    error.headers.remove(CONTENT_LENGTH);
    error.headers.extend(page.headers);
    error
        .headers
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Response::from_parts(error, body)
}

/// The page for a request that is wrong.
pub(super) fn bad_request(app: &App, visit: &Visit) -> Response {
    error_page(app, visit.language(), StatusCode::BAD_REQUEST)
}

/// The page for a request that is wrong in a way that the operator of the client can mend.
pub(super) fn refused(app: &App, visit: &Visit, text: &str) -> Response {
    error_with(app, visit.language(), StatusCode::BAD_REQUEST, text)
}

/// The page for a request that was answered before.
pub(super) fn answered(app: &App, language: Language) -> Response {
    let words = Words::of(language);
    Page {
        status: StatusCode::BAD_REQUEST,
        ..Page::saying(language, words.error_answered, words.error_answered_lead)
    }
    .render(app)
}

fn is_answered(response: &Response) -> bool {
    let failure = response.extensions().get::<Failure>();
    let cause = failure.and_then(|failure| failure.cause.as_deref());
    cause.is_some_and(<dyn Error + Send + Sync>::is::<AnsweredBefore>)
}

/// The page of an error with this status.
fn error_page(app: &App, language: Language, status: StatusCode) -> Response {
    let words = Words::of(language);
    let text = match status {
        StatusCode::FORBIDDEN => words.error_form,
        StatusCode::TOO_MANY_REQUESTS => words.error_too_many,
        StatusCode::NOT_FOUND => words.error_not_found,
        status if status.is_server_error() => words.error_server,
        _ => words.error_request,
    };
    error_with(app, language, status, text)
}

/// The page for a request that is refused for a reason of its own.
pub(super) fn forbidden(app: &App, visit: &Visit, text: &str) -> Response {
    error_with(app, visit.language(), StatusCode::FORBIDDEN, text)
}

/// A page that says what is wrong.
pub(super) fn error_with(
    app: &App,
    language: Language,
    status: StatusCode,
    text: &str,
) -> Response {
    let title = Words::of(language).error_title;
    Page {
        status,
        ..Page::saying(language, title, text)
    }
    .render(app)
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}
