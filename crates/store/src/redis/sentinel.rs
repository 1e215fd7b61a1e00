//! Finds the master of a service by asking its Sentinels.
//!
//! Each new connection asks all of them, and so does each open one every second: a connection to a
//! server that was replaced can stay alive, for example because the network cut that server off from
//! the Sentinels only. A Sentinel that was cut off too still names the old master. Each fail-over has
//! a number, the configuration epoch, so the answer with the highest one counts.
//!
//! What one connection learns, all of them follow: if endings went to the new master while sessions
//! are read from the old one, a session would go on after it was ended.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::join_all;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    InfoDict, RedisError, TlsCertificates,
};
use tokio::sync::{Mutex, watch};
use tokio::time::{sleep, timeout};

use super::options::RedisOpenError;

/// The Sentinels of one service.
pub(super) struct Sentinels {
    members: Vec<Sentinel>,
    service: String,
    master: ConnectionInfo,
    certificates: Option<TlsCertificates>,
    /// The server that was named last.
    newest: watch::Sender<Option<NamedMaster>>,
}

/// A server, as a Sentinel names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NamedMaster {
    host: String,
    port: u16,
    /// Counts the fail-overs of the service.
    epoch: u64,
}

impl NamedMaster {
    fn is_at(&self, other: &Self) -> bool {
        (&self.host, self.port) == (&other.host, other.port)
    }
}

impl Sentinels {
    pub(super) fn new(
        sentinels: Vec<ConnectionInfo>,
        service: String,
        master: ConnectionInfo,
        certificates: Option<TlsCertificates>,
    ) -> Result<Self, RedisOpenError> {
        let members = sentinels.into_iter().map(|sentinel| {
            Ok(Sentinel {
                client: client(sentinel, certificates.clone())?,
                idle: Mutex::new(None),
            })
        });
        Ok(Self {
            members: members.collect::<Result<_, _>>()?,
            service,
            master,
            certificates,
            newest: watch::Sender::new(None),
        })
    }

    /// The server that the Sentinels name as the master.
    ///
    /// # Errors
    ///
    /// What one of the Sentinels said, if none names a server within `deadline`.
    pub(super) async fn master(&self, deadline: Duration) -> Result<NamedMaster, RedisError> {
        let before = self.newest.borrow().clone();
        let asked = self.members.iter().map(|sentinel| async move {
            let asked = timeout(deadline, sentinel.ask(&self.service, deadline)).await;
            asked.unwrap_or_else(|_| Err((ErrorKind::Io, "no answer of a Sentinel in time").into()))
        });
        let (mut named, mut faults) = (Vec::new(), Vec::new());
        for answer in join_all(asked).await {
            match answer {
                Ok(master) => named.push(master),
                Err(error) => faults.push(error),
            }
        }
        if named.is_empty() {
            return Err(most_telling(&faults));
        }
        let heard = before.as_ref().map_or(0, |master| master.epoch);
        let master = newest(named, &faults, heard).ok_or_else(|| {
            let why = "only Sentinels answer that have missed a fail-over";
            RedisError::from((ErrorKind::Io, why))
        })?;
        Ok(self.learn(before.as_ref(), master))
    }

    /// Tells all connections which server was named, and returns it. If another question has learned
    /// of a later fail-over since `before`, that answer counts.
    fn learn(&self, before: Option<&NamedMaster>, named: NamedMaster) -> NamedMaster {
        let mut counts = named;
        self.newest.send_if_modified(|newest| match newest {
            Some(other) if Some(&*other) != before && other.epoch >= counts.epoch => {
                counts = other.clone();
                false
            }
            _ => newest.replace(counts.clone()).as_ref() != Some(&counts),
        });
        counts
    }

    /// Returns when the Sentinels name another server than `used`.
    pub(super) async fn name_another_than(&self, used: &NamedMaster, deadline: Duration) {
        let mut newest = self.newest.subscribe();
        let another =
            newest.wait_for(|newest| newest.as_ref().is_some_and(|named| !named.is_at(used)));
        let asking = async {
            loop {
                sleep(BETWEEN_QUESTIONS).await;
                // Without an answer the server that is used stays the best guess.
                let _learned = self.master(deadline).await;
            }
        };
        tokio::select! {
            _ = another => {}
            () = asking => {}
        }
    }

    /// A client of a server that the Sentinels have named.
    pub(super) fn client_at(&self, master: &NamedMaster) -> Result<Client, RedisError> {
        let (host, port) = (master.host.clone(), master.port);
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

/// One Sentinel.
struct Sentinel {
    client: Client,
    /// A connection that answered the last time.
    idle: Mutex<Option<MultiplexedConnection>>,
}

impl Sentinel {
    async fn ask(&self, service: &str, deadline: Duration) -> Result<NamedMaster, RedisError> {
        // A connection that does not answer is not put back.
        let kept = self.idle.lock().await.take();
        if let Some(mut connection) = kept
            && let Ok(named) = named_by(&mut connection, service).await
        {
            *self.idle.lock().await = Some(connection);
            return Ok(named);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(deadline))
            // The caller has a deadline for all of it.
            .set_response_timeout(None);
        let connecting = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let mut connection = connecting.await?;
        let named = named_by(&mut connection, service).await?;
        *self.idle.lock().await = Some(connection);
        Ok(named)
    }
}

/// The answer of one Sentinel. The address beside the epoch is that of the old server while a
/// fail-over is not over, so the address has a question of its own. A fail-over between the questions
/// makes them be asked again.
async fn named_by(
    connection: &mut MultiplexedConnection,
    service: &str,
) -> Result<NamedMaster, RedisError> {
    let mut epoch = epoch_of(connection, service).await?;
    loop {
        let address = ask(connection, "get-master-addr-by-name", service).await?;
        let address: Option<(String, u16)> = address;
        let (host, port) = address.ok_or_else(unknown_service)?;
        let before = epoch;
        epoch = epoch_of(connection, service).await?;
        if epoch == before {
            return Ok(NamedMaster { host, port, epoch });
        }
    }
}

/// How many fail-overs a Sentinel knows of.
async fn epoch_of(
    connection: &mut MultiplexedConnection,
    service: &str,
) -> Result<u64, RedisError> {
    let state = ask(connection, "master", service).await;
    let state: HashMap<String, String> = state.map_err(|error| match error.detail() {
        Some(said) if said.contains("No such master") => unknown_service(),
        _ => error,
    })?;
    let epoch = state.get("config-epoch");
    Ok(epoch
        .and_then(|epoch| epoch.parse().ok())
        .unwrap_or_default())
}

async fn ask<T: FromRedisValue>(
    connection: &mut MultiplexedConnection,
    what: &str,
    service: &str,
) -> Result<T, RedisError> {
    let mut question = redis::cmd("SENTINEL");
    question.arg(what).arg(service);
    question.query_async(connection).await
}

fn unknown_service() -> RedisError {
    let why = "the Sentinel does not know a service of this name";
    (ErrorKind::MasterNameNotFoundBySentinel, why).into()
}

/// The answer after the most fail-overs. `None` if it is older than one that was `heard` before and
/// some Sentinel has not answered. If all have, they count anew, as after `SENTINEL REMOVE`.
fn newest(named: Vec<NamedMaster>, faults: &[RedisError], heard: u64) -> Option<NamedMaster> {
    let newest = named.into_iter().max_by_key(|named| named.epoch)?;
    (newest.epoch >= heard || faults.is_empty()).then_some(newest)
}

/// A Sentinel that refuses says more than one that cannot be reached.
fn most_telling(faults: &[RedisError]) -> RedisError {
    let telling = faults.iter().find(|fault| fault.kind() != ErrorKind::Io);
    let telling = telling.or(faults.first()).cloned();
    telling.unwrap_or_else(|| (ErrorKind::EmptySentinelList, "no Sentinel").into())
}

/// Refuses a server that says that it is a replica: a Sentinel may not know yet. A user who may not
/// ask is believed; a write to a replica is refused anyway.
pub(super) async fn refuse_replica(
    connection: &mut MultiplexedConnection,
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

/// How long a connection to a server that was replaced is used at most, beside the time that the
/// Sentinels need to answer. The questions are small, so it does not matter if all issuers ask at
/// the same moment.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn named(port: u16, epoch: u64) -> NamedMaster {
        NamedMaster {
            host: "localhost".to_owned(),
            port,
            epoch,
        }
    }

    #[test]
    fn the_answer_after_the_most_fail_overs_counts() {
        let answers = vec![named(1, 3), named(2, 4), named(1, 3)];
        assert_eq!(newest(answers, &[], 0), Some(named(2, 4)));
    }

    #[test]
    fn sentinels_that_missed_a_fail_over_are_not_followed_back() {
        let silent = [RedisError::from((ErrorKind::Io, "no answer"))];
        assert_eq!(newest(vec![named(1, 3)], &silent, 4), None);
        let followed = newest(vec![named(1, 4)], &silent, 4);
        assert_eq!(followed, Some(named(1, 4)));
    }

    #[test]
    fn sentinels_that_all_count_anew_are_followed() {
        let answers = vec![named(1, 0), named(1, 0)];
        assert_eq!(newest(answers, &[], 4), Some(named(1, 0)));
    }

    fn no_sentinels() -> Sentinels {
        let master = "redis://localhost".parse::<ConnectionInfo>().unwrap();
        Sentinels::new(Vec::new(), "service".to_owned(), master, None).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn every_connection_follows_what_one_has_learned() {
        let sentinels = no_sentinels();
        let (old, new) = (named(1, 3), named(2, 4));
        sentinels.learn(None, old.clone());
        let mut another = Box::pin(sentinels.name_another_than(&old, Duration::ZERO));
        assert!((&mut another).now_or_never().is_none());
        sentinels.learn(Some(&old), new);
        assert!(another.now_or_never().is_some(), "before it asks itself");
    }

    #[test]
    fn an_answer_that_was_overtaken_is_not_followed_back() {
        let sentinels = no_sentinels();
        let (old, new) = (named(1, 3), named(2, 4));
        sentinels.learn(None, old.clone());
        assert_eq!(sentinels.learn(Some(&old), new.clone()), new);
        assert_eq!(sentinels.learn(Some(&old), old.clone()), new);
        // No other question has learned anything meanwhile, so the Sentinels count anew.
        assert_eq!(sentinels.learn(Some(&new), old.clone()), old);
    }

    #[test]
    fn a_refusal_says_more_than_silence() {
        let silent = RedisError::from((ErrorKind::Io, "no answer"));
        let faults = vec![silent.clone(), unknown_service(), silent];
        assert_eq!(most_telling(&faults), unknown_service());
    }
}
