//! The server of this configuration, if one runs: whether it says that it is ready, and its version.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::finding::Findings;
use crate::cli::VERSION;
use crate::cli::server::Server;
use crate::config::{Settings, sources_of};
use crate::http_client::{Target, get, reachable};

/// Asks `/readyz` of the operations listener. If nothing listens, no other program may have one of
/// the two ports.
pub(super) async fn check(settings: &Settings, findings: &mut Findings) {
    let address = reachable(settings.ops_listen);
    if !listens(address).await {
        return check_free(settings, address, findings).await;
    }
    let Ok(target) = Target::own(address, settings.ops_tls.as_ref()) else {
        // The check of the certificates names the error.
        return;
    };
    let asked = tokio::time::timeout(DEADLINE, get(&target, "/readyz")).await;
    let report = match asked {
        Ok(Ok(answer)) => serde_json::from_str(&answer.body).ok(),
        Ok(Err(_)) | Err(_) => None,
    };
    match report.as_ref().and_then(checks) {
        Some(checks) => {
            note_version(&target, findings).await;
            note_checks(&target, &checks, findings);
        }
        None => findings.problem("server", foreign(&target, "ops_listen")),
    }
}

async fn check_free(settings: &Settings, operations: SocketAddr, findings: &mut Findings) {
    let public = reachable(settings.listen);
    if settings.listen.port() != 0 && listens(public).await {
        findings.problem("server", foreign(&public, "listen"));
    } else {
        findings.ok("server", format!("no server runs at {operations}"));
    }
}

fn foreign(address: &impl std::fmt::Display, key: &str) -> String {
    format!(
        "another program listens at {address}: stop it, or choose another address with {}",
        sources_of(key)
    )
}

/// One check of `/readyz`: its name, its status and its detail.
type Check<'a> = (&'a str, &'a str, &'a str);

/// The checks of a report of `/readyz`; `None` if it is something else.
fn checks(report: &Value) -> Option<Vec<Check<'_>>> {
    let checks = report.get("checks")?.as_object()?;
    checks.iter().map(read_check).collect()
}

fn read_check<'a>((name, check): (&'a String, &'a Value)) -> Option<Check<'a>> {
    let text = |member: &str| check.get(member).and_then(Value::as_str);
    let detail = text("detail").unwrap_or_default();
    Some((name, text("status")?, detail))
}

/// A server that runs on after an upgrade has another version than its command.
async fn note_version(target: &Target, findings: &mut Findings) {
    let asked = tokio::time::timeout(DEADLINE, get(target, "/metrics")).await;
    let Ok(Ok(answer)) = asked else { return };
    let version = answer.body.lines().find_map(version_in);
    if let Some(version) = version.filter(|version| version != VERSION) {
        let text = format!(
            "the server at {target} has version {version}, and this command {VERSION}: restart the \
             server, or use the command of its version"
        );
        findings.warning("server", text);
    }
}

/// The version in a line of metrics, if it is the line that has it.
fn version_in(line: &str) -> Option<String> {
    let labels = line.strip_prefix("signet_build_info{")?;
    let label = |name: &str| {
        let (_, value) = labels.split_once(&format!("{name}=\""))?;
        value.split('"').next()
    };
    Some(format!("{} ({})", label("version")?, label("commit")?))
}

fn note_checks(target: &Target, checks: &[Check<'_>], findings: &mut Findings) {
    for (name, status, detail) in checks {
        let text = format!("the server at {target} reports {name}: {detail}");
        match *status {
            "ok" => {}
            "degraded" => findings.warning("server", text),
            _ => findings.problem("server", text),
        }
    }
    if findings.is_good("server") {
        findings.ok("server", format!("the server at {target} is ready"));
    }
}

async fn listens(address: SocketAddr) -> bool {
    let listens = tokio::time::timeout(DEADLINE, Server::listens(address)).await;
    listens.unwrap_or(false)
}

/// A server answers its own checks within 2 seconds.
const DEADLINE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_server_is_in_its_metrics() {
        let line = r#"signet_build_info{version="0.1.0",commit="33403fb8a1c2"} 1"#;
        assert_eq!(version_in(line).as_deref(), Some("0.1.0 (33403fb8a1c2)"));
        assert_eq!(
            version_in("signet_connections{listener=\"public\"} 1"),
            None
        );
    }
}
