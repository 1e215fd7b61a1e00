//! The form of a `Host` (RFC 9110 section 7.2, RFC 3986 section 3.2). This module must not know which
//! hosts are ours.

use std::net::Ipv6Addr;

/// Whether this is a name or an address, with or without a port. A name may be empty.
pub(super) fn is_host(value: &[u8]) -> bool {
    if let Some((b'[', rest)) = value.split_first() {
        let (address, port) = split_at(rest, b']');
        return is_ip_literal(address) && port.is_some_and(is_port);
    }
    let end = value.iter().position(|&byte| byte == b':');
    let (name, port) = value.split_at(end.unwrap_or(value.len()));
    is_name(name) && is_port(port)
}

/// What comes before a byte, and what after it; `None` if it is not there.
fn split_at(bytes: &[u8], byte: u8) -> (&[u8], Option<&[u8]>) {
    let mut parts = bytes.splitn(2, |&other| other == byte);
    (parts.next().unwrap_or_default(), parts.next())
}

/// Nothing, or a colon and digits, which may be none.
fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}

/// `reg-name`. An IPv4 address is one too.
fn is_name(mut name: &[u8]) -> bool {
    loop {
        name = match name {
            [] => return true,
            [b'%', high, low, rest @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                rest
            }
            [first, rest @ ..] if is_plain(*first) => rest,
            _ => return false,
        };
    }
}

/// An IPv6 address, or one of a later version: `v1.x`.
fn is_ip_literal(text: &[u8]) -> bool {
    let Some((b'v' | b'V', later)) = text.split_first() else {
        let text = std::str::from_utf8(text);
        return text.is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    };
    let (version, address) = split_at(later, b'.');
    let is_rest = |byte: &u8| is_plain(*byte) || *byte == b':';
    !version.is_empty()
        && version.iter().all(u8::is_ascii_hexdigit)
        && address.is_some_and(|address| !address.is_empty() && address.iter().all(is_rest))
}

/// `unreserved` and `sub-delims`.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_hosts() {
        for host in [
            "",
            "signet",
            "Auth.Example.com",
            "auth.example.com:8080",
            "auth.example.com:",
            "a_b",
            "127.0.0.1:65535",
            "[::1]",
            "[::1]:8080",
            "[::ffff:127.0.0.1]:",
            "[v1.a:b]",
            "b%C3%BCcher.example",
        ] {
            assert!(is_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn anything_else_is_no_host() {
        for host in [
            "a b",
            "a/b",
            "u@b",
            "a?b",
            "a#b",
            "a\\b",
            "a\"b",
            "a,b c",
            "[::1",
            "[::1]x",
            "[::1%251]",
            "[]",
            "[v1]",
            "[v.a]",
            "[vx.a]",
            "::1",
            "a:b",
            "a:1:2",
            "a:-1",
            "%zz",
            "a%2",
            "a%",
            "a<b",
            "b\u{fc}cher",
            "a\tb",
        ] {
            assert!(!is_host(host.as_bytes()), "{host}");
        }
    }
}
