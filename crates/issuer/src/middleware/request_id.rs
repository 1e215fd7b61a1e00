//! The id of a request, from the client or new, in the log and in the answer.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rand::Rng as _;
use signet_flows::random::system_rng;

/// The header that carries it, both ways.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Makes ids of requests. It draws the randomness of many at a time: an id is no secret, and a
/// system call for each one costs more than the rest of an id.
#[derive(Debug)]
pub(crate) struct RequestIds(Mutex<Drawn>);

/// Random bytes, of which the first ones are used.
#[derive(Debug)]
struct Drawn {
    bytes: [u8; DRAWN_BYTES],
    used: usize,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Drawn {
            bytes: [0; DRAWN_BYTES],
            used: DRAWN_BYTES,
        }))
    }

    /// Takes the client's id of the request if it is 1 to 64 characters of `[A-Za-z0-9._-]`, else
    /// makes a new one.
    pub(crate) fn take_or_make(&self, headers: &HeaderMap) -> HeaderValue {
        let given = headers.get(X_REQUEST_ID);
        let usable = given.filter(|value| is_usable(value.as_bytes()));
        usable.cloned().unwrap_or_else(|| self.make())
    }

    fn make(&self) -> HeaderValue {
        let mut text = [0; 2 * ID_BYTES];
        for (pair, byte) in text.as_chunks_mut().0.iter_mut().zip(self.draw()) {
            *pair = [byte >> 4, byte & 0xf].map(digit);
        }
        // Hexadecimal digits always fit a header.
        HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("unnamed"))
    }

    fn draw(&self) -> [u8; ID_BYTES] {
        let mut drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.used >= DRAWN_BYTES {
            system_rng().fill_bytes(&mut drawn.bytes);
            drawn.used = 0;
        }
        let unused = drawn.bytes.get(drawn.used..);
        let id = unused.and_then(|unused| unused.first_chunk()).copied();
        drawn.used += ID_BYTES;
        id.unwrap_or_default()
    }
}

fn is_usable(name: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=MAX_LENGTH).contains(&name.len()) && name.iter().all(is_plain)
}

/// The hexadecimal digit of a number below 16.
fn digit(number: u8) -> u8 {
    match number {
        0..10 => b'0' + number,
        _ => b'a' + (number - 10),
    }
}

/// Longer ids would only fill the log.
const MAX_LENGTH: usize = 64;
/// So many random bytes that two ids are never the same.
const ID_BYTES: usize = 16;
/// The randomness of 64 ids.
const DRAWN_BYTES: usize = 64 * ID_BYTES;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn taken(given: &[u8]) -> HeaderValue {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_bytes(given).unwrap());
        RequestIds::new().take_or_make(&headers)
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

    #[test]
    fn no_id_is_made_twice() {
        let ids = RequestIds::new();
        let made: HashSet<_> = (0..1_000).map(|_| ids.make()).collect();
        assert_eq!(made.len(), 1_000);
        let digits = made.iter().flat_map(HeaderValue::as_bytes);
        let digits: HashSet<_> = digits.copied().map(char::from).collect();
        assert_eq!(digits, "0123456789abcdef".chars().collect());
    }
}
