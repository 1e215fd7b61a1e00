//! Finds the master of a service by asking its Sentinels.
//!
//! Each new connection asks again, so a fail-over is followed as soon as the old connection breaks
//! or the old master says that it is a replica.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, InfoDict, RedisError,
    TlsCertificates,
};
use tokio::time::timeout;

use super::options::RedisOpenError;

/// The Sentinels of one service.
pub(super) struct Sentinels {
    clients: Vec<Client>,
    service: String,
    master: ConnectionInfo,
    certificates: Option<TlsCertificates>,
    /// The Sentinel that answered last is asked first.
    preferred: AtomicUsize,
}

impl Sentinels {
    pub(super) fn new(
        sentinels: Vec<ConnectionInfo>,
        service: String,
        master: ConnectionInfo,
        certificates: Option<TlsCertificates>,
    ) -> Result<Self, RedisOpenError> {
        let clients = sentinels.into_iter();
        let clients: Result<Vec<_>, _> = clients
            .map(|sentinel| client(sentinel, certificates.clone()))
            .collect();
        Ok(Self {
            clients: clients?,
            service,
            master,
            certificates,
            preferred: AtomicUsize::new(0),
        })
    }

    /// The server that a Sentinel names as the master.
    ///
    /// # Errors
    ///
    /// What the last Sentinel said, if none names one within `deadline` each.
    pub(super) async fn master(&self, deadline: Duration) -> Result<Client, RedisError> {
        let first = self.preferred.load(Ordering::Relaxed);
        let mut fault = RedisError::from((ErrorKind::EmptySentinelList, "no Sentinel"));
        let count = self.clients.len();
        for (index, sentinel) in self
            .clients
            .iter()
            .enumerate()
            .cycle()
            .skip(first)
            .take(count)
        {
            let asked = timeout(deadline, self.ask(sentinel, deadline)).await;
            match asked {
                Ok(Ok(address)) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return self.client_at(address);
                }
                Ok(Err(error)) => fault = error,
                Err(_) => fault = (ErrorKind::Io, "no answer of a Sentinel in time").into(),
            }
        }
        Err(fault)
    }

    async fn ask(
        &self,
        sentinel: &Client,
        deadline: Duration,
    ) -> Result<(String, u16), RedisError> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(deadline));
        let mut connection = sentinel
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut question = redis::cmd("SENTINEL");
        question.arg("get-master-addr-by-name").arg(&self.service);
        let address: Option<(String, u16)> = question.query_async(&mut connection).await?;
        address.ok_or_else(|| {
            (
                ErrorKind::MasterNameNotFoundBySentinel,
                "the Sentinel does not know a service of this name",
            )
                .into()
        })
    }

    fn client_at(&self, (host, port): (String, u16)) -> Result<Client, RedisError> {
        let address = match self.master.addr() {
            ConnectionAddr::TcpTls {
                insecure,
                tls_params,
                ..
            } => ConnectionAddr::TcpTls {
                host,
                port,
                insecure: *insecure,
                tls_params: tls_params.clone(),
            },
            _ => ConnectionAddr::Tcp(host, port),
        };
        let master = self.master.clone().set_addr(address);
        client(master, self.certificates.clone())
            .map_err(|_| (ErrorKind::InvalidClientConfig, "an unusable address").into())
    }
}

/// Refuses a server that says that it is a replica: a Sentinel may not know yet. A user who may not
/// ask is believed; a write to a replica is refused anyway.
pub(super) async fn refuse_replica(
    connection: &mut redis::aio::MultiplexedConnection,
) -> Result<(), RedisError> {
    let mut question = redis::cmd("INFO");
    question.arg("replication");
    match question.query_async::<InfoDict>(connection).await {
        Ok(info) if info.get::<String>("role").as_deref() == Some("slave") => Err((
            ErrorKind::Io,
            "the server that the Sentinel names is a replica",
        )
            .into()),
        Err(error) if error.is_io_error() || error.is_timeout() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}
/// A client of one server.
pub(super) fn client(
    info: ConnectionInfo,
    certificates: Option<TlsCertificates>,
) -> Result<Client, RedisOpenError> {
    match certificates {
        Some(certificates) => Client::build_with_tls(info, certificates),
        None => Client::open(info),
    }
    .map_err(|_| RedisOpenError::Url)
}
