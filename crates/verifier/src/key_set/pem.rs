//! The PEM encoding of keys (RFC 7468). Must not know the keys inside, only their labels.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::KeysError;

/// Returns the DER of each public key in a PEM text. Ignores text outside the blocks.
pub(super) fn public_keys(pem: &[u8]) -> Result<Vec<Vec<u8>>, KeysError> {
    let mut rest = std::str::from_utf8(pem).map_err(|_| KeysError::BadPem)?;
    let mut keys = Vec::new();
    while let Some((_, from_label)) = rest.split_once("-----BEGIN ") {
        let (label, from_body) = from_label.split_once("-----").ok_or(KeysError::BadPem)?;
        check_label(label)?;
        let end = format!("-----END {label}-----");
        let (body, after) = from_body.split_once(&end).ok_or(KeysError::BadPem)?;
        let body: String = body.split_ascii_whitespace().collect();
        keys.push(STANDARD.decode(body).map_err(|_| KeysError::BadPem)?);
        rest = after;
    }
    Ok(keys)
}

fn check_label(label: &str) -> Result<(), KeysError> {
    match label {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok(()),
        _ if label.ends_with("PRIVATE KEY") => Err(KeysError::PrivateKey),
        _ => Err(KeysError::BadPem),
    }
}
