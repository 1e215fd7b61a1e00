//! The address of the client, from sources that can be trusted.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::app::App;
use crate::config::{ProxyHeader, Settings};

/// The peer of the connection; the server notes it on each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client. It is the peer, unless that is a trusted proxy; then it is the
/// rightmost address in the header of the proxies that is no trusted proxy. `None` without a
/// connection, as in tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ClientAddress(pub Option<IpAddr>);

impl ClientAddress {
    /// Finds the client of a request.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, settings: &Settings) -> Self {
        let peer = extensions.get::<Peer>().map(|peer| peer.0.ip());
        let hops = settings.proxy_header.hops(headers);
        Self::find(peer, hops, &settings.trusted_proxies)
    }

    fn find<'a>(
        peer: Option<IpAddr>,
        hops: impl Iterator<Item = &'a str>,
        trusted: &[IpNet],
    ) -> Self {
        let Some(peer) = peer else {
            return Self(None);
        };
        let mut nearest = peer.to_canonical();
        for hop in hops.take(MAX_HOPS) {
            if !trusted.iter().any(|net| net.contains(&nearest)) {
                break;
            }
            // A trusted proxy writes addresses only, so the client has sent this value.
            let Some(address) = address(hop) else { break };
            nearest = address;
        }
        Self(Some(nearest))
    }
}

impl ProxyHeader {
    /// The hops, nearest first.
    fn hops(self, headers: &HeaderMap) -> impl Iterator<Item = &str> {
        let values = headers.get_all(self.name()).iter().rev();
        let elements = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        elements.map(move |element| match self {
            Self::XForwardedFor => element,
            Self::Forwarded => forwarded_for(element),
        })
    }
}

/// The node of an element of `Forwarded` (RFC 7239 section 4), without quotes; empty if it names
/// none.
fn forwarded_for(element: &str) -> &str {
    let mut parameters = element.split(';').filter_map(|pair| pair.split_once('='));
    let node = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let node = node.map_or("", |(_, node)| node.trim().trim_matches('"'));
    // An IPv6 address without a port has brackets too.
    let bare = node
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(node)
}

/// Some proxies write the port as well.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let plain = hop.parse::<IpAddr>();
    let address = plain.or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

impl FromRequestParts<App> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.extensions, &parts.headers, &app.settings))
    }
}

/// More proxies in a row than any deployment has. If a client claims more hops through trusted
/// addresses, the last hop that is read counts as its address.
const MAX_HOPS: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        found_in(ProxyHeader::XForwardedFor, peer, forwarded)
    }

    fn found_in(header: ProxyHeader, peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(header.name(), value.parse().unwrap());
        }
        let hops = header.hops(&headers);
        let ClientAddress(address) =
            ClientAddress::find(Some(peer.parse().unwrap()), hops, &trusted);
        address.unwrap().to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(found("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_counts() {
        assert_eq!(
            found("10.0.0.1", &["192.0.2.66, 198.51.100.1, 10.9.9.9"]),
            "198.51.100.1"
        );
        assert_eq!(
            found("10.0.0.1", &["192.0.2.66", "198.51.100.1"]),
            "198.51.100.1"
        );
        assert_eq!(
            found("::ffff:10.0.0.1", &["198.51.100.1:4711"]),
            "198.51.100.1"
        );
        assert_eq!(found("fd00::1", &["[2001:db8::7]:443"]), "2001:db8::7");
    }

    #[test]
    fn no_more_than_32_hops_are_read() {
        let hops = |count: usize| {
            let trusted = ["10.9.9.9"; 64];
            format!("198.51.100.1,{}", trusted.get(..count).unwrap().join(","))
        };
        assert_eq!(found("10.0.0.1", &[&hops(31)]), "198.51.100.1");
        assert_eq!(found("10.0.0.1", &[&hops(32)]), "10.9.9.9");
    }

    #[test]
    fn nonsense_stops_at_the_hop_that_reported_it() {
        assert_eq!(
            found("10.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"]),
            "10.0.0.2"
        );
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_is_read_from_the_right_too() {
        let found = |values: &[&str]| found_in(ProxyHeader::Forwarded, "10.0.0.1", values);
        assert_eq!(
            found(&["for=192.0.2.66, for=198.51.100.1;proto=https"]),
            "198.51.100.1"
        );
        assert_eq!(found(&["for=198.51.100.1, For=10.9.9.9"]), "198.51.100.1");
        assert_eq!(
            found(&["proto=https; for=\"[2001:db8::7]:443\""]),
            "2001:db8::7"
        );
        assert_eq!(found(&["for=\"[2001:db8::7]\""]), "2001:db8::7");
        for nonsense in [
            "for=unknown",
            "for=_hidden",
            "proto=https",
            "",
            "198.51.100.1",
            "for=",
        ] {
            assert_eq!(found(&[nonsense]), "10.0.0.1", "{nonsense}");
        }
    }

    #[test]
    fn a_header_that_the_proxies_do_not_write_is_not_read() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        headers.append("forwarded", "for=198.51.100.1".parse().unwrap());
        let hops = ProxyHeader::XForwardedFor.hops(&headers);
        let peer = Some("10.0.0.1".parse().unwrap());
        assert_eq!(
            ClientAddress::find(peer, hops, &trusted),
            ClientAddress(peer)
        );
    }
}
