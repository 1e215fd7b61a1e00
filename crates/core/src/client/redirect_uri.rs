//! Redirect URIs: where a browser may be sent with a code, and how one in a request is compared.
//!
//! Only the spelling that browsers use themselves is accepted. So two URIs are the same if their
//! texts are. This module must not know what is sent to a URI.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use url::{Host, Url};

/// An address to which a browser may be sent: https, http on this machine, or the scheme of an
/// app.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct RedirectUri {
    text: String,
    kind: Kind,
}

/// What leads to the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// A server behind TLS.
    Https,
    /// A program on the machine of the person; its port differs each time (RFC 8252 section 7.3).
    Loopback,
    /// An app that has registered a scheme of its own (RFC 8252 section 7.1).
    PrivateUse,
}

impl RedirectUri {
    /// The URI as it was registered or sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns whether a URI in a request is this registered one. They must be equal; only the port
    /// of a loopback address may differ.
    pub(crate) fn admits(&self, requested: &Self) -> bool {
        if self.kind != Kind::Loopback || requested.kind != Kind::Loopback {
            return self == requested;
        }
        match (Url::parse(&self.text), Url::parse(&requested.text)) {
            (Ok(own), Ok(other)) => {
                own.host_str() == other.host_str()
                    && own.path() == other.path()
                    && own.query() == other.query()
            }
            _ => false,
        }
    }

    /// The source that a content security policy names to allow a redirect here: an origin, or the
    /// scheme of an app.
    pub fn policy_source(&self) -> String {
        let scheme = || self.text.split(':').next().unwrap_or_default();
        match (self.kind, Url::parse(&self.text)) {
            (Kind::Https | Kind::Loopback, Ok(url)) => url.origin().ascii_serialization(),
            _ => format!("{}:", scheme()),
        }
    }

    /// The URI with further parameters in its query.
    pub fn with_parameters(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters {
            query.append_pair(name, value);
        }
        let query = query.finish();
        let separator = match self.text.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        format!("{}{separator}{query}", self.text)
    }

    /// Whether a server can be called at this address.
    fn is_callable(&self) -> bool {
        self.kind != Kind::PrivateUse
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl FromStr for RedirectUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = InvalidRedirectUri;

    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        if !(1..=MAX_URI_LENGTH).contains(&text.len()) || !text.bytes().all(is_plain) {
            return Err(InvalidRedirectUri::Malformed);
        }
        let url = Url::parse(&text).map_err(|_| InvalidRedirectUri::Malformed)?;
        let kind = kind_of(&url)?;
        if kind == Kind::PrivateUse {
            return if url.as_str() == text {
                Ok(Self { text, kind })
            } else {
                Err(InvalidRedirectUri::Malformed)
            };
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(InvalidRedirectUri::UserInfo);
        }
        // Without a path, browsers add the slash themselves.
        let is_canonical = url.as_str() == text || url.as_str().strip_suffix('/') == Some(&*text);
        if is_canonical {
            Ok(Self { text, kind })
        } else {
            Err(InvalidRedirectUri::NotCanonical {
                canonical: url.into(),
            })
        }
    }
}

/// An address that the server calls: https, or http on this machine.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct CallbackUri(RedirectUri);

impl CallbackUri {
    /// The URI as it was registered.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its origin.
    pub(super) fn policy_source(&self) -> String {
        self.0.policy_source()
    }
}

impl Serialize for CallbackUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl FromStr for CallbackUri {
    type Err = InvalidRedirectUri;

    fn from_str(text: &str) -> Result<Self, InvalidRedirectUri> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for CallbackUri {
    type Error = InvalidRedirectUri;

    fn try_from(text: String) -> Result<Self, InvalidRedirectUri> {
        let uri = RedirectUri::try_from(text)?;
        if uri.is_callable() {
            Ok(Self(uri))
        } else {
            Err(InvalidRedirectUri::Scheme)
        }
    }
}

/// Why a text is not an address to which a browser may be sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidRedirectUri {
    /// It is not an absolute URI without fragment, or too long.
    #[error("must be an absolute URI of at most 1,000 characters without # and spaces")]
    Malformed,
    /// Its scheme is not one of those that lead to a client.
    #[error(
        "must begin with https://, with http:// and 127.0.0.1, [::1] or localhost, or with the \
         scheme of an app such as com.example.app:/"
    )]
    Scheme,
    /// It names a user.
    #[error("must not contain @")]
    UserInfo,
    /// Browsers spell it in another way.
    #[error("must be spelled as browsers do: {canonical}")]
    NotCanonical {
        /// The spelling of browsers.
        canonical: String,
    },
}

fn kind_of(url: &Url) -> Result<Kind, InvalidRedirectUri> {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(Kind::Https),
        ("http", Some(host)) if is_loopback(&host) => Ok(Kind::Loopback),
        // A name that its owner controls keeps other apps and `javascript:` away.
        (scheme, None) if scheme.contains('.') && url.path().starts_with('/') => {
            Ok(Kind::PrivateUse)
        }
        _ => Err(InvalidRedirectUri::Scheme),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.octets() == [127, 0, 0, 1],
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Printable ASCII of URIs, without the start of a fragment and without what breaks headers and
/// policies.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"#\"<>\\^`{|};,'*".contains(&byte)
}

/// Longer addresses do not fit a `Location` header beside a code and a state.
const MAX_URI_LENGTH: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> RedirectUri {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn addresses_of_servers_programs_and_apps_are_accepted() {
        for text in [
            "https://app.example.com/callback",
            "https://app.example.com",
            "https://app.example.com:8443/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://[::1]:7777/cb",
            "http://localhost:3000/cb",
            "com.example.app:/callback",
        ] {
            assert_eq!(uri(text).as_str(), text);
        }
    }

    #[test]
    fn tricks_are_refused() {
        for text in [
            "",
            "/callback",
            "//app.example.com/cb",
            "https://app.example.com/cb#part",
            "https://app.example.com/cb#",
            "https://user@app.example.com/cb",
            "https://app.example.com@evil.test/cb",
            "https://app.example.com/../cb",
            "https://app.example.com/%2e%2e/cb",
            "https://APP.example.com/cb",
            "HTTPS://app.example.com/cb",
            "https://app.example.com:443/cb",
            "https:\\\\app.example.com\\cb",
            "https://app.example.com\\@evil.test/",
            "https://*.example.com/cb",
            "https://app.example.com/c b",
            "https://app.example.com/cb\r\nX: y",
            "https://b\u{fc}cher.example/cb",
            "https:/app.example.com/cb",
            "https:///app.example.com/cb",
            "http://app.example.com/cb",
            "http://127.1/cb",
            "http://0x7f000001/cb",
            "http://127.0.0.2/cb",
            "http://localhost.evil.test/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "com.example.app://host/cb",
            "com.example.app:cb",
            "file:///etc/passwd",
        ] {
            assert!(text.parse::<RedirectUri>().is_err(), "{text:?}");
        }
        assert!(
            format!("https://a.example/{}", "a".repeat(1_000))
                .parse::<RedirectUri>()
                .is_err()
        );
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        let same = |own: &str, other: &str| uri(own).admits(&uri(other));
        assert!(same("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb"));
        assert!(same("http://[::1]:1/cb", "http://[::1]:2/cb"));
        for (own, other) in [
            ("http://127.0.0.1/cb", "http://localhost/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb?x=1"),
            ("http://127.0.0.1/cb", "https://127.0.0.1/cb"),
            ("https://a.example/cb", "https://a.example:8443/cb"),
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/cb?x=1"),
            ("https://a.example/cb", "https://a.example/CB"),
            ("https://a.example", "https://a.example/"),
        ] {
            assert!(!same(own, other), "{own} {other}");
        }
    }

    #[test]
    fn parameters_are_added_to_the_query_that_is_there() {
        let with = |text: &str| uri(text).with_parameters(&[("code", "a b"), ("state", "x&y")]);
        assert_eq!(
            with("https://a.example/cb"),
            "https://a.example/cb?code=a+b&state=x%26y"
        );
        assert_eq!(
            with("https://a.example/cb?t=1"),
            "https://a.example/cb?t=1&code=a+b&state=x%26y"
        );
    }

    #[test]
    fn policies_name_the_origin_or_the_scheme() {
        for (text, source) in [
            ("https://a.example:8443/cb?x=1", "https://a.example:8443"),
            ("http://[::1]:7777/cb", "http://[::1]:7777"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(uri(text).policy_source(), source);
        }
    }

    #[test]
    fn a_server_is_not_called_by_the_scheme_of_an_app() {
        assert!("https://a.example/logout".parse::<CallbackUri>().is_ok());
        assert!("com.example.app:/logout".parse::<CallbackUri>().is_err());
    }
}
