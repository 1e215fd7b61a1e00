//! Answers of pages: redirects, cookies, and what the document says about them.

use std::collections::BTreeMap;

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::authorization::StepRefusal;
use signet_core::secret::SecretText;
use signet_flows::authorize::ReturnAddress;
use utoipa::IntoResponses;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, ResponseBuilder};

use crate::app::App;

/// Sends the browser elsewhere with GET.
pub(super) fn see_other(location: &str) -> Response {
    // Every part is checked or encoded, so the text always fits a header.
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/signin"));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// Sends the browser to the page of a request; without one to the page of the person.
pub(super) fn to_page(path: &str, request: Option<&str>) -> Response {
    match request {
        None => see_other(path),
        Some(token) => see_other(&format!("{path}?request={}", encoded(token))),
    }
}

/// Adds a cookie to an answer.
pub(super) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Sends the browser to the client with a code.
pub(super) fn with_code(app: &App, to: &ReturnAddress, code: &SecretText) -> Response {
    to_client(app, to, &[("code", code.expose())])
}

/// Sends the browser to the client with an error.
pub(super) fn with_error(
    app: &App,
    to: &ReturnAddress,
    (error, description): (&str, &str),
) -> Response {
    let parameters = [("error", error), ("error_description", description)];
    to_client(app, to, &parameters)
}

/// Every answer says who sends it, so that a client of several servers cannot mix them up (RFC
/// 9207).
fn to_client(app: &App, to: &ReturnAddress, parameters: &[(&str, &str)]) -> Response {
    let mut parameters = parameters.to_vec();
    if let Some(state) = &to.state {
        parameters.push(("state", state));
    }
    parameters.push(("iss", app.settings.public_url.as_str()));
    see_other(&to.uri.with_parameters(&parameters))
}

/// The error of RFC 6749 section 4.1.2.1 or OpenID Connect Core 1.0 section 3.1.2.6.
pub(super) fn refusal_name(refusal: StepRefusal) -> &'static str {
    match refusal {
        StepRefusal::LoginRequired => "login_required",
        StepRefusal::ConsentRequired => "consent_required",
        StepRefusal::AccountRequired => "account_selection_required",
        StepRefusal::RoleRequired | StepRefusal::Denied => "access_denied",
    }
}

/// A value in a query.
fn encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect()
}

/// What every page can answer.
pub(crate) struct PageAnswers;

impl IntoResponses for PageAnswers {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        let page = || {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            ContentBuilder::new().schema(Some(text)).build()
        };
        let described = STATUSES.iter().map(|&(status, description)| {
            let response = ResponseBuilder::new().description(description);
            let response = response.content("text/html", page()).build();
            (status.to_owned(), response.into())
        });
        described.collect()
    }
}

/// Errors are pages too.
const STATUSES: [(&str, &str); 8] = [
    ("400", "A value or a link is wrong"),
    (
        "403",
        "The form does not come from our page, or registration is closed",
    ),
    ("408", "The body came too slowly"),
    ("413", "The body is too long"),
    ("415", "The body is not a form"),
    ("429", "Too many requests"),
    ("500", "An error of the server"),
    ("503", "The server is busy or waits for another one"),
];
