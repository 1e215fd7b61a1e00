//! What can be read from a refresh token without its key.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which token of its session it is.
pub fn generation(refresh_token: &str) -> u32 {
    let bytes = bytes(refresh_token);
    u32::from_be_bytes(bytes[34..38].try_into().expect("four bytes"))
}

/// The same token with one of its bytes changed.
pub fn with_changed_byte(refresh_token: &str, index: usize) -> String {
    let mut bytes = bytes(refresh_token);
    bytes[index] ^= 1;
    format!("sgr_{}", URL_SAFE_NO_PAD.encode(bytes))
}

fn bytes(refresh_token: &str) -> Vec<u8> {
    let encoded = refresh_token
        .strip_prefix("sgr_")
        .expect("the prefix of refresh tokens");
    let bytes = URL_SAFE_NO_PAD.decode(encoded).expect("base64url");
    assert_eq!(bytes.len(), 54);
    bytes
}
