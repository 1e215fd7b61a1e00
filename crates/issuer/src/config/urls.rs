//! Web origins: the public URL, which is the issuer of tokens, and the pages that may use the
//! cookie.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// Scheme, host and port, in the one spelling that browsers send (RFC 6454 section 6.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebOrigin(String);

impl WebOrigin {
    /// The origin as text, such as `https://app.example.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for WebOrigin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (origin, _) = canonical(text)?;
        Ok(origin)
    }
}

/// The URL by which clients reach the server. It is the `iss` of its tokens: an origin without a
/// path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl {
    origin: WebOrigin,
    https: bool,
    loopback: bool,
}

impl PublicUrl {
    /// The URL as text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        self.origin.as_str()
    }

    /// Whether the scheme is https.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether a page of `origin` may belong to the same site, so that browsers send the cookie.
    /// A site is a scheme and a registrable domain. This check compares the last two labels, not a
    /// list of public suffixes, so `false` is certain and `true` is not.
    pub fn is_same_site(&self, origin: &WebOrigin) -> bool {
        let (Ok(ours), Ok(theirs)) = (Url::parse(self.as_str()), Url::parse(origin.as_str()))
        else {
            return false;
        };
        ours.scheme() == theirs.scheme() && site(&ours) == site(&theirs)
    }

    /// The name or address in the URL, without a port.
    pub fn host(&self) -> String {
        let url = Url::parse(self.as_str()).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.unwrap_or_default().to_owned()
    }

    /// The port, which the scheme gives if the URL names none.
    pub fn port(&self) -> Option<u16> {
        Url::parse(self.as_str()).ok()?.port_or_known_default()
    }

    /// Whether its host is an IP address.
    pub fn is_address(&self) -> bool {
        let url = Url::parse(self.as_str()).ok();
        matches!(
            url.as_ref().and_then(Url::host),
            Some(Host::Ipv4(_) | Host::Ipv6(_))
        )
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.origin.fmt(f)
    }
}

impl FromStr for PublicUrl {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (origin, url) = canonical(text)?;
        Ok(Self {
            origin,
            https: url.scheme() == "https",
            loopback: match url.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            },
        })
    }
}

/// Returns an address, or the last two labels of a name.
fn site(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) => {
            let labels: Vec<&str> = name.rsplitn(3, '.').take(2).collect();
            Some(labels.join("."))
        }
        address => Some(address.to_string()),
    }
}

/// Tokens and browsers compare byte by byte, so only the canonical spelling is accepted. A trailing
/// slash is left out.
fn canonical(text: &str) -> Result<(WebOrigin, Url), InvalidOrigin> {
    let url = Url::parse(text).map_err(|_| InvalidOrigin::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidOrigin::NotAUrl);
    }
    let origin = url.origin().ascii_serialization();
    if text.strip_suffix('/').unwrap_or(text) == origin {
        Ok((WebOrigin(origin), url))
    } else {
        Err(InvalidOrigin::NotCanonical { origin })
    }
}

/// Why a text is not an origin in its canonical spelling.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidOrigin {
    /// It is not an http or https URL.
    #[error("must be an http or https URL, such as https://example.com")]
    NotAUrl,
    /// It has further parts, or another spelling.
    #[error("must be scheme, host and port only, such as {origin}")]
    NotCanonical {
        /// The origin of the URL.
        origin: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_spelling_that_browsers_send_is_an_origin() {
        for text in [
            "https://auth.example.com",
            "http://localhost:8080",
            "http://[::1]:1",
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().as_str(), text);
            let slash = format!("{text}/");
            assert_eq!(slash.parse::<PublicUrl>().unwrap().as_str(), text);
            assert_eq!(slash.parse::<WebOrigin>().unwrap().as_str(), text);
        }
        for text in [
            "https://auth.example.com//",
            "https://auth.example.com/.",
            "https://auth.example.com:443",
            "https://AUTH.example.com",
            "https://auth.example.com/path",
            "https://auth.example.com?x",
            "https://me:secret@auth.example.com",
        ] {
            let origin = "https://auth.example.com".to_owned();
            let refused = text.parse::<WebOrigin>();
            assert_eq!(
                refused,
                Err(InvalidOrigin::NotCanonical { origin }),
                "{text}"
            );
        }
        for text in [
            "",
            "auth.example.com",
            "ftp://example.com",
            "null",
            "*",
            "file:///x",
        ] {
            assert_eq!(
                text.parse::<WebOrigin>(),
                Err(InvalidOrigin::NotAUrl),
                "{text}"
            );
        }
    }

    #[test]
    fn pages_of_another_site_are_recognised() {
        let same = |ours: &str, theirs: &str| {
            let (ours, theirs): (PublicUrl, WebOrigin) =
                (ours.parse().unwrap(), theirs.parse().unwrap());
            ours.is_same_site(&theirs)
        };
        assert!(same("https://auth.example.com", "https://app.example.com"));
        assert!(same("https://auth.example.com", "https://example.com:8443"));
        assert!(same("http://localhost:8080", "http://localhost:3000"));
        assert!(same("http://127.0.0.1:8080", "http://127.0.0.1:3000"));
        for (ours, theirs) in [
            ("https://auth.example.com", "https://app.example.org"),
            ("https://auth.example.com", "http://app.example.com"),
            ("http://127.0.0.1:8080", "http://localhost:3000"),
            ("http://localhost:8080", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:8080", "http://127.0.0.2:8080"),
        ] {
            assert!(!same(ours, theirs), "{ours} {theirs}");
        }
    }

    #[test]
    fn loopback_is_recognised() {
        let loopback = |text: &str| text.parse::<PublicUrl>().unwrap().is_loopback();
        assert!(loopback("http://127.0.0.1:8080"));
        assert!(loopback("http://localhost"));
        assert!(loopback("http://[::1]:8080"));
        assert!(!loopback("http://auth.example.com"));
        assert!(!loopback("http://0.0.0.0"));
    }
}
