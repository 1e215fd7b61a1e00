//! How a refresh token is delivered: in the cookie or in the body, never both.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use signet_flows::presented_cookies::{CookieChoice, PresentedToken};
use signet_flows::session_tokens::SessionTokens;

use super::fields::TokenDelivery;
use crate::app::App;
use crate::config::Settings;
use crate::error::{ApiError, ApiResult, Code};
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

    /// The `Set-Cookie` values for the refresh token; none if it is delivered in the body.
    pub(super) fn set_cookies(
        self,
        settings: &Settings,
        tokens: &SessionTokens,
    ) -> Vec<HeaderValue> {
        let Self::Cookie(origin) = self else {
            return Vec::new();
        };
        let max_age = tokens.refresh_expires_in;
        let binding = tokens.binding.as_ref();
        let binding = binding.map(|binding| RefreshCookie::set_binding(binding, max_age, origin));
        let token = cookie(settings).set(&tokens.refresh, max_age, origin);
        [token].into_iter().chain(binding).collect()
    }
}

/// The refresh token that counts of those in cookies.
///
/// # Errors
///
/// `invalid_request` when several were sent and none counts, `session_ended` when the one that was
/// sent is of another session than its binding. The response clears the cookies.
pub(super) fn cookie_token(
    app: &App,
    headers: &HeaderMap,
    origin: TrustedOrigin,
) -> ApiResult<Option<PresentedToken>> {
    let cookie = cookie(&app.settings);
    let sent = cookie.read(headers, origin);
    let are_several = sent.tokens.len() > 1;
    match app.flows.choose_cookie(sent) {
        CookieChoice::One(token) => Ok(Some(token)),
        CookieChoice::Nothing => Ok(None),
        CookieChoice::Refused if are_several => Err(cookie.refuse_several()),
        CookieChoice::Refused => {
            let error = ApiError::from(Code::SessionEnded);
            let cleared = cookie.clear();
            Err(cleared.fold(error, |error, header| error.header(SET_COOKIE, header)))
        }
    }
}

/// A response that also removes the refresh cookie.
pub(super) fn clearing_cookie(settings: &Settings, mut response: Response) -> Response {
    for cleared in cookie(settings).clear() {
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    response
}

/// The refresh cookie of this server.
pub(super) fn cookie(settings: &Settings) -> RefreshCookie {
    RefreshCookie::of(&settings.public_url)
}
