//! The RFC 7638 thumbprint of an RSA key. Must not know key sets or other kinds of keys.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Returns the RFC 7638 SHA-256 thumbprint of an RSA public key, in unpadded base64url (43
/// characters).
///
/// `n` (modulus) and `e` (public exponent) are big-endian (RFC 7518 section 6.3.1). Leading zero
/// bytes are ignored. Signet uses the thumbprint as `kid` of every key.
pub fn thumbprint(n: &[u8], e: &[u8]) -> String {
    let n = URL_SAFE_NO_PAD.encode(without_leading_zeros(n));
    let e = URL_SAFE_NO_PAD.encode(without_leading_zeros(e));
    let required_members = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    URL_SAFE_NO_PAD.encode(digest(&SHA256, required_members.as_bytes()))
}

pub(crate) fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and the thumbprint of RFC 7638 section 3.1.
    #[test]
    fn the_example_of_rfc_7638() {
        let n = URL_SAFE_NO_PAD.decode(RFC_7638_MODULUS).unwrap();
        let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        assert_eq!(thumbprint(&n, &[1, 0, 1]), expected);
        assert_eq!(thumbprint(&[vec![0], n].concat(), &[0, 1, 0, 1]), expected);
    }

    const RFC_7638_MODULUS: &str = concat!(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_",
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_",
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI",
        "4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    );
}
