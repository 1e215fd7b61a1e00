//! A list as verifiers fetch it: a signed JWT with the compressed bits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use serde_json::json;
use signet_verifier::Timestamp;

use super::Bits;
use crate::jws;
use crate::keys::signing_key::SigningError;
use crate::keys::{Kid, SigningKey};
use crate::sha256::sha256;

/// What a list says.
#[derive(Clone, Copy, Debug)]
pub struct StatusListToken<'a> {
    /// The public URL of the issuer.
    pub issuer: &'a str,
    /// The URI of the list.
    pub uri: &'a str,
    /// The bits.
    pub bits: &'a Bits,
    /// The published keys. A verifier that has another key fetches the key set.
    pub kids: &'a [Kid],
}

/// A signed list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RenderedList {
    /// The JWT.
    pub text: String,
    /// A tag of this text, without quotes.
    pub tag: String,
    /// When it was signed.
    pub signed_at: Timestamp,
}

impl StatusListToken<'_> {
    /// Signs the list. Verifiers accept it for a minute.
    ///
    /// # Errors
    ///
    /// [`SigningError::Failed`] if the list cannot be signed. No input causes this.
    pub fn sign(&self, now: Timestamp, key: &SigningKey) -> Result<RenderedList, SigningError> {
        let compressed = compress_to_vec_zlib(self.bits.as_bytes(), COMPRESSION_LEVEL);
        let body = json!({
            "iss": self.issuer,
            "sub": self.uri,
            "iat": now.as_seconds(),
            "exp": now.saturating_add(VALID_FOR).as_seconds(),
            "ttl": FETCH_EVERY.as_secs(),
            "kids": self.kids,
            "status_list": {"bits": 1, "lst": URL_SAFE_NO_PAD.encode(compressed)},
        });
        let text = jws::sign("statuslist+jwt", &body, key)?;
        Ok(RenderedList {
            tag: URL_SAFE_NO_PAD.encode(sha256::<16>(&[text.as_bytes()])),
            text,
            signed_at: now,
        })
    }
}

/// How long verifiers accept a list. A verifier that cannot fetch lists refuses tokens after this.
const VALID_FOR: Duration = Duration::from_mins(1);

/// How often verifiers should fetch a list.
const FETCH_EVERY: Duration = Duration::from_secs(5);

/// Compresses well in about a millisecond.
const COMPRESSION_LEVEL: u8 = 9;
