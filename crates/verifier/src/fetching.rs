//! What is said of fetching keys (feature `remote`): how a fetch ended, and what was done about an
//! unknown key. Names only; fetching itself is in `remote`.

use std::fmt;

use crate::keys::KeysError;

/// How a fetch succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fetched {
    /// The server sent a key set.
    Received,
    /// The server answered that the key set has not changed.
    NotModified,
}

/// What was done about a token that names an unknown key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissAction {
    /// Refused immediately: the token would not pass anyway, or is older than the key set.
    NotEligible,
    /// Refused immediately: the issuer was asked for this key a moment ago.
    AskedBefore,
    /// Refused immediately: too many unknown keys lately.
    Limited,
    /// Refused immediately: too many requests are waiting.
    Crowded,
    /// Waits for a fetch that another request asked for.
    Joined,
    /// Asked for a fetch.
    Asked,
}

/// Why a fetch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FetchError {
    /// The host was not found or did not answer within 1 s, or TLS failed.
    Connect,
    /// The fetch took more than 3 s in all.
    Timeout,
    /// The answer was not HTTP, or broke off.
    Http,
    /// The status was neither 200 nor 304. Redirects are not followed.
    Status(u16),
    /// The document is longer than 64 KiB.
    TooLong,
    /// The document is not a key set, or has no usable key.
    Keys(KeysError),
}

impl fmt::Display for FetchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "cannot connect",
            Self::Timeout => "no answer within 3 s",
            Self::Http => "the answer broke off or is no HTTP",
            Self::Status(status) => return write!(formatter, "status {status}"),
            Self::TooLong => "the document is longer than 64 KiB",
            Self::Keys(error) => return error.fmt(formatter),
        })
    }
}

impl std::error::Error for FetchError {}
