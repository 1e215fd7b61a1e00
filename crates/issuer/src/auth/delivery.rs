//! How a refresh token travels: in the cookie or in the body, never both.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use signet_core::secret::SecretText;
use std::time::Duration;

use super::fields::TokenDelivery;
use crate::config::Settings;
use crate::error::ApiResult;
use crate::extract::{RefreshCookie, TrustedOrigin};

/// A way to deliver a refresh token that this request may use.
#[derive(Clone, Copy, Debug)]
pub(super) enum Delivery {
    /// In the cookie; the request comes from an origin that may set it.
    Cookie(TrustedOrigin),
    /// In the body.
    Body,
}

impl Delivery {
    /// Allows what a request has chosen.
    ///
    /// # Errors
    ///
    /// `csrf_rejected` for the cookie and a foreign origin.
    pub(super) fn choose(
        chosen: TokenDelivery,
        headers: &HeaderMap,
        settings: &Settings,
    ) -> ApiResult<Self> {
        match chosen {
            TokenDelivery::Cookie => {
                TrustedOrigin::check_same_site(headers, settings).map(Self::Cookie)
            }
            TokenDelivery::Body => Ok(Self::Body),
        }
    }

    /// The `Set-Cookie` value for `token`, where that is how it travels.
    pub(super) fn set_cookie(
        self,
        settings: &Settings,
        token: &SecretText,
        max_age: Duration,
    ) -> Option<HeaderValue> {
        match self {
            Self::Cookie(origin) => Some(cookie(settings).set(token, max_age, origin)),
            Self::Body => None,
        }
    }
}

/// A response that also removes the refresh cookie.
pub(super) fn clearing_cookie(settings: &Settings, mut response: Response) -> Response {
    response
        .headers_mut()
        .append(SET_COOKIE, cookie(settings).clear());
    response
}

/// The refresh cookie under its name here.
pub(super) fn cookie(settings: &Settings) -> RefreshCookie {
    RefreshCookie::of(&settings.public_url)
}
