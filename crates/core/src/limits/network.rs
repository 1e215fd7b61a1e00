//! The networks of an address whose requests are counted together.

use std::net::IpAddr;

/// A network, or the one address of IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Network {
    /// One IPv4 address.
    V4(u32),
    /// The first bits of an IPv6 address, and how many.
    V6(u128, u32),
}

impl Network {
    /// The bytes that stand for a network, or for none, in keyed hashes.
    pub(crate) fn to_bytes(network: Option<Self>) -> Vec<u8> {
        let mut bytes = Vec::new();
        match network {
            None => bytes.push(0),
            Some(Self::V4(address)) => {
                bytes.push(4);
                bytes.extend_from_slice(&address.to_be_bytes());
            }
            Some(Self::V6(network, prefix)) => {
                bytes.push(6);
                bytes.extend_from_slice(&prefix.to_be_bytes());
                bytes.extend_from_slice(&network.to_be_bytes());
            }
        }
        bytes
    }
}

/// The networks of `address`, the widest first, each with the factor by which its budget grows.
///
/// A subscriber has one IPv6 network of 64 bits or a few of them; 56 and 48 bits are what providers
/// give to one customer. So an attacker who moves through such a network does not escape the limits, and a
/// neighbour there still has a share.
pub fn networks(address: IpAddr) -> impl Iterator<Item = (Network, u32)> {
    let (v4, v6) = match address.to_canonical() {
        IpAddr::V4(address) => (Some(Network::V4(address.to_bits())), None),
        IpAddr::V6(address) => (None, Some(address.to_bits())),
    };
    let prefixes = v6.into_iter().flat_map(|bits| {
        let wide = |(prefix, factor): (u32, u32)| {
            let rest = u128::BITS.saturating_sub(prefix);
            (Network::V6(bits >> rest, prefix), factor)
        };
        PREFIXES.map(wide)
    });
    v4.map(|network| (network, 1)).into_iter().chain(prefixes)
}

/// Lengths of prefixes, and how many times the budget of a single network they have.
const PREFIXES: [(u32, u32); 3] = [(48, 16), (56, 4), (64, 1)];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(Network, u32)> {
        networks(text.parse().unwrap()).collect()
    }

    #[test]
    fn an_ipv4_address_is_counted_by_itself_however_it_is_written() {
        assert_eq!(of("192.0.2.1"), [(Network::V4(0xc000_0201), 1)]);
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn an_ipv6_address_is_counted_in_three_networks() {
        let expected = [
            (Network::V6(0x2001_0db8_0001, 48), 16),
            (Network::V6(0x20_010d_b800_01ab, 56), 4),
            (Network::V6(0x2001_0db8_0001_abcd, 64), 1),
        ];
        assert_eq!(of("2001:db8:1:abcd::1"), expected);
        assert_eq!(of("2001:db8:1:abcd:ffff::2"), expected);
    }
}
