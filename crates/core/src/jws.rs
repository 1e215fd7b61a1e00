//! Signed JSON that is no access token: ID tokens, logout tokens, revocation lists (RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::json;

use crate::keys::SigningKey;
use crate::keys::signing_key::{MAX_SIGNATURE_BYTES, SigningError};

/// Signs `body` and writes `typ` into the header.
pub(crate) fn sign(
    typ: &str,
    body: &impl Serialize,
    key: &SigningKey,
) -> Result<String, SigningError> {
    let header = json!({"alg": "RS256", "typ": typ, "kid": key.kid().as_str()});
    let body = serde_json::to_vec(body).map_err(|_| SigningError::Failed)?;
    let mut text = URL_SAFE_NO_PAD.encode(header.to_string());
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(body, &mut text);
    let mut buffer = [0; MAX_SIGNATURE_BYTES];
    let signature = key.sign(text.as_bytes(), &mut buffer)?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}
