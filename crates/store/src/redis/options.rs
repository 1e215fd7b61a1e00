//! What can be said about the server beside its address, and why it may be refused at the start.

use std::path::PathBuf;
use std::time::Duration;

/// How Redis is used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedisOptions {
    /// How long a call may take before the caller is told that Redis is unavailable.
    pub timeout: Duration,
    /// How many replicas must have acknowledged an ending before it is answered. `None`: one, if
    /// there are any at the start.
    pub acknowledgements: Option<u32>,
    /// Certificates in PEM of the only authorities that `rediss://` trusts; the public ones if
    /// there is no such file.
    pub ca_file: Option<PathBuf>,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            timeout: DEFAULT_TIMEOUT,
            acknowledgements: None,
            ca_file: None,
        }
    }
}

/// A thousand times what Redis takes, and less than people notice.
const DEFAULT_TIMEOUT: Duration = Duration::from_millis(500);

/// Why the server is refused at the start: the operator's to mend. No text holds a password.
#[derive(Debug, thiserror::Error)]
pub enum RedisOpenError {
    /// The URL is none, or none of these.
    #[error(
        "this value is not supported; supported is redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], \
         redis+sentinel://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT]/SERVICE[/DATABASE], \
         redis+cluster://[USER:PASSWORD@]HOST[:PORT],HOST[:PORT], each with rediss for TLS, \
         or unix:///PATH; encode special characters of a password like %40"
    )]
    Url,
    /// `#insecure` asks for TLS with anybody.
    #[error(
        "`#insecure` would accept any certificate; name the authority in redis.ca_file instead"
    )]
    Unverified,
    /// The certificate file cannot be used.
    #[error("redis.ca_file: cannot use {}: {why}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no answer.
    #[error(
        "cannot reach Redis at {address}: {why}; start it, or check the address; use rediss if it takes TLS only"
    )]
    Unreachable {
        /// Host and port, or the path of the socket.
        address: String,
        /// What was tried last.
        why: String,
    },
    /// The server does not believe us.
    #[error("Redis at {address} refuses this user name and password: {why}")]
    Unauthenticated {
        /// Host and port, or the path of the socket.
        address: String,
        /// What it said.
        why: String,
    },
    /// The server does not let this user do what is needed.
    #[error(
        "Redis at {address} does not allow what is needed: {why}; give the user the keys \
         ~signet:* and the commands +@read +@write +@scripting +@connection -@dangerous +time +wait \
         +info; in a Cluster also +cluster|slots; a user of Sentinels needs \
         +sentinel|master +sentinel|get-master-addr-by-name"
    )]
    Forbidden {
        /// Host and port, or the path of the socket.
        address: String,
        /// What it said.
        why: String,
    },
    /// The server is there and cannot be used.
    #[error("Redis at {address} cannot be used: {why}")]
    Unusable {
        /// Host and port, or the path of the socket.
        address: String,
        /// What it said.
        why: String,
    },
    /// The server would forget sessions and denials.
    #[error(
        "Redis at {address} has maxmemory-policy {policy} and would drop sessions and denials when \
         memory runs short; set maxmemory-policy noeviction"
    )]
    Evicts {
        /// Host and port, or the path of the socket.
        address: String,
        /// What it is set to.
        policy: String,
    },
}
