//! The URL of a document, checked for safety. Must not know keys.

use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

use crate::fetching::SetupError;

/// An https URL, or an http URL to this machine or to an allowed host.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    pub(super) uri: Uri,
    pub(super) host: String,
    pub(super) is_secure: bool,
}

impl Endpoint {
    /// Parses a URL. Allows http to `http_hosts` and to this machine.
    pub(super) fn parse(url: &str, http_hosts: &[String]) -> Result<Self, SetupError> {
        let uri: Uri = url.parse().map_err(|_| SetupError::MalformedUrl)?;
        let host = uri.host().unwrap_or_default();
        let host = host.trim_matches(['[', ']']).to_owned();
        let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
        let is_web = is_secure || uri.scheme() == Some(&Scheme::HTTP);
        if !is_web || host.is_empty() || url.contains('@') {
            return Err(SetupError::MalformedUrl);
        }
        if !is_secure && !is_loopback(&host) && !http_hosts.contains(&host) {
            return Err(SetupError::NotHttps { host });
        }
        Ok(Self {
            uri,
            host,
            is_secure,
        })
    }

    pub(super) fn port(&self) -> u16 {
        let usual = if self.is_secure { 443 } else { 80 };
        self.uri.port_u16().unwrap_or(usual)
    }
}

fn is_loopback(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host == "localhost" || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_safe() {
        for url in [
            "https://auth.example.com/jwks",
            "https://auth.example.com",
            "http://127.0.0.1:8080/jwks",
            "http://127.9.9.9/",
            "http://localhost:1/",
            "http://[::1]:8080/jwks",
        ] {
            assert!(Endpoint::parse(url, &[]).is_ok(), "{url}");
        }
    }

    #[test]
    fn http_elsewhere_has_to_be_allowed_by_name() {
        for host in [
            "auth",
            "127.0.0.1.evil.test",
            "localhost.evil.test",
            "10.0.0.1",
        ] {
            let url = format!("http://{host}/jwks");
            let expected = SetupError::NotHttps {
                host: host.to_owned(),
            };
            assert_eq!(Endpoint::parse(&url, &[]).unwrap_err(), expected);
            assert!(Endpoint::parse(&url, &[host.to_owned()]).is_ok());
        }
    }

    #[test]
    fn other_urls_are_malformed() {
        for url in [
            "",
            "/jwks",
            "auth.example.com",
            "ftp://a/",
            "https://",
            "https://a:b@c/",
            "http://a b/",
        ] {
            assert_eq!(
                Endpoint::parse(url, &[]).unwrap_err(),
                SetupError::MalformedUrl,
                "{url}"
            );
        }
    }

    #[test]
    fn ports_and_paths_have_their_defaults() {
        let endpoint = Endpoint::parse("https://a.test?x=1", &[]).unwrap();
        assert_eq!((endpoint.port(), endpoint.uri.path()), (443, "/"));
        let endpoint = Endpoint::parse("http://[::1]:8080/a", &[]).unwrap();
        assert_eq!((endpoint.port(), endpoint.host.as_str()), (8080, "::1"));
        let endpoint = Endpoint::parse("http://localhost", &[]).unwrap();
        assert_eq!(endpoint.port(), 80);
    }
}
