//! The token of a known device: in a cookie, or in the header `Signet-Device`.
//!
//! This module must not know what a known device may do.

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use cookie::{Cookie, SameSite};
use signet_core::device_token::{DEVICE_TTL, DeviceToken};
use signet_core::secret::SecretText;

use crate::app::App;

/// The device that a request comes from, if a person has signed in on it.
pub(crate) fn known_device(headers: &HeaderMap, app: &App) -> Option<DeviceToken> {
    let named = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let name = name(app.settings.public_url.is_https());
    let cookies = headers.get_all(COOKIE).iter();
    let cookies = cookies.filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';'));
    let sent = pairs.filter_map(|pair| pair.split_once('='));
    let sent = sent.filter(|(sent, _)| sent.trim() == name);
    let sent = sent.map(|(_, value)| value.trim()).take(MAX_COOKIES);
    named
        .into_iter()
        .chain(sent)
        .find_map(|token| app.flows.known_device(token))
}

/// The `Set-Cookie` value that stores the token of a device.
pub(crate) fn device_cookie(token: &SecretText, app: &App) -> Option<HeaderValue> {
    let is_https = app.settings.public_url.is_https();
    let cookie = Cookie::build((name(is_https), token.expose()))
        .secure(is_https)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(max_age(DEVICE_TTL))
        .build();
    let mut header = HeaderValue::try_from(cookie.to_string()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// The value of the header that gives the token of a device to a program.
pub(crate) fn device_header(token: &SecretText) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(token.expose()).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn max_age(ttl: Duration) -> time::Duration {
    time::Duration::seconds(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX))
}

fn name(is_https: bool) -> &'static str {
    if is_https {
        "__Host-signet_device"
    } else {
        "signet_device"
    }
}

/// Programs that keep no cookies get and send the token in this header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("signet-device");
/// More cookies of this name were planted. Each costs one hash.
const MAX_COOKIES: usize = 4;
