//! The published key set: its body, its entity tag and how long it may be cached. Must not know
//! HTTP headers.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
    RSAKeyParameters, RSAKeyType,
};
use serde_json::json;
use signet_verifier::Timestamp;

use super::public_key::PublicKey;
use super::ring::KeyRing;

/// The JWK set (RFC 7517 section 5) of a ring, until the next event of the ring.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Jwks {
    /// The JSON document. The set is never empty.
    pub body: String,
    /// A strong entity tag (RFC 9110 section 8.8.3), quotes included. It changes exactly when the
    /// set changes.
    pub etag: String,
    /// When a key of the ring next changes its state, so that this document is outdated.
    pub next_event: Option<Timestamp>,
}

impl Jwks {
    /// Returns the set of all keys that may verify at `now`.
    pub fn of(ring: &KeyRing, now: Timestamp) -> Self {
        let keys = ring.published_at(now).map(|entry| jwk(&entry.public));
        let set = JwkSet {
            keys: keys.collect(),
        };
        let body = json!(set).to_string();
        let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, body.as_bytes()));
        Self {
            etag: format!("\"{hash}\""),
            body,
            next_event: ring.next_event(now),
        }
    }

    /// Returns how long the document may be cached at `now`, in whole seconds: at most
    /// [`MAX_JWKS_AGE`], and never beyond the next event.
    pub fn max_age(&self, now: Timestamp) -> Duration {
        let until_event = self
            .next_event
            .map_or(MAX_JWKS_AGE, |at| at.saturating_since(now));
        Duration::from_secs(until_event.min(MAX_JWKS_AGE).as_secs())
    }
}

/// Returns the JWK (RFC 7517 section 4, RFC 7518 section 6.3.1) of a signing key: `kty`, `n`, `e`,
/// `alg`, `use` and `kid`.
pub fn jwk(key: &PublicKey) -> Jwk {
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::RS256),
            key_id: Some(key.kid().to_string()),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::RSA(RSAKeyParameters {
            key_type: RSAKeyType::RSA,
            n: key.n().to_owned(),
            e: key.e().to_owned(),
        }),
    }
}

/// The maximum time for which verifiers may cache the set. After it, no verifier has a revoked key.
pub const MAX_JWKS_AGE: Duration = Duration::from_mins(5);
