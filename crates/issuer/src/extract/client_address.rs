//! The address of the client, from sources that can be trusted.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::app::App;
use crate::config::Settings;

/// The peer of the connection; the server notes it on each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// The address of the client. It is the peer, unless that is a trusted proxy; then it is the
/// rightmost address in `X-Forwarded-For` that is no trusted proxy. `None` without a connection, as
/// in tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ClientAddress(pub Option<IpAddr>);

impl ClientAddress {
    /// Finds the client of a request.
    pub fn of(extensions: &Extensions, headers: &HeaderMap, settings: &Settings) -> Self {
        let peer = extensions.get::<Peer>().map(|peer| peer.0.ip());
        Self::find(peer, headers, &settings.trusted_proxies)
    }

    fn find(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let Some(peer) = peer else {
            return Self(None);
        };
        let mut nearest = peer.to_canonical();
        for hop in forwarded_for(headers) {
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

/// The hops, nearest first, at most [`MAX_HOPS`].
fn forwarded_for(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
    hops.take(MAX_HOPS)
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
const FORWARDED_FOR: &str = "x-forwarded-for";

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, value.parse().unwrap());
        }
        let ClientAddress(address) =
            ClientAddress::find(Some(peer.parse().unwrap()), &headers, &trusted);
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
}
