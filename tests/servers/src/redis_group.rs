//! Several redis-servers that act as one: a primary that Sentinels watch, or a Cluster.

use std::process::Command;

use crate::network::{Member, Network};
use crate::redis::{Redis, program, until};
use crate::redis_plan::{RedisPlan, SERVICE};

/// A primary, its replicas, and the Sentinels that watch them.
#[derive(Debug)]
pub struct RedisSentinels {
    /// The server that is the primary at first.
    pub primary: Redis,
    /// Its replicas.
    pub replicas: Vec<Redis>,
    /// Their watch.
    pub sentinels: Vec<Redis>,
    plan: RedisPlan,
}

impl RedisSentinels {
    /// Starts a primary with replicas, and waits until every Sentinel knows the others.
    pub fn start(replicas: usize, sentinels: usize) -> Self {
        Self::planned(RedisPlan::default(), replicas, sentinels)
    }

    /// The same with servers as the plan says.
    pub fn planned(plan: RedisPlan, replicas: usize, sentinels: usize) -> Self {
        let mut members = (2..).map(Member::number);
        let mut next = || members.next().expect("more numbers");
        let primary = plan.server(next(), &[]);
        let follow = ["--replicaof", plan.host(), &primary.port()].map(str::to_owned);
        let follow = follow.each_ref().map(String::as_str);
        let replicas: Vec<_> = (0..replicas)
            .map(|_| plan.server(next(), &follow))
            .inspect(|replica| primary.wait_for(replica))
            .collect();
        let quorum = sentinels / 2 + 1;
        let started = (0..sentinels).map(|_| plan.sentinel(next(), &primary, quorum));
        let group = Self {
            sentinels: started.collect(),
            primary,
            replicas,
            plan,
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
        let hosts: Vec<_> = self
            .sentinels
            .iter()
            .map(|server| self.at(server))
            .collect();
        self.url_of(&hosts)
    }

    /// The address that names one Sentinel alone.
    pub fn url_by(&self, sentinel: usize) -> String {
        self.url_of(&[self.at(&self.sentinels[sentinel])])
    }

    fn at(&self, server: &Redis) -> String {
        format!("{}:{}", self.plan.host(), server.port())
    }

    fn url_of(&self, hosts: &[String]) -> String {
        let scheme = self.plan.scheme();
        format!("{scheme}+sentinel://{}/{SERVICE}", hosts.join(","))
    }

    /// Waits until every replica has what was written to the primary. Only endings wait for a
    /// replica by themselves.
    pub fn wait_until_replicated(&self) {
        self.primary.wait_until_replicated();
    }

    /// Cuts the primary off from its replicas and from the Sentinels, but for those numbered in
    /// `with`, who are cut off too. Clients still reach everything.
    pub fn part(&self, with: &[usize]) {
        let sentinels = with.iter().map(|&number| &self.sentinels[number]);
        let cut_off = sentinels.chain([&self.primary]);
        network(&self.plan).part(cut_off.map(member));
    }

    /// Lets every server reach every other one again.
    pub fn mend(&self) {
        network(&self.plan).part([]);
    }

    /// Waits until one of the replicas has become a primary; answers with its number.
    pub fn wait_for_successor(&self) -> usize {
        let is_primary = |replica: &Redis| replica.cli(&["ROLE"]).starts_with("master");
        until("a replica has become primary", || {
            self.replicas.iter().any(is_primary)
        });
        let successor = self.replicas.iter().position(is_primary);
        successor.expect("a primary")
    }

    /// Waits until the first primary is a replica.
    pub fn wait_for_demotion(&self) {
        until("the old primary has become a replica", || {
            self.primary.cli(&["ROLE"]).starts_with("slave")
        });
    }
}

fn network(plan: &RedisPlan) -> &Network {
    plan.network.as_ref().expect("servers that can be parted")
}

fn member(server: &Redis) -> Member {
    server.member.expect("a server of a group")
}

/// Three masters, each with a third of the slots and with as many replicas.
#[derive(Debug)]
pub struct RedisCluster {
    /// The servers that are masters at first.
    pub masters: Vec<Redis>,
    /// The replicas of each master, in the order of the masters.
    pub replicas: Vec<Redis>,
    plan: RedisPlan,
}

impl RedisCluster {
    /// Starts three masters with `replicas` each, and waits until they take commands.
    pub fn start(replicas: usize) -> Self {
        Self::planned(RedisPlan::default(), replicas)
    }

    /// The same with servers as the plan says.
    pub fn planned(plan: RedisPlan, replicas: usize) -> Self {
        let mut members = (2..).map(Member::number);
        let mut next = || plan.cluster_node(members.next().expect("more numbers"));
        let masters: Vec<_> = (0..MASTERS).map(|_| next()).collect();
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
        let others = (0..MASTERS * replicas).map(|_| next()).collect();
        let cluster = Self {
            replicas: others,
            masters,
            plan,
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
        let (scheme, host) = (self.plan.scheme(), self.plan.host());
        let hosts = self.masters.iter().skip(1);
        let hosts: Vec<_> = hosts
            .map(|server| format!("{host}:{}", server.port()))
            .collect();
        format!("{scheme}+cluster://{}", hosts.join(","))
    }

    /// Cuts a master off from all other servers. Clients still reach everything.
    pub fn part(&self, master: usize) {
        network(&self.plan).part([member(&self.masters[master])]);
    }

    /// Lets every server reach every other one again.
    pub fn mend(&self) {
        network(&self.plan).part([]);
    }

    /// Waits until a master that was replaced is a replica.
    pub fn wait_for_demotion(&self, master: usize) {
        until("the old master has become a replica", || {
            self.masters[master].cli(&["ROLE"]).starts_with("slave")
        });
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

const MASTERS: usize = 3;

const SLOTS: usize = 16_384;
