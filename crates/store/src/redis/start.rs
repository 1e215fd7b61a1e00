//! The start: connect, and make sure that this server will do.

use std::sync::Arc;

use redis::{ErrorKind, InfoDict, Pipeline, RedisError};
use signet_core::ids::AccountId;
use signet_verifier::Timestamp;

use super::connection::Connection;
use super::epoch::Epoch;
use super::fault::RedisFault;
use super::keys::Layout;
use super::options::{RedisOpenError, RedisOptions};
use super::scripts::Scripts;
use super::server::RedisServer;
use super::{Redis, timestamp};
use crate::fault::Unanswered;
use crate::inspection::{Inspection, ServerVersion};

impl Redis {
    /// Connects, refuses a server that would forget things, and tries what will be needed.
    pub(crate) async fn open(
        server: RedisServer,
        options: &RedisOptions,
        now: Timestamp,
    ) -> Result<Self, RedisOpenError> {
        let server = Arc::new(server);
        let address = server.address();
        let hot = connect(&server, "sessions").await?;
        let endings = connect(&server, "endings").await?;
        let replicas = match facts(&hot).await {
            Ok(facts) => {
                facts.refuse_eviction(address)?;
                facts.replicas
            }
            Err(fault) => {
                tracing::warn!(
                    redis.address = address,
                    "Redis does not tell its maxmemory-policy: {}; make sure that it is noeviction",
                    said(&fault)
                );
                0
            }
        };
        let layout = server.layout();
        let process = process_id(&hot, layout)
            .await
            .map_err(|fault| refusal(address, &fault))?;
        let redis = Self {
            hot,
            endings,
            scripts: Scripts::new(),
            layout,
            epoch: Epoch::new(layout, process),
            acknowledgements: options.acknowledgements.unwrap_or(replicas.min(1)),
        };
        let tried = redis.try_everything(now).await;
        tried.map_err(|fault| refusal(address, &fault))?;
        Ok(redis)
    }

    /// Asks for the settings of the server and its clock. Writes nothing.
    pub(crate) async fn inspect(server: RedisServer) -> Result<Inspection, RedisOpenError> {
        let server = Arc::new(server);
        let address = server.address();
        let connection = connect(&server, "inspection").await?;
        // A server may keep its settings to itself.
        let mut version = None;
        if let Ok(facts) = facts(&connection).await {
            facts.refuse_eviction(address)?;
            version = facts.version;
        }
        let clock = time_of(&connection, server.layout()).await;
        Ok(Inspection {
            name: format!("Redis at {address}"),
            clock: Some(clock.map_err(|fault| refusal(address, &fault))?),
            latest: None,
            schema: None,
            version: version.map(|found| ServerVersion {
                found,
                oldest: OLDEST_VERSION,
            }),
        })
    }

    /// Tries every kind of command, so that a missing permission fails the start and no sign-in.
    async fn try_everything(&self, now: Timestamp) -> Result<(), RedisFault> {
        self.write_and_tell_time().await?;
        let mut script = self.scripts.list.prepare_invoke();
        let unused = AccountId::from_bytes([0; 16]);
        script
            .key(self.layout.sessions(unused))
            .key(self.layout.index(unused));
        self.hot.run::<()>(&script).await?;
        self.learn_epochs(now).await?;
        let check = self.layout.check(self.layout.of_account(unused));
        self.write_surely::<()>(redis::Cmd::set(check, 1)).await
    }
}

async fn connect(
    server: &Arc<RedisServer>,
    purpose: &'static str,
) -> Result<Connection, RedisOpenError> {
    match server.connect().await {
        Ok(live) => Ok(Connection::keep(Arc::clone(server), live, purpose)),
        Err(error) => Err(refusal(server.address(), &RedisFault::Driver(error))),
    }
}

/// Tells this process from all others that use the server: the time of the server, and the number
/// of the connection, which no other has while the server runs. Both are from one server.
async fn process_id(connection: &Connection, layout: Layout) -> Result<[u8; 16], RedisFault> {
    let mut commands = Pipeline::new();
    for partition in layout.partitions().take(1) {
        commands.cmd("EXISTS").arg(layout.check(partition)).ignore();
    }
    commands.cmd("TIME");
    commands.cmd("CLIENT").arg("ID");
    let ((seconds, micros), number): ((u64, u64), u64) = connection.run_all(&commands).await?;
    let time = seconds.saturating_mul(1_000_000).saturating_add(micros);
    Ok(((u128::from(time) << u64::BITS) | u128::from(number)).to_be_bytes())
}

/// The time of a server; the key chooses one of a Cluster.
async fn time_of(connection: &Connection, layout: Layout) -> Result<Timestamp, RedisFault> {
    let mut commands = Pipeline::new();
    for partition in layout.partitions().take(1) {
        commands.cmd("EXISTS").arg(layout.check(partition)).ignore();
    }
    commands.cmd("TIME");
    let (told,): ((u64, u64),) = connection.run_all(&commands).await?;
    Ok(timestamp(told))
}

/// What the server tells about itself; of a Cluster, what all that take writes have in common.
struct Facts {
    policy: Option<String>,
    replicas: u32,
    version: Option<String>,
}

async fn facts(connection: &Connection) -> Result<Facts, RedisFault> {
    let told: Vec<InfoDict> = connection.ask_masters(&redis::cmd("INFO")).await?;
    let mut policies = told.iter().map(|info| info.get("maxmemory_policy"));
    let first: Option<String> = policies.next().flatten();
    let evicting = policies
        .flatten()
        .find(|policy: &String| policy != NO_EVICTION);
    let replicas = told
        .iter()
        .map(|info| info.get("connected_slaves").unwrap_or_default());
    Ok(Facts {
        policy: evicting.or(first),
        replicas: replicas.min().unwrap_or_default(),
        version: told.first().and_then(|info| info.get("redis_version")),
    })
}

impl Facts {
    fn refuse_eviction(&self, address: &str) -> Result<(), RedisOpenError> {
        match self.policy.as_deref() {
            Some(NO_EVICTION) => Ok(()),
            Some(policy) => Err(RedisOpenError::Evicts {
                address: address.to_owned(),
                policy: policy.to_owned(),
            }),
            None => {
                tracing::warn!(
                    redis.address = address,
                    "Redis does not tell its maxmemory-policy; make sure that it is noeviction"
                );
                Ok(())
            }
        }
    }
}

fn refusal(address: &str, fault: &RedisFault) -> RedisOpenError {
    let (address, why) = (address.to_owned(), said(fault));
    match fault {
        RedisFault::Driver(error) if is_about_identity(error) => {
            RedisOpenError::Unauthenticated { address, why }
        }
        RedisFault::Driver(error) if error.code() == Some("NOPERM") => {
            RedisOpenError::Forbidden { address, why }
        }
        RedisFault::Driver(error) if error.kind() != ErrorKind::Io && !is_not_ready(error) => {
            RedisOpenError::Unusable { address, why }
        }
        RedisFault::Unanswered(Unanswered::TooFewReplicas { .. }) | RedisFault::Impossible(_) => {
            RedisOpenError::Unusable { address, why }
        }
        _ => RedisOpenError::Unreachable { address, why },
    }
}

fn is_about_identity(error: &RedisError) -> bool {
    error.kind() == ErrorKind::AuthenticationFailed
        || matches!(error.code(), Some("WRONGPASS" | "NOAUTH"))
}

/// Whether the server is only starting, or is between two primaries.
fn is_not_ready(error: &RedisError) -> bool {
    error.code().is_some_and(|code| NOT_READY.contains(&code))
}

fn said(fault: &RedisFault) -> String {
    match fault {
        RedisFault::Driver(error) => error.to_string(),
        RedisFault::Unanswered(reason) => reason.to_string(),
        RedisFault::Impossible(what) => (*what).to_owned(),
    }
}

/// What a server answers that reads its disk, has no primary, or belongs to a broken Cluster.
const NOT_READY: [&str; 4] = ["LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"];

/// The oldest major version that can be used, also by the number that Valkey gives for compatibility.
/// docs/stores.md names it too.
const OLDEST_VERSION: u32 = 6;

/// The only policy that forgets nothing when memory runs short.
const NO_EVICTION: &str = "noeviction";
