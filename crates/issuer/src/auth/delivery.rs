//! How a refresh token is delivered: in the cookie or in the body, never both.

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
    /// In the cookie; the origin of the request may set it.
    Cookie(TrustedOrigin),
    /// In the body.
    Body,
}

impl Delivery {
    /// Allows what a request has chosen.
    ///
    /// # Errors
    ///
    /// `csrf_rejected` if the request chooses the cookie and its origin may not use it.
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

    /// The `Set-Cookie` value for `token`; none if it is delivered in the body.
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

/// The refresh cookie of this server.
pub(super) fn cookie(settings: &Settings) -> RefreshCookie {
    RefreshCookie::of(&settings.public_url)
}
