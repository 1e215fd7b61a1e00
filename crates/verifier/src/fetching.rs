//! The outcomes of fetching keys and status lists (feature `remote`), of setting that up and of
//! looking for unknown keys. Holds the names only; must not fetch.

use std::fmt;

use crate::key_set::KeysError;
#[cfg(feature = "status")]
use crate::status::StatusListError;

/// The outcomes of a successful fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fetched {
    /// The server sent the document.
    Received,
    /// The server said that the document has not changed.
    NotModified,
}

/// What the verifier did about a token that names an unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissAction {
    /// Refused the token: it was issued before the latest fetch, so a fetch would not find its key.
    NotEligible,
    /// Refused the token: a fetch within the last minute did not find this key.
    AskedBefore,
    /// Refused the token: the limit of 6 fetches in a minute was reached.
    Limited,
    /// Refused the token: too many requests were waiting for a fetch.
    Crowded,
    /// Waited for a fetch that another request had started.
    Joined,
    /// Started a fetch and waited for it.
    Asked,
}

/// The reasons why a fetch fails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The host was not found, did not accept a connection within 1 s, or TLS failed.
    Connect,
    /// The whole fetch took more than 3 s.
    Timeout,
    /// The response was not HTTP, or was incomplete.
    Http,
    /// The status was neither 200 nor 304. Redirects are not followed.
    Status(u16),
    /// The document is too long: a key set of more than 64 KiB, or a status list of more than
    /// 120 KiB.
    TooLong,
    /// The document is not a key set, or has no usable key.
    Keys(KeysError),
    /// The document is not a valid status list.
    #[cfg(feature = "status")]
    StatusList(StatusListError),
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "cannot connect",
            Self::Timeout => "no response within 3 s",
            Self::Http => "the response is incomplete or is not HTTP",
            Self::Status(status) => return write!(formatter, "status {status}"),
            Self::TooLong => "the document is too long",
            Self::Keys(error) => return error.fmt(formatter),
            #[cfg(feature = "status")]
            Self::StatusList(error) => return error.fmt(formatter),
        })
    }
}

impl std::error::Error for FetchError {}

/// The reasons why remote keys cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetupError {
    /// The URL is not an absolute http or https URL, or contains a user name.
    MalformedUrl,
    /// The URL uses http to another machine, so an attacker on the network could answer.
    NotHttps {
        /// The host. If the network is trusted, allow it with `danger_allow_http`.
        host: String,
    },
    /// A root certificate is malformed.
    RootCertificate,
    /// The metadata cannot be fetched.
    Fetch(FetchError),
    /// The metadata is not a JSON object with a `jwks_uri`.
    Metadata,
    /// The metadata names another issuer.
    AnotherIssuer,
}

impl fmt::Display for SetupError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MalformedUrl => "the URL is not an absolute https URL",
            Self::NotHttps { host } => {
                return write!(formatter, "the URL uses http to {host}; use https");
            }
            Self::RootCertificate => "a root certificate is malformed",
            Self::Fetch(error) => {
                return write!(formatter, "cannot fetch the issuer's metadata: {error}");
            }
            Self::Metadata => "the issuer's metadata has no jwks_uri",
            Self::AnotherIssuer => "the metadata names another issuer",
        })
    }
}

impl std::error::Error for SetupError {}
