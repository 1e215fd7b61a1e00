//! One connection to one server, or one to every server of a Cluster, used in the same way.

use std::collections::HashSet;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo, SingleNodeRoutingInfo};
use redis::{Cmd, ErrorKind, Pipeline, RedisError, RedisFuture, Value, from_redis_value};

/// What carries commands.
#[derive(Clone)]
pub(super) enum Wire {
    Server(MultiplexedConnection),
    Cluster(ClusterConnection),
}

/// A server that takes writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Master {
    /// The only one.
    Only,
    /// One of a Cluster.
    At {
        /// Its name or address.
        host: String,
        /// Its port.
        port: u16,
    },
}

impl Wire {
    /// What each server that takes writes answers to one command.
    pub(super) async fn ask_masters(&mut self, command: &Cmd) -> Result<Vec<Value>, RedisError> {
        match self {
            Self::Server(connection) => Ok(vec![connection.req_packed_command(command).await?]),
            Self::Cluster(connection) => {
                let answers = ask_each(connection, command).await?;
                Ok(answers.into_iter().map(|(_, said)| said).collect())
            }
        }
    }

    /// Every server that takes writes.
    ///
    /// # Errors
    ///
    /// If there is no connection to one of them.
    pub(super) async fn masters(&mut self) -> Result<Vec<Master>, RedisError> {
        let Self::Cluster(connection) = self else {
            return Ok(vec![Master::Only]);
        };
        let answers = ask_each(connection, &redis::cmd("PING")).await?;
        let reached: Option<Vec<_>> = answers.iter().map(|(said, _)| master_at(said)).collect();
        let reached = reached.unwrap_or_default();
        // Servers without a connection are left out of the answers.
        if reached.len() != count_masters(connection).await? {
            return Err((ErrorKind::Io, "a master of the Cluster cannot be reached").into());
        }
        Ok(reached)
    }

    /// What one server answers to a command without a key.
    pub(super) async fn ask_master(
        &mut self,
        master: &Master,
        command: &Cmd,
    ) -> Result<Value, RedisError> {
        match (self, master) {
            (Self::Cluster(connection), Master::At { host, port }) => {
                let (host, port) = (host.clone(), *port);
                let one = SingleNodeRoutingInfo::ByAddress { host, port };
                let command = command.clone();
                let asked = connection.route_command(command, RoutingInfo::SingleNode(one));
                asked.await
            }
            (wire, _) => wire.req_packed_command(command).await,
        }
    }
}

/// What each connected master answers, behind its address.
async fn ask_each(
    connection: &mut ClusterConnection,
    command: &Cmd,
) -> Result<Vec<(Value, Value)>, RedisError> {
    let masters = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
    match connection.route_command(command.clone(), masters).await? {
        Value::Map(answers) => Ok(answers),
        answer => Ok(vec![(Value::Nil, answer)]),
    }
}

fn master_at(address: &Value) -> Option<Master> {
    let address: String = redis::from_redis_value_ref(address).ok()?;
    let (host, port) = address.rsplit_once(':')?;
    Some(Master::At {
        host: host.to_owned(),
        port: port.parse().ok()?,
    })
}

/// How many servers have slots.
async fn count_masters(connection: &mut ClusterConnection) -> Result<usize, RedisError> {
    let mut question = redis::cmd("CLUSTER");
    question.arg("SLOTS");
    let any = RoutingInfo::SingleNode(SingleNodeRoutingInfo::Random);
    let answer = connection.route_command(question, any).await?;
    let ranges: Vec<Vec<Value>> = from_redis_value(answer)?;
    let ids = ranges.iter().filter_map(|range| master_id(range));
    Ok(ids.collect::<HashSet<_>>().len())
}

/// The id of the master of a range: first slot, last slot, the master, its replicas. A server is
/// its host, its port, and its id.
fn master_id(range: &[Value]) -> Option<&[u8]> {
    let Some(Value::Array(master)) = range.get(2) else {
        return None;
    };
    match master.get(2) {
        Some(Value::BulkString(id)) => Some(id),
        _ => None,
    }
}

impl ConnectionLike for Wire {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(connection) => connection.req_packed_command(command),
            Self::Cluster(connection) => connection.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection) => connection.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(connection) => connection.get_db(),
            Self::Cluster(connection) => connection.get_db(),
        }
    }
}
