//! The refresh cookie: how it is read, set and cleared.
//!
//! This module must not know what the token in it is worth.

use std::time::Duration;

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::{Cookie, SameSite};
use signet_core::secret::SecretText;

use super::origin::TrustedOrigin;
use crate::config::PublicUrl;
use crate::error::{ApiError, ApiResult, Code};

/// The cookie as this server names it: `__Secure-signet_refresh` when the public URL is https,
/// else `signet_refresh` (RFC 6265bis section 4.1.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RefreshCookie {
    secure: bool,
}

impl RefreshCookie {
    /// The cookie of a server with this URL.
    pub fn of(public_url: &PublicUrl) -> Self {
        Self {
            secure: public_url.is_https(),
        }
    }

    /// Whether the browser sent the cookie, whatever is in it.
    pub fn is_sent(self, headers: &HeaderMap) -> bool {
        self.values(headers).next().is_some()
    }

    /// The token that the browser sent, if it sent one.
    ///
    /// # Errors
    ///
    /// `invalid_request` when there are two cookies of the name: one of them was planted, on a
    /// wider path or by a neighbour. The answer clears both.
    pub fn read(self, headers: &HeaderMap, _: TrustedOrigin) -> ApiResult<Option<SecretText>> {
        let mut values = self.values(headers);
        let first = values.next();
        if values.next().is_some() {
            return Err(self.refuse_two());
        }
        Ok(first.map(|value| SecretText::new(String::from_utf8_lossy(value).into_owned())))
    }

    /// The `Set-Cookie` value that stores `token` for `max_age`.
    pub fn set(self, token: &SecretText, max_age: Duration, _: TrustedOrigin) -> HeaderValue {
        let max_age = i64::try_from(max_age.as_secs()).unwrap_or(i64::MAX);
        self.header(token.expose(), PATH, max_age)
    }

    /// The `Set-Cookie` value that removes the cookie.
    pub fn clear(self) -> HeaderValue {
        self.header("", PATH, 0)
    }

    fn values(self, headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
        headers
            .get_all(COOKIE)
            .iter()
            .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
            .filter_map(move |pair| value_of(pair, self.name()))
    }

    fn refuse_two(self) -> ApiError {
        ApiError::from(Code::InvalidRequest)
            .detail("more than one refresh cookie; both have been cleared")
            .header(SET_COOKIE, self.clear())
            .header(SET_COOKIE, self.header("", "/", 0))
    }

    /// What the cookie is called.
    pub(crate) fn name(self) -> &'static str {
        if self.secure { SECURE_NAME } else { PLAIN_NAME }
    }

    fn header(self, value: &str, path: &'static str, max_age_seconds: i64) -> HeaderValue {
        let cookie = Cookie::build((self.name(), value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.secure)
            .path(path)
            .max_age(time::Duration::seconds(max_age_seconds))
            .build();
        // Tokens are base64url, so the value always fits a header.
        let mut header =
            HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

fn value_of<'a>(pair: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let pair = pair.trim_ascii();
    let split = pair.iter().position(|&byte| byte == b'=')?;
    let (key, value) = (pair.get(..split)?, pair.get(split + 1..)?);
    (key.trim_ascii_end() == name.as_bytes()).then(|| value.trim_ascii())
}

/// Where the cookie is sent to: only these routes have a use for it.
const PATH: &str = "/auth";
const PLAIN_NAME: &str = "signet_refresh";
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

    fn read(url: &str, values: &[&str]) -> ApiResult<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COOKIE, value.parse().unwrap());
        }
        let token = cookie(url).read(&headers, trusted())?;
        Ok(token.map(|token| token.expose().to_owned()))
    }

    #[test]
    fn only_the_cookie_of_this_scheme_is_read() {
        let both = "a=b; signet_refresh=plain; __Secure-signet_refresh=secure";
        assert_eq!(read("http://localhost", &[both]).unwrap().unwrap(), "plain");
        assert_eq!(
            read("https://localhost", &[both]).unwrap().unwrap(),
            "secure"
        );
        assert_eq!(
            read("http://localhost", &["a=b", "xsignet_refresh=1"]).unwrap(),
            None
        );
    }

    #[test]
    fn two_cookies_are_refused_and_cleared_on_both_paths() {
        for values in [
            &["signet_refresh=a; signet_refresh=a"][..],
            &["signet_refresh=a", "signet_refresh=b"],
        ] {
            let response = read("http://localhost", values)
                .unwrap_err()
                .into_response();
            assert_eq!(response.status(), 400);
            let cleared: Vec<_> = response.headers().get_all(SET_COOKIE).iter().collect();
            assert_eq!(
                cleared,
                [
                    "signet_refresh=; HttpOnly; SameSite=Strict; Path=/auth; Max-Age=0",
                    "signet_refresh=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0",
                ]
            );
        }
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
