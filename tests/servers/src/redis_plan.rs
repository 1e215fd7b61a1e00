//! How the servers of a group are set up: alike, each with what it needs to find the others.

use std::path::{Path, PathBuf};

use crate::network::{Member, Network};
use crate::ports::free_port;
use crate::redis::Redis;

/// The settings that all servers of a group share. By default they are on ports of this machine,
/// without passwords.
#[derive(Clone, Debug)]
pub struct RedisPlan {
    words: Vec<String>,
    down_after_ms: u32,
    security: Option<RedisSecurity>,
    pub(crate) network: Option<Network>,
}

/// TLS on every port, and a user for each who connects.
#[derive(Clone, Debug)]
pub struct RedisSecurity {
    /// The certificate of every server, for `localhost`.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authority that issued it.
    pub authority: PathBuf,
    /// The user of the issuer at the servers, as `ACL SETUSER` takes it: name, password, rights.
    pub user: String,
    /// The user of the issuer at the Sentinels.
    pub sentinel_user: String,
}

impl Default for RedisPlan {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            down_after_ms: 500,
            security: None,
            network: None,
        }
    }
}

impl RedisPlan {
    /// Servers on a network that can be parted.
    pub fn partible() -> Self {
        Self {
            network: Some(Network::default()),
            ..Self::default()
        }
    }

    /// Servers that take TLS only, from known users only.
    pub fn secured(security: RedisSecurity) -> Self {
        Self {
            security: Some(security),
            ..Self::default()
        }
    }

    /// The same with arguments for each server, such as `--appendonly yes`.
    #[must_use]
    pub fn with(mut self, arguments: &[&str]) -> Self {
        self.words = arguments.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// The same with another time after which Sentinels replace a silent primary.
    #[must_use]
    pub fn down_after_ms(mut self, down_after_ms: u32) -> Self {
        self.down_after_ms = down_after_ms;
        self
    }

    /// The scheme of one server, and how the issuer signs in to it.
    pub(crate) fn scheme(&self) -> &'static str {
        self.security.as_ref().map_or("redis", |_| "rediss")
    }

    /// The name under which servers find each other.
    pub(crate) fn host(&self) -> &'static str {
        self.security.as_ref().map_or("127.0.0.1", |_| "localhost")
    }

    /// A server of the group. `member` tells it from the others.
    pub(crate) fn server(&self, member: Member, arguments: &[&str]) -> Redis {
        let port = free_port();
        let announced = self.announced(member, port);
        let mut words = self.listening(port, "--");
        // Replicas need not wait for others that might come.
        words.extend(split("--repl-diskless-sync-delay 0"));
        words.extend(split(&format!(
            "--replica-announce-ip {} --replica-announce-port {announced}",
            self.host()
        )));
        if self.network.is_some() {
            words.extend(split(&format!(
                "--bind-source-addr {} --cluster-announce-port {announced}",
                member.source()
            )));
        }
        if let Some(security) = &self.security {
            words.extend(
                security
                    .users()
                    .iter()
                    .flat_map(|user| split(&format!("--user {user}"))),
            );
            words.extend(split(&format!(
                "--masteruser replica --masterauth {PASSWORD}"
            )));
        }
        words.extend(self.words.iter().cloned());
        words.extend(arguments.iter().map(|&word| word.to_owned()));
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let mut server = Redis::with_admin(&words, self.admin());
        server.port = Some(announced.to_string());
        server.member = Some(member);
        server
    }

    /// A server of a Cluster.
    pub(crate) fn cluster_node(&self, member: Member) -> Redis {
        let bus = free_port();
        let announced = self.announced(member, bus);
        let mut words = split(&format!(
            "--cluster-enabled yes --cluster-port {bus} --cluster-node-timeout 1000 \
             --cluster-announce-ip 127.0.0.1 --cluster-announce-bus-port {announced}"
        ));
        if self.security.is_some() {
            words.extend(split(
                "--cluster-announce-hostname localhost --cluster-preferred-endpoint-type hostname",
            ));
        }
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let mut server = self.server(member, &words);
        server.bus_port = Some(announced.to_string());
        server
    }

    /// A Sentinel that watches `primary`.
    pub(crate) fn sentinel(&self, member: Member, primary: &Redis, quorum: usize) -> Redis {
        let port = free_port();
        let announced = self.announced(member, port);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut lines = self.listening_lines(port);
        lines.push(format!("dir {}", folder.path().display()));
        lines.push(format!("unixsocket {}/redis.sock", folder.path().display()));
        lines.push("logfile \"\"".to_owned());
        if self.network.is_some() {
            lines.push(format!("bind-source-addr {}", member.source()));
        }
        if let Some(security) = &self.security {
            lines.push("sentinel resolve-hostnames yes".to_owned());
            lines.push("sentinel announce-hostnames yes".to_owned());
            lines.extend(security.sentinel_users().map(|user| format!("user {user}")));
            lines.push("sentinel sentinel-user admin".to_owned());
            lines.push(format!("sentinel sentinel-pass {PASSWORD}"));
        }
        let (host, primary) = (self.host(), primary.port());
        lines.push(format!("sentinel announce-ip {host}"));
        lines.push(format!("sentinel announce-port {announced}"));
        lines.push(format!(
            "sentinel monitor {SERVICE} {host} {primary} {quorum}"
        ));
        let down_after_ms = self.down_after_ms;
        lines.push(format!(
            "sentinel down-after-milliseconds {SERVICE} {down_after_ms}"
        ));
        lines.push(format!("sentinel failover-timeout {SERVICE} 3000"));
        if self.security.is_some() {
            lines.push(format!("sentinel auth-user {SERVICE} sentinel"));
            lines.push(format!("sentinel auth-pass {SERVICE} {PASSWORD}"));
        }
        let file = folder.path().join("sentinel.conf");
        std::fs::write(&file, lines.join("\n")).expect("a temporary folder");
        let mut sentinel = Redis::watching(folder, text(&file), announced.to_string());
        sentinel.admin = self.admin();
        sentinel.member = Some(member);
        sentinel
    }

    fn announced(&self, member: Member, port: u16) -> u16 {
        let network = self.network.as_ref();
        network.map_or(port, |network| network.lead_to(member, port))
    }

    fn admin(&self) -> Option<&'static str> {
        self.security.as_ref().map(|_| PASSWORD)
    }

    /// Settings of the port, each word one argument.
    fn listening(&self, port: u16, prefix: &str) -> Vec<String> {
        let lines = self.listening_lines(port);
        let words = lines
            .iter()
            .flat_map(|line| split(&format!("{prefix}{line}")));
        words.collect()
    }

    fn listening_lines(&self, port: u16) -> Vec<String> {
        let Some(security) = &self.security else {
            return vec![format!("port {port}")];
        };
        vec![
            "port 0".to_owned(),
            format!("tls-port {port}"),
            "tls-auth-clients no".to_owned(),
            "tls-replication yes".to_owned(),
            "tls-cluster yes".to_owned(),
            format!("tls-cert-file {}", text(&security.certificate)),
            format!("tls-key-file {}", text(&security.key)),
            format!("tls-ca-cert-file {}", text(&security.authority)),
        ]
    }
}

impl RedisSecurity {
    /// The users of a server: only those who need it get in.
    fn users(&self) -> [String; 5] {
        [
            "default off".to_owned(),
            format!("admin on >{PASSWORD} ~* &* +@all"),
            format!("replica on >{PASSWORD} +psync +replconf +ping"),
            format!(
                "sentinel on >{PASSWORD} allchannels +multi +slaveof +ping +exec +subscribe \
                 +config|rewrite +role +publish +info +client|setname +client|kill +script|kill"
            ),
            self.user.clone(),
        ]
    }

    fn sentinel_users(&self) -> impl Iterator<Item = String> {
        let [nobody, admin, ..] = self.users();
        [nobody, admin, self.sentinel_user.clone()].into_iter()
    }
}

/// The user that a page of documentation makes in the section with this heading, as `ACL SETUSER`
/// takes it, with `password` for `PASSWORD`.
pub fn acl_user(page: &Path, heading: &str, password: &str) -> String {
    let page = std::fs::read_to_string(page).expect("a page");
    let section = page.split_once(&format!("# {heading}\n"));
    let (_, section) = section.expect("a section with this heading");
    let user = section.split_once("ACL SETUSER ").expect("a user").1;
    user.lines()
        .next()
        .unwrap_or_default()
        .replace("PASSWORD", password)
}

fn split(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

/// What the Sentinels call the primary and its replicas.
pub(crate) const SERVICE: &str = "signet";

/// Of every user but that of the issuer. It protects nothing.
const PASSWORD: &str = "among-the-servers";
