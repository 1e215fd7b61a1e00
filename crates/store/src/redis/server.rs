//! Where the server is and how to reach it: an address, what proves who we are, and TLS.

use std::fs;
use std::future::pending;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use redis::cluster::ClusterClient;
use redis::{
    AsyncConnectionConfig, Client, ConnectionInfo, ErrorKind, ProtocolVersion, PushInfo, PushKind,
    RedisError, TlsCertificates,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::address::RedisAddress;
use super::keys::Layout;
use super::live::Live;
use super::options::{RedisOpenError, RedisOptions};
use super::sentinel::{Sentinels, client, refuse_replica};
use super::wire::Wire;

/// One server, or the servers that act as one, as the configuration names them.
pub(crate) struct RedisServer {
    target: Target,
    address: String,
    deadline: Duration,
}

enum Target {
    Single(Box<Client>),
    Sentinel(Box<Sentinels>),
    Cluster(Box<Cluster>),
}

struct Cluster {
    client: ClusterClient,
    /// The servers that the URL names.
    named: Vec<Client>,
}

impl RedisServer {
    /// Understands a URL. A certificate file replaces the public authorities.
    pub(crate) fn parse(url: &str, options: &RedisOptions) -> Result<Self, RedisOpenError> {
        let parsed = RedisAddress::parse(url)?;
        let address = parsed.text();
        let certificates = if parsed.is_tls() {
            install_crypto();
            options.ca_file.as_deref().map(trusted).transpose()?
        } else {
            None
        };
        let target = match parsed {
            RedisAddress::Single(info) => {
                Target::Single(Box::new(client(tuned(*info), certificates)?))
            }
            RedisAddress::Sentinel {
                sentinels,
                service,
                master,
            } => {
                let master = tuned(*master);
                let sentinels = Sentinels::new(sentinels, service, master, certificates)?;
                Target::Sentinel(Box::new(sentinels))
            }
            RedisAddress::Cluster(servers) => {
                let named = servers.iter().cloned();
                let named = named.map(|server| client(tuned(server), certificates.clone()));
                let named = named.collect::<Result<_, _>>()?;
                let client = cluster_client(servers, certificates, options.timeout)?;
                Target::Cluster(Box::new(Cluster { client, named }))
            }
        };
        Ok(Self {
            target,
            address,
            deadline: options.timeout,
        })
    }

    /// Makes a connection within the deadline of each step.
    pub(super) async fn connect(&self) -> Result<Live, RedisError> {
        match &self.target {
            Target::Single(client) => self.connect_to(client).await.map(|(_, live)| live),
            Target::Sentinel(sentinels) => {
                let master = sentinels.master(self.deadline).await?;
                let client = sentinels.client_at(&master)?;
                let (mut connection, live) = self.connect_to(&client).await?;
                let checked = timeout(self.deadline, refuse_replica(&mut connection)).await;
                checked.unwrap_or_else(|_| Err(late()))?;
                Ok(Live {
                    master: Some(master),
                    ..live
                })
            }
            Target::Cluster(cluster) => self.connect_to_all(cluster).await,
        }
    }

    async fn connect_to_all(&self, cluster: &Cluster) -> Result<Live, RedisError> {
        // A server that does not answer holds up each of these steps once: connecting, asking for
        // the layout, and connecting to those that it names.
        let patience = self.deadline * CLUSTER_STEPS;
        let connected = timeout(patience, cluster.client.get_async_connection()).await;
        match connected.unwrap_or_else(|_| Err(late())) {
            Ok(connection) => Ok(Live {
                wire: Wire::Cluster(connection),
                broken: Arc::new(Notify::new()),
                master: None,
            }),
            Err(error) => Err(self.refusal_by_one(&cluster.named).await.unwrap_or(error)),
        }
    }

    /// Why one of the servers refuses us, if it does: the driver tells a wrong password in a Cluster
    /// from an outage by its text only.
    async fn refusal_by_one(&self, named: &[Client]) -> Option<RedisError> {
        for client in named {
            let refused = self.connect_to(client).await.err();
            if let Some(error) = refused.filter(|error| error.kind() != ErrorKind::Io) {
                return Some(error);
            }
        }
        None
    }

    /// Returns when Sentinels name another server than the one that `live` leads to.
    pub(super) async fn is_replaced(&self, live: &Live) {
        match (&self.target, &live.master) {
            (Target::Sentinel(sentinels), Some(master)) => {
                sentinels.name_another_than(master, self.deadline).await;
            }
            _ => pending().await,
        }
    }

    async fn connect_to(
        &self,
        client: &Client,
    ) -> Result<(redis::aio::MultiplexedConnection, Live), RedisError> {
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
        let connected = client.get_multiplexed_async_connection_with_config(&config);
        let connected = timeout(self.deadline, connected).await;
        let connection = connected.unwrap_or_else(|_| Err(late()))?;
        let live = Live {
            wire: Wire::Server(connection.clone()),
            broken,
            master: None,
        };
        Ok((connection, live))
    }

    /// How keys are named there.
    pub(super) fn layout(&self) -> Layout {
        match self.target {
            Target::Single(_) | Target::Sentinel(_) => Layout::Whole,
            Target::Cluster(_) => Layout::Partitions,
        }
    }

    /// Whether a connection serves some keys while others cannot be reached.
    pub(super) fn is_cluster(&self) -> bool {
        matches!(self.target, Target::Cluster(_))
    }

    /// Hosts and ports, or the path of the socket; never a password.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// How long anything may take.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

fn cluster_client(
    servers: Vec<ConnectionInfo>,
    certificates: Option<TlsCertificates>,
    deadline: Duration,
) -> Result<ClusterClient, RedisOpenError> {
    let mut builder = ClusterClient::builder(servers)
        .use_protocol(ProtocolVersion::RESP3)
        .tcp_settings(redis::io::tcp::TcpSettings::default().set_nodelay(true))
        .connection_timeout(deadline)
        .response_timeout(deadline)
        .overall_response_timeout(Some(deadline))
        .min_retry_wait(SHORTEST_RETRY_MS)
        .max_retry_wait(LONGEST_RETRY_MS);
    if let Some(certificates) = certificates {
        builder = builder.certs(certificates);
    }
    builder.build().map_err(|_| RedisOpenError::Url)
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

fn trusted(ca_file: &Path) -> Result<TlsCertificates, RedisOpenError> {
    let unusable = |why: String| RedisOpenError::CaFile {
        path: ca_file.to_owned(),
        why,
    };
    let no_certificates = || unusable("it holds no certificates in PEM".to_owned());
    let pem = fs::read(ca_file).map_err(|error| unusable(error.to_string()))?;
    let mut certificates = CertificateDer::pem_slice_iter(&pem);
    if certificates.next().is_none_or(|first| first.is_err()) {
        return Err(no_certificates());
    }
    Ok(TlsCertificates {
        client_tls: None,
        root_cert: Some(pem),
    })
}

/// The TLS library takes its cryptography from the process. One that is already there serves too.
fn install_crypto() {
    let _other = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

fn late() -> RedisError {
    (ErrorKind::Io, "no connection in time").into()
}

/// How many deadlines the connection to a Cluster may take.
const CLUSTER_STEPS: u32 = 4;

/// Between two tries of a command that a server of a Cluster could not take, such as while a slot
/// moves. The deadline ends them.
const SHORTEST_RETRY_MS: u64 = 5;
const LONGEST_RETRY_MS: u64 = 50;
