//! The cookies of pages: who is signed in, which forms are ours, and a sign-in between its steps.
//!
//! Behind https their names begin with `__Host-`, so no other host can set them.

use std::time::Duration;

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite};
use signet_core::secret::SecretText;
use signet_flows::browser::BrowserCookie;
use signet_flows::random::random_bytes;

use crate::app::App;

/// A cookie of pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PageCookie {
    /// The browser sign-in.
    SignIn,
    /// What a form must repeat.
    Form,
    /// A sign-in that waits for its second factor.
    Factor,
    /// A request that waits while the person follows a mailed link.
    Request,
    /// The sign-in at the operator page, on the operations listener.
    Operator,
    /// What a form of the operator page must repeat.
    OperatorForm,
}

impl PageCookie {
    /// The one value that the browser sent; `None` if it sent none or several.
    pub(super) fn read(self, app: &App, headers: &HeaderMap) -> Option<SecretText> {
        let name = self.name(app);
        let pairs = headers.get_all(COOKIE).iter();
        let pairs = pairs.filter_map(|header| header.to_str().ok());
        let pairs = pairs.flat_map(|header| header.split(';'));
        let mut values = pairs.filter_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            (key.trim() == name).then(|| value.trim())
        });
        match (values.next(), values.next()) {
            (Some(value), None) => Some(SecretText::new(value.to_owned())),
            _ => None,
        }
    }

    /// The header that sets the cookie. Without a `max_age` it lasts until the browser is closed.
    pub(super) fn set(self, app: &App, value: &str, max_age: Option<Duration>) -> HeaderValue {
        let cookie = Cookie::build((self.name(app), value))
            .path("/")
            .http_only(true)
            .secure(self.is_secure(app))
            .same_site(self.same_site());
        let seconds = max_age.map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
        let cookie = match seconds {
            Some(seconds) => cookie.max_age(time::Duration::seconds(seconds)),
            None => cookie,
        };
        let text = cookie.build().to_string();
        // Values are base64url, so they always fit a header.
        let mut header = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }

    /// The header that removes the cookie.
    pub(super) fn clear(self, app: &App) -> HeaderValue {
        self.set(app, "", Some(Duration::ZERO))
    }

    fn name(self, app: &App) -> &'static str {
        match (self, self.is_secure(app)) {
            (Self::SignIn, true) => "__Host-signet_sso",
            (Self::SignIn, false) => "signet_sso",
            (Self::Form, true) => "__Host-signet_form",
            (Self::Form, false) => "signet_form",
            (Self::Factor, true) => "__Host-signet_factor",
            (Self::Factor, false) => "signet_factor",
            (Self::Request, true) => "__Host-signet_request",
            (Self::Request, false) => "signet_request",
            (Self::Operator, true) => "__Host-signet_operator",
            (Self::Operator, false) => "signet_operator",
            (Self::OperatorForm, true) => "__Host-signet_operator_form",
            (Self::OperatorForm, false) => "signet_operator_form",
        }
    }

    /// Whether browsers send the cookie over HTTPS only. The operations listener has a certificate of
    /// its own or none.
    fn is_secure(self, app: &App) -> bool {
        match self {
            Self::Operator | Self::OperatorForm => app.settings.ops_tls.is_some(),
            Self::SignIn | Self::Form | Self::Factor | Self::Request => {
                app.settings.public_url.is_https()
            }
        }
    }

    /// Clients lead people to the pages of the public listener. No other site leads to the operator
    /// page.
    fn same_site(self) -> SameSite {
        match self {
            Self::Operator | Self::OperatorForm => SameSite::Strict,
            Self::SignIn | Self::Form | Self::Factor | Self::Request => SameSite::Lax,
        }
    }
}

/// The header that keeps a browser sign-in.
pub(super) fn keep_sign_in(app: &App, cookie: &BrowserCookie) -> HeaderValue {
    PageCookie::SignIn.set(app, cookie.text.expose(), Some(cookie.max_age))
}

/// A new value for [`PageCookie::Form`].
pub(super) fn new_form_secret() -> SecretText {
    SecretText::new(URL_SAFE_NO_PAD.encode(random_bytes::<16>()))
}
