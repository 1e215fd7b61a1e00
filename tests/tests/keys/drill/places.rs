//! Where tokens are verified: two services with the crate, and a gateway.

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::json;
use signet_test_servers::Envoy;
use signet_tests::{Api, Server};
use signet_verifier::{Clock, ManualClock, Policy, RemoteKeys, SystemClock, Verifier};

/// A party that accepts or refuses tokens.
pub(super) enum Place {
    /// A service with the crate.
    Service(Service),
    /// A gateway with `jwt_authn`.
    Gateway { api: Api, _envoy: Envoy },
}

/// A service with the crate. When it fetches keys again is up to the test.
pub(super) struct Service {
    verifier: Verifier,
    pub(super) clock: Arc<ManualClock>,
}

impl Place {
    /// A service that has the keys of this issuer.
    pub(super) async fn service(issuer: &Server) -> Self {
        let clock = Arc::new(ManualClock::new(SystemClock::new().now()));
        let shared: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
        let url = format!("{}/.well-known/jwks.json", issuer.api().base());
        let keys = RemoteKeys::builder().clock(shared).build(&url);
        let keys = keys.expect("a JWKS URL");
        keys.prefetch().await.expect("keys");
        let verifier = Verifier::new(Policy::new("http://127.0.0.1:8080", "api"), keys);
        Self::Service(Service { verifier, clock })
    }

    /// A gateway that asks both issuers for keys, and keeps what it gets for a second.
    pub(super) fn gateway(issuers: &[Server; 2]) -> Self {
        let addresses = issuers.each_ref().map(|issuer| issuer.api().address());
        let envoy = Envoy::start(|port| configuration(port, addresses).to_string());
        Self::Gateway {
            api: Api::at(envoy.address()),
            _envoy: envoy,
        }
    }

    /// Why a token is refused, if it is.
    pub(super) async fn refuses(&self, token: &str) -> Option<String> {
        match self {
            Self::Service(service) => {
                let verified = service.verifier.verify_async(token).await;
                verified.err().map(|error| error.reason().to_owned())
            }
            Self::Gateway { api, .. } => {
                let reply = api.get_as("/", token).await;
                (reply.status != 200).then(|| format!("{} {}", reply.status, reply.text()))
            }
        }
    }

    /// The service that it is.
    pub(super) fn as_service(&self) -> Option<&Service> {
        match self {
            Self::Service(service) => Some(service),
            Self::Gateway { .. } => None,
        }
    }
}

fn configuration(port: u16, issuers: [SocketAddr; 2]) -> serde_json::Value {
    let address = |address: SocketAddr| json!({"socket_address": {"address": address.ip(), "port_value": address.port()}});
    let typed = |name: &str, kind: &str, mut config: serde_json::Value| {
        config["@type"] = format!("type.googleapis.com/envoy.extensions.filters.{kind}").into();
        json!({"name": name, "typed_config": config})
    };
    let provider = json!({
        "issuer": "http://127.0.0.1:8080",
        "audiences": ["api"],
        "require_expiration": true,
        "remote_jwks": {
            "http_uri": {"uri": "http://signet/.well-known/jwks.json", "cluster": "signet", "timeout": "5s"},
            "cache_duration": "1s",
        },
    });
    let jwt_authn = json!({
        "providers": {"signet": provider},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "signet"}}],
    });
    let everything = json!({"match": {"prefix": "/"}, "direct_response": {"status": 200}});
    let manager = json!({
        "stat_prefix": "drill",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [everything]}]},
        "http_filters": [
            typed("jwt_authn", "http.jwt_authn.v3.JwtAuthentication", jwt_authn),
            typed("router", "http.router.v3.Router", json!({})),
        ],
    });
    let manager_type = "network.http_connection_manager.v3.HttpConnectionManager";
    let filters = [typed("http", manager_type, manager)];
    let endpoints = issuers.map(|issuer| json!({"endpoint": {"address": address(issuer)}}));
    json!({"static_resources": {
        "listeners": [{
            "address": address(SocketAddr::from(([127, 0, 0, 1], port))),
            "filter_chains": [{"filters": filters}],
        }],
        "clusters": [{
            "name": "signet",
            "type": "STATIC",
            "connect_timeout": "5s",
            "load_assignment": {"cluster_name": "signet", "endpoints": [{"lb_endpoints": endpoints}]},
        }],
    }})
}
