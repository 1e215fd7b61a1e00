//! The origin rule: the web pages for which a browser may send or store the refresh cookie.

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName};

use crate::config::{Settings, WebOrigin};
use crate::error::{ApiError, ApiResult, Code};

/// Proof that the request does not come from a foreign web page. Only the check makes one, and code
/// that reads or sets the cookie requires it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrustedOrigin(());

impl TrustedOrigin {
    /// Accepts `Sec-Fetch-Site: same-origin` and `none`, an `Origin` that is the public URL or
    /// listed, and requests with neither header, which no browser sends.
    ///
    /// # Errors
    ///
    /// `csrf_rejected`.
    pub(crate) fn check(headers: &HeaderMap, settings: &Settings) -> ApiResult<Self> {
        let site = Once::of(headers, SEC_FETCH_SITE);
        let origin = Once::of(headers, ORIGIN);
        let accepted = match (site, origin) {
            (Once::Absent, Once::Absent) | (Once::Value("same-origin" | "none"), _) => true,
            (_, Once::Value(origin)) => settings.allows_origin(origin),
            _ => false,
        };
        if accepted {
            Ok(Self(()))
        } else {
            Err(refuse(origin))
        }
    }

    /// The same for an answer that sets the cookie. Browsers do not store it for a page of another
    /// site, even if its origin is listed.
    ///
    /// # Errors
    ///
    /// `csrf_rejected`.
    pub(crate) fn check_same_site(headers: &HeaderMap, settings: &Settings) -> ApiResult<Self> {
        let trusted = Self::check(headers, settings)?;
        match Once::of(headers, SEC_FETCH_SITE) {
            Once::Value("cross-site") => Err(ApiError::from(Code::CsrfRejected).detail(format!(
                "the page belongs to another site than {}, so browsers would not store the refresh \
                 cookie; use token_delivery \"body\", or serve both from one site",
                settings.public_url
            ))),
            _ => Ok(trusted),
        }
    }
}

/// Names the origin and the setting that would allow it.
fn refuse(origin: Once<'_>) -> ApiError {
    let error = ApiError::from(Code::CsrfRejected);
    match origin {
        Once::Value(origin) if origin.parse::<WebOrigin>().is_ok() => error.detail(format!(
            "the origin {origin} may not use the refresh cookie: it is neither public_url nor in \
             allowed_origins"
        )),
        _ => error,
    }
}

/// A header that may appear once.
#[derive(Clone, Copy)]
enum Once<'a> {
    Absent,
    Value(&'a str),
    Nonsense,
}

impl<'a> Once<'a> {
    fn of(headers: &'a HeaderMap, name: HeaderName) -> Self {
        let mut values = headers.get_all(name).iter();
        match (values.next().map(|value| value.to_str()), values.next()) {
            (None, _) => Self::Absent,
            (Some(Ok(text)), None) => Self::Value(text),
            _ => Self::Nonsense,
        }
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn accepts(headers: &[(&'static str, &str)]) -> bool {
        let variables = [("SIGNET_ALLOWED_ORIGINS", "https://app.example.com")];
        let settings = load(&Sources::of_variables(variables)).unwrap().settings;
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        TrustedOrigin::check(&map, &settings).is_ok()
    }

    #[test]
    fn programs_and_our_own_pages_are_accepted() {
        assert!(accepts(&[]));
        assert!(accepts(&[("sec-fetch-site", "same-origin")]));
        assert!(accepts(&[("sec-fetch-site", "none")]));
        assert!(accepts(&[("origin", "http://127.0.0.1:8080")]));
    }

    #[test]
    fn listed_origins_are_accepted_across_sites() {
        let site = ("sec-fetch-site", "cross-site");
        assert!(accepts(&[site, ("origin", "https://app.example.com")]));
        assert!(!accepts(&[
            site,
            ("origin", "https://app.example.com.evil.test")
        ]));
        assert!(!accepts(&[site]));
    }

    #[test]
    fn no_cookie_is_set_for_a_page_of_another_site() {
        let settings = load(&Sources::of_variables([(
            "SIGNET_ALLOWED_ORIGINS",
            "https://app.example.com",
        )]));
        let settings = settings.unwrap().settings;
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, "https://app.example.com".parse().unwrap());
        assert!(TrustedOrigin::check_same_site(&headers, &settings).is_ok());
        headers.insert(SEC_FETCH_SITE, "same-site".parse().unwrap());
        assert!(TrustedOrigin::check_same_site(&headers, &settings).is_ok());
        headers.insert(SEC_FETCH_SITE, "cross-site".parse().unwrap());
        assert!(TrustedOrigin::check_same_site(&headers, &settings).is_err());
    }

    #[test]
    fn everything_else_is_refused() {
        assert!(!accepts(&[("origin", "null")]));
        assert!(!accepts(&[("origin", "")]));
        assert!(!accepts(&[("origin", "http://127.0.0.1:8081")]));
        assert!(!accepts(&[("sec-fetch-site", "same-site")]));
        let twice = ("origin", "https://app.example.com");
        assert!(!accepts(&[twice, twice]));
    }
}
