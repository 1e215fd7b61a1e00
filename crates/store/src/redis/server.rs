//! Where the server is and how to reach it: an address, what proves who we are, and TLS.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo,
    ProtocolVersion, PushInfo, PushKind, RedisError, TlsCertificates,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::live::Live;
use super::options::{RedisOpenError, RedisOptions};

/// One server, as the configuration names it.
pub(crate) struct RedisServer {
    client: Client,
    address: String,
    deadline: Duration,
}

impl RedisServer {
    /// Understands a URL. A certificate file replaces the public authorities.
    pub(crate) fn parse(url: &str, options: &RedisOptions) -> Result<Self, RedisOpenError> {
        let info = url
            .into_connection_info()
            .map_err(|_| RedisOpenError::Url)?;
        let address = info.addr().to_string();
        let info = tuned(info);
        let client = match (info.addr(), &options.ca_file) {
            (ConnectionAddr::TcpTls { insecure: true, .. }, _) => {
                return Err(RedisOpenError::Unverified);
            }
            (ConnectionAddr::TcpTls { .. }, Some(path)) => {
                install_crypto();
                trusting(info, path)?
            }
            (ConnectionAddr::TcpTls { .. }, None) => {
                install_crypto();
                Client::open(info).map_err(|_| RedisOpenError::Url)?
            }
            _ => Client::open(info).map_err(|_| RedisOpenError::Url)?,
        };
        Ok(Self {
            client,
            address,
            deadline: options.timeout,
        })
    }

    /// Makes a connection within the deadline.
    pub(super) async fn connect(&self) -> Result<Live, RedisError> {
        let broken = Arc::new(Notify::new());
        let hears = Arc::clone(&broken);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.deadline))
            // Each call has one deadline for all of its steps.
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                if push.kind == PushKind::Disconnection {
                    hears.notify_one();
                }
                Ok::<_, redis::aio::SendError>(())
            });
        let connected = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        match timeout(self.deadline, connected).await {
            Ok(connection) => Ok(Live {
                connection: connection?,
                broken,
            }),
            Err(_) => Err((ErrorKind::Io, "no connection in time").into()),
        }
    }

    /// Host and port, or the path of the socket; never a password.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// How long anything may take.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

/// Small answers must not wait for more of them; a lost connection must be heard of unasked, which
/// takes the newer protocol.
fn tuned(info: ConnectionInfo) -> ConnectionInfo {
    let tcp = info.tcp_settings().clone().set_nodelay(true);
    let redis = info
        .redis_settings()
        .clone()
        .set_protocol(ProtocolVersion::RESP3);
    info.set_tcp_settings(tcp).set_redis_settings(redis)
}

fn trusting(info: ConnectionInfo, ca_file: &Path) -> Result<Client, RedisOpenError> {
    let unusable = |why: String| RedisOpenError::CaFile {
        path: ca_file.to_owned(),
        why,
    };
    let no_certificates = || unusable("it holds no certificates in PEM".to_owned());
    let pem = fs::read(ca_file).map_err(|error| unusable(error.to_string()))?;
    if CertificateDer::pem_slice_iter(&pem).next().is_none() {
        return Err(no_certificates());
    }
    let certificates = TlsCertificates {
        client_tls: None,
        root_cert: Some(pem),
    };
    Client::build_with_tls(info, certificates).map_err(|_| no_certificates())
}

/// The TLS library takes its cryptography from the process. One that is already there serves too.
fn install_crypto() {
    let _other = rustls::crypto::aws_lc_rs::default_provider().install_default();
}
