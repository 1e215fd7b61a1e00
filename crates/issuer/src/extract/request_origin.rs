//! The origin of a request (client address, user agent, request id), taken before its body is read.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use signet_flows::mail::Language;
use signet_flows::origin::{RequestOrigin, ShownWork};

use super::{ClientAddress, known_device};
use crate::app::App;

impl FromRequestParts<App> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let ClientAddress(address) =
            ClientAddress::of(&parts.extensions, &parts.headers, &app.settings);
        Ok(Self {
            address,
            user_agent: text(&parts.headers, USER_AGENT).unwrap_or_default(),
            device: known_device(&parts.headers, app),
            request_id: text(&parts.headers, REQUEST_ID),
            language: text(&parts.headers, ACCEPT_LANGUAGE)
                .and_then(|header| Language::accepted(&header)),
            // A field of the body shows it.
            proof_of_work: ShownWork::Missing,
        })
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = headers.get(name)?;
    Some(value.to_str().ok()?.to_owned())
}

/// Every request has an id here: the client's or a new one.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
