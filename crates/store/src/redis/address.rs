//! The forms of `redis_url`: one server, a server that Sentinels name, or a Cluster.
//!
//! This module must not connect. No error repeats the text, which may hold a password.

use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

use super::options::RedisOpenError;

/// Where Redis is, as the URL says.
pub(super) enum RedisAddress {
    /// One server at a known address.
    Single(Box<ConnectionInfo>),
    /// The server that the Sentinels call the master of a service.
    Sentinel {
        /// The Sentinels, with how to sign in to them.
        sentinels: Vec<ConnectionInfo>,
        /// The name of the service.
        service: String,
        /// How to sign in to the master; the address in it is that of a Sentinel.
        master: Box<ConnectionInfo>,
    },
    /// Some servers of a Cluster; they name the others.
    Cluster(Vec<ConnectionInfo>),
}

impl RedisAddress {
    /// Understands a URL.
    pub(super) fn parse(url: &str) -> Result<Self, RedisOpenError> {
        let parsed = match Form::of(url) {
            Some((Form::Sentinel, scheme, rest)) => sentinel(scheme, rest),
            Some((Form::Cluster, scheme, rest)) => cluster(scheme, rest),
            None => info(url).map(|info| Self::Single(Box::new(info))),
        };
        let parsed = parsed.ok_or(RedisOpenError::Url)?;
        if parsed.servers().any(is_unverified) {
            return Err(RedisOpenError::Unverified);
        }
        Ok(parsed)
    }

    /// Every server that the URL names.
    pub(super) fn servers(&self) -> impl Iterator<Item = &ConnectionInfo> {
        match self {
            Self::Single(server) => std::slice::from_ref(&**server).iter(),
            Self::Sentinel { sentinels, .. } => sentinels.iter(),
            Self::Cluster(servers) => servers.iter(),
        }
    }

    /// Whether the servers are reached over TLS.
    pub(super) fn is_tls(&self) -> bool {
        let mut servers = self.servers();
        servers.any(|server| matches!(server.addr(), ConnectionAddr::TcpTls { .. }))
    }

    /// The address for logs and errors, without user names and passwords.
    pub(super) fn text(&self) -> String {
        let servers: Vec<_> = self.servers().map(|info| info.addr().to_string()).collect();
        let servers = servers.join(",");
        match self {
            Self::Single(_) | Self::Cluster(_) => servers,
            Self::Sentinel { service, .. } => format!("{servers}/{service}"),
        }
    }
}

/// Returns the address of each host that a URL of several hosts names, as `scheme://host:port`
/// without user and password; `None` for other URLs.
pub(crate) fn hosts(url: &str) -> Option<Vec<String>> {
    let (_, scheme, rest) = Form::of(url)?;
    let parts = UrlParts::split(rest);
    // An `@` behind the hosts means that the password has a `/`, `?` or `#` in it.
    let behind = [parts.path, parts.query, parts.fragment];
    if behind.iter().any(|part| part.contains('@')) {
        return None;
    }
    let hosts = parts.hosts.split(',');
    Some(hosts.map(|host| format!("{scheme}://{host}")).collect())
}

#[derive(Clone, Copy)]
enum Form {
    Sentinel,
    Cluster,
}

impl Form {
    /// The form, the scheme of one server, and what follows the scheme.
    fn of(url: &str) -> Option<(Self, &'static str, &str)> {
        SCHEMES.iter().find_map(|(prefix, form, scheme)| {
            let rest = url.strip_prefix(prefix)?;
            Some((*form, *scheme, rest))
        })
    }
}

/// A URL behind its scheme.
struct UrlParts<'a> {
    /// User and password with their `@`, or nothing.
    identity: &'a str,
    hosts: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> UrlParts<'a> {
    fn split(rest: &'a str) -> Self {
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (identity, hosts) = match authority.rfind('@') {
            Some(end) => authority.split_at(end.saturating_add(1)),
            None => ("", authority),
        };
        Self {
            identity,
            hosts,
            path,
            query,
            fragment,
        }
    }

    /// The URL of each host, for the user `identity`, with `tail` behind it.
    fn servers(
        &self,
        (scheme, identity, tail): (&str, &str, &str),
        port: u16,
    ) -> Option<Vec<ConnectionInfo>> {
        let fragment = match self.fragment {
            "" => String::new(),
            fragment => format!("#{fragment}"),
        };
        let urls = self.hosts.split(',').map(|host| {
            let host = with_port(host, port);
            format!("{scheme}://{identity}{host}/{tail}{fragment}")
        });
        let servers: Option<Vec<_>> = urls.map(|url| info(&url)).collect();
        servers.filter(|servers| !servers.is_empty())
    }
}

fn sentinel(scheme: &str, rest: &str) -> Option<RedisAddress> {
    let parts = UrlParts::split(rest);
    let (service, database) = parts.path.split_once('/').unwrap_or((parts.path, ""));
    if service.is_empty() || service.contains('@') {
        return None;
    }
    let identity = sentinel_identity(parts.query)?;
    let sentinels = parts.servers((scheme, &identity, ""), SENTINEL_PORT)?;
    let masters = parts.servers((scheme, parts.identity, database), SENTINEL_PORT)?;
    Some(RedisAddress::Sentinel {
        sentinels,
        service: service.to_owned(),
        master: Box::new(masters.into_iter().next()?),
    })
}

fn cluster(scheme: &str, rest: &str) -> Option<RedisAddress> {
    let parts = UrlParts::split(rest);
    if !parts.path.is_empty() || !parts.query.is_empty() {
        return None;
    }
    let servers = parts.servers((scheme, parts.identity, ""), SERVER_PORT)?;
    Some(RedisAddress::Cluster(servers))
}

/// `USER:PASSWORD@` out of `sentinel_user=..&sentinel_password=..`, both still percent-encoded.
fn sentinel_identity(query: &str) -> Option<String> {
    let (mut user, mut password) = ("", "");
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=')? {
            ("sentinel_user", value) => user = value,
            ("sentinel_password", value) => password = value,
            _ => return None,
        }
    }
    if user.is_empty() && password.is_empty() {
        return Some(String::new());
    }
    Some(format!("{user}:{password}@"))
}

fn with_port(host: &str, port: u16) -> String {
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.contains(']'));
    if has_port || host.is_empty() {
        host.to_owned()
    } else {
        format!("{host}:{port}")
    }
}

fn info(url: &str) -> Option<ConnectionInfo> {
    url.into_connection_info().ok()
}

fn is_unverified(info: &ConnectionInfo) -> bool {
    matches!(info.addr(), ConnectionAddr::TcpTls { insecure: true, .. })
}

/// The forms of several hosts, with the scheme of each of them.
const SCHEMES: [(&str, Form, &str); 4] = [
    ("redis+sentinel://", Form::Sentinel, "redis"),
    ("rediss+sentinel://", Form::Sentinel, "rediss"),
    ("redis+cluster://", Form::Cluster, "redis"),
    ("rediss+cluster://", Form::Cluster, "rediss"),
];

/// Where a Sentinel listens if the URL does not say.
const SENTINEL_PORT: u16 = 26_379;

/// Where a server listens if the URL does not say.
const SERVER_PORT: u16 = 6_379;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(url: &str) -> String {
        RedisAddress::parse(url).ok().unwrap().text()
    }

    #[test]
    fn sentinels_have_their_own_port_and_identity() {
        let url = "redis+sentinel://me:s3cret@a,b:1,[::1]/main/2\
                   ?sentinel_user=watch&sentinel_password=w%40rd";
        assert_eq!(text(url), "a:26379,b:1,::1:26379/main");
        let Some(RedisAddress::Sentinel {
            sentinels, master, ..
        }) = RedisAddress::parse(url).ok()
        else {
            unreachable!("a URL of Sentinels");
        };
        let watch = sentinels[0].redis_settings();
        assert_eq!(
            (watch.username(), watch.password()),
            (Some("watch"), Some("w@rd"))
        );
        let me = master.redis_settings();
        assert_eq!(
            (me.username(), me.password(), me.db()),
            (Some("me"), Some("s3cret"), 2)
        );
    }

    #[test]
    fn servers_of_a_cluster_share_user_and_tls() {
        let url = "rediss+cluster://me:s3cret@a,b:7001";
        assert_eq!(text(url), "a:6379,b:7001");
        let address = RedisAddress::parse(url).ok().unwrap();
        assert!(address.is_tls());
        assert!(
            address
                .servers()
                .all(|server| server.redis_settings().password() == Some("s3cret"))
        );
        assert_eq!(hosts(url).unwrap(), ["rediss://a", "rediss://b:7001"]);
        for broken in [
            "redis+cluster://me:s3/cret@a",
            "redis+cluster://me:s3?cret@a,b",
        ] {
            assert_eq!(hosts(broken), None);
        }
    }

    #[test]
    fn what_a_form_lacks_or_does_not_have_is_refused() {
        for url in [
            "redis+sentinel://a:1",
            "redis+sentinel://a:1/",
            "redis+sentinel:///main",
            "redis+sentinel://a:1,/main",
            "redis+sentinel://a:1/main?db=1",
            "redis+sentinel://a:1/main/x",
            "redis+sentinel://a:port/main",
            "redis+cluster://",
            "redis+cluster://a,,b",
            "redis+cluster://a/1",
            "redis+cluster://a?x=1",
        ] {
            let refused = RedisAddress::parse(url).err();
            assert!(matches!(refused, Some(RedisOpenError::Url)), "{url}");
        }
        let insecure = RedisAddress::parse("rediss+cluster://a,b#insecure").err();
        assert!(matches!(insecure, Some(RedisOpenError::Unverified)));
    }
}
