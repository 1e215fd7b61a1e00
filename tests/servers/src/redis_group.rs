//! Several redis-servers that act as one: a primary that Sentinels watch, or a Cluster.

use std::path::Path;
use std::process::Command;

use crate::ports::free_port;
use crate::redis::{Redis, program, until};

/// A primary, its replicas, and the Sentinels that watch them.
#[derive(Debug)]
pub struct RedisSentinels {
    /// The server that is the primary at first.
    pub primary: Redis,
    /// Its replicas.
    pub replicas: Vec<Redis>,
    sentinels: Vec<Redis>,
}

impl RedisSentinels {
    /// Starts a primary with replicas, and waits until every Sentinel knows the others.
    pub fn start(replicas: usize, sentinels: usize) -> Self {
        let primary = Redis::on_a_port(&[]);
        let replicas: Vec<_> = (0..replicas)
            .map(|_| Redis::replica_on_a_port(&primary))
            .collect();
        let quorum = sentinels / 2 + 1;
        let started = (0..sentinels).map(|_| Redis::sentinel(&primary, SERVICE, quorum));
        let group = Self {
            sentinels: started.collect(),
            primary,
            replicas,
        };
        let known = format!("slaves={},sentinels={sentinels}", group.replicas.len());
        until("every Sentinel knows the others", || {
            let mut sentinels = group.sentinels.iter();
            sentinels.all(|sentinel| sentinel.cli(&["INFO", "sentinel"]).contains(&known))
        });
        group
    }

    /// The address that names the Sentinels.
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.sentinels.iter().map(Redis::host).collect();
        format!("redis+sentinel://{}/{SERVICE}", hosts.join(","))
    }
}

/// Three masters, each with a third of the slots and with as many replicas.
#[derive(Debug)]
pub struct RedisCluster {
    /// The servers that are masters at first.
    pub masters: Vec<Redis>,
    /// The replicas of each master, in the order of the masters.
    pub replicas: Vec<Redis>,
}

impl RedisCluster {
    /// Starts three masters with `replicas` each, and waits until they take commands.
    pub fn start(replicas: usize) -> Self {
        let masters: Vec<_> = (0..MASTERS).map(|_| Redis::cluster_node()).collect();
        let slots = SLOTS / MASTERS;
        for (index, master) in masters.iter().enumerate() {
            let first = index * slots;
            let last = if index + 1 == MASTERS {
                SLOTS
            } else {
                first + slots
            } - 1;
            let (first, last) = (first.to_string(), last.to_string());
            master.cli(&["CLUSTER", "ADDSLOTSRANGE", &first, &last]);
            master.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(index + 1).to_string()]);
        }
        let others = (0..MASTERS * replicas).map(|_| Redis::cluster_node());
        let cluster = Self {
            replicas: others.collect(),
            masters,
        };
        for server in cluster.servers().skip(1) {
            let (port, bus) = server.cluster_ports();
            cluster.masters[0].cli(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus]);
        }
        cluster.assign_replicas();
        cluster.wait_until_well();
        cluster
    }

    fn servers(&self) -> impl Iterator<Item = &Redis> {
        self.masters.iter().chain(&self.replicas)
    }

    fn assign_replicas(&self) {
        for (index, replica) in self.replicas.iter().enumerate() {
            let master = self.masters[index % MASTERS].cli(&["CLUSTER", "MYID"]);
            until("a server knows its master", || {
                replica.cli(&["CLUSTER", "REPLICATE", &master]) == "OK"
            });
        }
        for replica in &self.replicas {
            until("the replica follows", || {
                let info = replica.cli(&["INFO", "replication"]);
                info.contains("master_link_status:up")
            });
        }
    }

    /// Waits until every server says that the Cluster works and knows all others.
    fn wait_until_well(&self) {
        let known = format!("cluster_known_nodes:{}", self.servers().count());
        until("the Cluster takes commands", || {
            self.servers().all(|server| {
                let info = server.cli(&["CLUSTER", "INFO"]);
                info.contains("cluster_state:ok") && info.contains(&known)
            })
        });
    }

    /// Waits until the replica of a master has taken its place, where each has one.
    pub fn wait_for_successor(&self, master: usize) {
        until("the replica has become master", || {
            let role = self.replicas[master].cli(&["ROLE"]);
            role.starts_with("master")
        });
    }

    /// The address that names two of the servers; they name the others.
    pub fn url(&self) -> String {
        let hosts: Vec<_> = self.masters.iter().skip(1).map(Redis::host).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// Moves `slots` slots of one master to another, key by key.
    pub fn move_slots(&self, slots: usize, from: usize, to: usize) {
        let (from, to) = (&self.masters[from], &self.masters[to]);
        let moved = Command::new(program("redis-cli"))
            .args(["--cluster", "reshard", &from.host()])
            .args(["--cluster-from", &from.cli(&["CLUSTER", "MYID"])])
            .args(["--cluster-to", &to.cli(&["CLUSTER", "MYID"])])
            .args(["--cluster-slots", &slots.to_string(), "--cluster-yes"])
            .output()
            .expect("redis-cli runs");
        let said = String::from_utf8_lossy(&moved.stdout);
        assert!(moved.status.success(), "{said}");
    }
}

impl Redis {
    fn replica_on_a_port(primary: &Self) -> Self {
        let replica = Self::on_a_port(&["--replicaof", "127.0.0.1", &primary.port()]);
        primary.wait_for(&replica);
        replica
    }

    fn cluster_node() -> Self {
        let bus = free_port().to_string();
        let mut node = Self::on_a_port(&[
            "--cluster-enabled",
            "yes",
            "--cluster-port",
            &bus,
            "--cluster-node-timeout",
            "1000",
        ]);
        node.bus_port = Some(bus);
        node
    }

    fn sentinel(primary: &Self, service: &str, quorum: usize) -> Self {
        let port = free_port().to_string();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = format!(
            "port {port}\ndir {folder}\nlogfile \"\"\n\
             sentinel monitor {service} 127.0.0.1 {primary} {quorum}\n\
             sentinel down-after-milliseconds {service} 500\n\
             sentinel failover-timeout {service} 3000\n",
            folder = folder.path().display(),
            primary = primary.port(),
        );
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, text).expect("a temporary folder");
        Self::watching(folder, path(&file), port)
    }
}

fn path(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// What the Sentinels call the primary and its replicas.
const SERVICE: &str = "signet";

const MASTERS: usize = 3;

const SLOTS: usize = 16_384;
