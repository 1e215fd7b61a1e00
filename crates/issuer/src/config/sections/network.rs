//! Where the server listens, and which browsers and proxies it trusts.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use ipnet::IpNet;
use signet_core::webauthn::RelyingParty;
use url::Host;

use crate::config::reader::{Reader, network};
use crate::config::settings::ProxyHeader;
use crate::config::urls::{PublicUrl, WebOrigin};
use crate::config::{tls, webauthn};
use crate::tls::TlsFiles;

/// The listeners and their certificates.
#[expect(
    clippy::option_option,
    reason = "the outer one says that the value is wrong, the inner one is the setting"
)]
pub(super) struct Network {
    pub(super) listen: Option<SocketAddr>,
    pub(super) ops_listen: Option<SocketAddr>,
    pub(super) ops_hosts: Option<Vec<Host>>,
    pub(super) drain: Option<Duration>,
    pub(super) public_url: Option<PublicUrl>,
    pub(super) tls: Option<Option<TlsFiles>>,
    pub(super) ops_tls: Option<Option<TlsFiles>>,
}

/// The origins of browsers, and the proxies between them and the server.
pub(super) struct Browsers {
    pub(super) allowed_origins: Option<Vec<WebOrigin>>,
    pub(super) relying_party: Option<RelyingParty>,
    pub(super) trusted_proxies: Option<Vec<IpNet>>,
    pub(super) proxy_header: Option<ProxyHeader>,
}

impl Network {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let listen = reader.required("listen", address);
        let ops_listen = reader.required("ops_listen", address);
        let ops_hosts = reader.many("ops_hosts", Host::parse);
        let drain = reader.duration("drain", Duration::ZERO, LONGEST_DRAIN);
        let public_url = reader.required("public_url", str::parse);
        let tls = tls::read(reader, public_url.as_ref());
        let ops_tls = tls::read_operations(reader);
        Self {
            listen,
            ops_listen,
            ops_hosts,
            drain,
            public_url,
            tls,
            ops_tls,
        }
    }
}

impl Browsers {
    pub(super) fn read(reader: &mut Reader, own: &Network) -> Self {
        let public_url = own.public_url.as_ref();
        let allowed_origins = reader.many("allowed_origins", str::parse);
        let relying_party = webauthn::read(reader, public_url, allowed_origins.as_deref());
        let trusted_proxies = trusted_proxies(reader, public_url, own.tls.as_ref());
        let proxy_header = reader.required("proxy_header", proxy_header);
        Self {
            allowed_origins,
            relying_party,
            trusted_proxies,
            proxy_header,
        }
    }
}

/// Reads the trusted proxies; `none` says that there is no proxy. A server of https without own TLS
/// usually has one in front of it. Without its address, all clients would share one address and its
/// rate limits.
fn trusted_proxies(
    reader: &mut Reader,
    public_url: Option<&PublicUrl>,
    own_tls: Option<&Option<TlsFiles>>,
) -> Option<Vec<IpNet>> {
    let says_none = reader.many("trusted_proxies", |text| {
        Ok::<_, Infallible>(text == "none")
    });
    let proxies = match says_none?.as_slice() {
        [true] => return Some(Vec::new()),
        _ => reader.many("trusted_proxies", network)?,
    };
    let is_https = public_url.is_some_and(PublicUrl::is_https);
    if proxies.is_empty() && is_https && own_tls.is_some_and(Option::is_none) {
        return reader.refuse("trusted_proxies", PROXIES_MISSING);
    }
    Some(proxies)
}

fn proxy_header(text: &str) -> Result<ProxyHeader, &'static str> {
    match text {
        "x-forwarded-for" => Ok(ProxyHeader::XForwardedFor),
        "forwarded" => Ok(ProxyHeader::Forwarded),
        _ => Err("must be x-forwarded-for or forwarded"),
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:8080")
}

const PROXIES_MISSING: &str = "is not set, but public_url is https: without the address of the gateway all clients count as \
     one and share its rate limits; set it to the gateway's addresses, such as 10.0.0.0/8, or to \
     none if clients connect to Signet directly, or set tls.cert_file if Signet serves https itself";
/// Load balancers notice within seconds that a server is not ready.
const LONGEST_DRAIN: Duration = Duration::from_mins(5);
