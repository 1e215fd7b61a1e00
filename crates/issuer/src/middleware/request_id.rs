//! The id of a request, from the client or new, in the log and in the answer.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rand::Rng as _;
use signet_flows::random::system_rng;

/// The header that carries it, both ways.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Takes the client's id of the request if it is 1 to 64 characters of `[A-Za-z0-9._-]`, else makes
/// a new one.
pub(crate) fn take_or_make(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(X_REQUEST_ID);
    let usable = given.filter(|value| is_usable(value.as_bytes()));
    usable.cloned().unwrap_or_else(make)
}

fn is_usable(name: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=MAX_LENGTH).contains(&name.len()) && name.iter().all(is_plain)
}

fn make() -> HeaderValue {
    let mut bytes = [0; 16];
    system_rng().fill_bytes(&mut bytes);
    let text = format!("{:032x}", u128::from_be_bytes(bytes));
    // Hexadecimal digits always fit a header.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("unnamed"))
}

/// Longer ids would only fill the log.
const MAX_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(given: &[u8]) -> HeaderValue {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given).unwrap());
        take_or_make(&headers)
    }

    #[test]
    fn a_plain_name_is_kept() {
        assert_eq!(taken(b"Trace-1.a_b"), "Trace-1.a_b");
        assert_eq!(taken(&[b'x'; 64]).len(), 64);
    }

    #[test]
    fn anything_else_is_replaced() {
        for given in [&b""[..], b"a b", b"a\tb", b"\xff", b"a/b", &[b'x'; 65]] {
            let made = taken(given);
            assert_eq!(made.len(), 32, "{given:?}");
            assert_ne!(made, taken(given));
        }
    }
}
