//! Which addresses are on the public internet. Requests whose URL an outsider chose may go to no
//! other address, because services of the operator trust requests from this server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns whether an address is one of a single host on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// See the IANA IPv4 Special-Purpose Address Registry.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || matches!(
            (first, second, third),
            // This network; multicast and reserved.
            (0 | 224..=255, _, _)
                // Shared by customers of a provider (RFC 6598).
                | (100, 64..=127, _)
                // Protocol assignments, and relays of 6to4.
                | (192, 0, 0) | (192, 88, 99)
                // Benchmarks (RFC 2544).
                | (198, 18..=19, _)
        );
    !is_special
}

/// Only global unicast addresses, without those that lead to an IPv4 address or are special.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let is_global_unicast = first & 0xe000 == 0x2000;
    let is_special = match (first, second) {
        // Teredo and other protocol assignments, and documentation.
        (0x2001, second) => second < 0x200 || second == 0xdb8,
        // 6to4 leads to an IPv4 address.
        (0x2002, _) => true,
        // Documentation (RFC 9637).
        (0x3fff, second) => second < 0x1000,
        _ => false,
    };
    is_global_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_public_hosts_are_public() {
        for text in [
            "1.1.1.1",
            "100.63.0.1",
            "172.32.0.1",
            "192.1.0.1",
            "2606:4700::1111",
            "2a00::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_inside_a_network_or_of_no_host_are_not_public() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }
}
