//! The refresh cookie: how it is read, set and cleared.
//!
//! This module must not know whether the token in it is valid.

use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, CookieBuilder, SameSite};
use signet_core::secret::SecretText;
use signet_flows::presented_cookies::PresentedCookies;

use super::origin::TrustedOrigin;
use crate::config::PublicUrl;
use crate::error::{ApiError, Code};

/// The cookie under the name of this server: `__Secure-signet_refresh` if the public URL is https,
/// else `signet_refresh` (RFC 6265bis section 4.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RefreshCookie {
    secure: bool,
}

impl RefreshCookie {
    /// The cookie of a server with this URL.
    pub(crate) fn of(public_url: &PublicUrl) -> Self {
        Self {
            secure: public_url.is_https(),
        }
    }

    /// Whether the browser sent the cookie, with any value.
    pub(crate) fn is_sent(self, headers: &HeaderMap) -> bool {
        values(headers, self.name()).next().is_some()
    }

    /// What the browser sent under this name, and under that of the binding.
    pub(crate) fn read(self, headers: &HeaderMap, _: TrustedOrigin) -> PresentedCookies {
        let bindings = values(headers, BINDING_NAME).filter(|_| self.secure);
        PresentedCookies {
            tokens: values(headers, self.name()).map(text).collect(),
            bindings: bindings.map(text).collect(),
        }
    }

    /// The `Set-Cookie` value that stores the binding of a session for `max_age`.
    pub(crate) fn set_binding(
        binding: &SecretText,
        max_age: Duration,
        _: TrustedOrigin,
    ) -> HeaderValue {
        binding_header(binding.expose(), seconds(max_age))
    }

    /// The `Set-Cookie` value that stores `token` for `max_age`.
    pub(crate) fn set(
        self,
        token: &SecretText,
        max_age: Duration,
        _: TrustedOrigin,
    ) -> HeaderValue {
        self.header(token.expose(), PATH, seconds(max_age))
    }

    /// The `Set-Cookie` values that remove the cookie and the binding.
    pub(crate) fn clear(self) -> impl Iterator<Item = HeaderValue> {
        let binding = self.secure.then(|| binding_header("", 0));
        [self.header("", PATH, 0)].into_iter().chain(binding)
    }

    /// The error when no token of several counts: one of them was planted, on a wider path or by a
    /// neighbour. The response clears them on both paths.
    pub(crate) fn refuse_several(self) -> ApiError {
        let error = ApiError::from(Code::InvalidRequest)
            .detail("more than one refresh cookie; all have been cleared");
        let cleared = self.clear().chain([self.header("", "/", 0)]);
        cleared.fold(error, |error, header| error.header(SET_COOKIE, header))
    }

    /// The name of the cookie.
    pub(crate) fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { PLAIN_NAME }
    }

    fn header(self, value: &str, path: &'static str, max_age_seconds: i64) -> HeaderValue {
        let cookie = Cookie::build((self.name(), value)).secure(self.secure);
        header(cookie.path(path), max_age_seconds)
    }
}

/// `__Host-` makes browsers refuse the cookie from any other host, and requires this path.
fn binding_header(value: &str, max_age_seconds: i64) -> HeaderValue {
    let cookie = Cookie::build((BINDING_NAME, value)).secure(true).path("/");
    header(cookie, max_age_seconds)
}

fn header(cookie: CookieBuilder<'_>, max_age_seconds: i64) -> HeaderValue {
    let cookie = cookie
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(time::Duration::seconds(max_age_seconds))
        .build();
    // Tokens are base64url, so the value always fits a header.
    let mut header =
        HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static(""));
    header.set_sensitive(true);
    header
}

fn seconds(max_age: Duration) -> i64 {
    i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX)
}

fn text(value: &[u8]) -> SecretText {
    SecretText::new(String::from_utf8_lossy(value).into_owned())
}

fn values<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
    headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .filter_map(move |pair| value_of(pair, name))
}

fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let pair = pair.trim_ascii();
    let split = pair.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (pair.get(..split)?, pair.get(split + 1..)?);
    (key.trim_ascii_end() == name.as_bytes()).then(|| value.trim_ascii())
}

/// The path that the cookie is sent to: only these routes use it.
const PATH: &str = "/auth";
const PLAIN_NAME: &str = "signet_refresh";
/// RFC 6265bis section 4.1.3.2.
const BINDING_NAME: &str = "__Host-signet_binding";
const SECURE_NAME: &str = "__Secure-signet_refresh";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};
    use axum::response::IntoResponse as _;

    fn trusted() -> TrustedOrigin {
        let settings = load(&Sources::default()).unwrap().settings;
        TrustedOrigin::check(&HeaderMap::new(), &settings).unwrap()
    }

    fn cookie(url: &str) -> RefreshCookie {
        RefreshCookie::of(&url.parse().unwrap())
    }

    fn read(url: &str, values: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, value.parse().unwrap());
        }
        let sent = cookie(url).read(&headers, trusted());
        let texts = sent.tokens.iter().chain(&sent.bindings);
        texts.map(|text| text.expose().to_owned()).collect()
    }

    #[test]
    fn only_the_cookies_of_this_scheme_are_read() {
        let both = "a=b; signet_refresh=plain; __Secure-signet_refresh=secure; \
                    __Host-signet_binding=bound";
        assert_eq!(read("http://localhost", &[both]), ["plain"]);
        assert_eq!(read("https://localhost", &[both]), ["secure", "bound"]);
        let none = read("http://localhost", &["a=b", "xsignet_refresh=1"]);
        assert_eq!(none, Vec::<String>::new());
        let two = read("http://localhost", &["signet_refresh=a; signet_refresh=b"]);
        assert_eq!(two, ["a", "b"]);
    }

    #[test]
    fn several_cookies_are_cleared_on_both_paths() {
        let cleared = |url| {
            let response = cookie(url).refuse_several().into_response();
            assert_eq!(response.status(), 400);
            let cleared = response.headers().get_all(SET_COOKIE).iter();
            let cleared = cleared.map(|value| value.to_str().unwrap().to_owned());
            cleared.collect::<Vec<_>>()
        };
        assert_eq!(
            cleared("http://localhost"),
            [
                "signet_refresh=; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=0",
                "signet_refresh=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
            ]
        );
        assert_eq!(
            cleared("https://localhost")[1],
            "__Host-signet_binding=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn the_cookie_is_as_narrow_as_it_can_be() {
        let token = SecretText::new("sgr_x".to_owned());
        let set = |url| cookie(url).set(&token, Duration::from_mins(1), trusted());
        assert_eq!(
            set("http://localhost"),
            "signet_refresh=sgr_x; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=60"
        );
        assert_eq!(
            set("https://localhost"),
            "__Secure-signet_refresh=sgr_x; HttpOnly; SameSite=Strict; Secure; Path=/auth; Max-Age=60"
        );
    }
}
