//! How a test starts HAProxy, and keeps its keys current.

use std::path::Path;
use std::process::Command;

use super::shipped::{Asks, Shipped};
use crate::binaries;
use crate::folder::Folder;

/// The shipped configuration.
pub(super) const HAPROXY: Shipped = Shipped {
    name: "haproxy",
    folder: "haproxy",
    program: "haproxy",
    binary: "haproxy",
    arguments: &["-W", "-f", "haproxy.cfg"],
    places: &[
        ("bind :8000", "bind {listen}"),
        ("server signet signet:8080", "server signet {issuer}"),
        ("server orders orders:8081", "server orders {service}"),
        ("/etc/haproxy/signet/", "{folder}/keys/"),
    ],
    asks: Asks::Keys,
    // There is nothing to reload yet.
    prepare: |gateway, issuer| update_keys(gateway, issuer, &["false"]),
};

/// Runs the shipped script that copies the public keys of an issuer for a gateway in this folder,
/// and reloads it with a command.
pub fn update_keys(gateway: &Path, issuer: &Folder, reload: &[&str]) {
    let signet = binaries::signet();
    let programs = signet.parent().expect("a folder").display();
    let mut script = Command::new(gateway.join("update-keys.sh"));
    let output = script
        .arg(gateway.join("keys"))
        .args(reload)
        .current_dir(issuer.path())
        .env_clear()
        .env("PATH", format!("{programs}:/usr/bin:/bin"))
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
}
