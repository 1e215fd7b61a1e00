//! Which crate may use which, and under which licences.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use spdx::{Expression, ParseMode};

use crate::files;

#[test]
fn a_crate_uses_only_the_crates_to_its_left() {
    let metadata = metadata();
    let place = |name: &str| CRATES.iter().position(|(known, _)| *known == name);
    for package in metadata.workspace_packages() {
        let own = place(&package.name).unwrap_or_else(|| panic!("{} has no place", package.name));
        for dependency in &package.dependencies {
            if let Some(other) = place(&dependency.name) {
                assert!(
                    other < own,
                    "{} must not use {}: verifier <- core <- store <- flows <- issuer <- tests",
                    package.name,
                    dependency.name
                );
            }
        }
    }
}

#[test]
fn a_crate_uses_only_the_external_crates_it_may() {
    let metadata = metadata();
    for (name, allowed) in CRATES {
        let Some(allowed) = allowed else { continue };
        let allowed: BTreeSet<_> = allowed.split_whitespace().collect();
        let used = external(package(&metadata, name), |_| true);
        let surplus: Vec<_> = used
            .iter()
            .filter(|used| !allowed.contains(**used))
            .collect();
        assert!(
            surplus.is_empty(),
            "{name} must not use {surplus:?}; a new edge is a decision, to be written down here"
        );
    }
}

#[test]
fn servers_for_tests_are_for_tests() {
    let metadata = metadata();
    // That package is tests and nothing else.
    let packages = metadata.workspace_packages().into_iter();
    for package in packages.filter(|package| package.name.as_str() != "signet-tests") {
        let mut dependencies = package.dependencies.iter();
        let built_in = dependencies.any(|dependency| {
            dependency.name == "signet-test-servers"
                && dependency.kind != DependencyKind::Development
        });
        assert!(
            !built_in,
            "{} must have it in dev-dependencies",
            package.name
        );
    }
}

#[test]
fn the_verifier_without_features_stays_small() {
    let metadata = metadata();
    let used = external(package(&metadata, "signet-verifier"), |optional| !optional);
    assert_eq!(
        used.into_iter().collect::<Vec<_>>(),
        ["arc-swap", "aws-lc-rs", "base64", "serde", "serde_json"]
    );
}

#[test]
fn flows_know_neither_http_nor_the_command_line() {
    let tree = cargo(&[
        "tree",
        "--package=signet-flows",
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
    ]);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    let found: BTreeSet<_> = names
        .filter(|name| name.split('-').any(|part| ABOVE_FLOWS.contains(&part)))
        .collect();
    assert_eq!(found, BTreeSet::new(), "signet-flows is built with these");
}

#[test]
fn each_dependency_version_is_written_once() {
    for (path, text) in files::with_extension("toml") {
        // The workspace, and the programs beside it that are workspaces of their own.
        if !path.ends_with("Cargo.toml") || text.contains("[workspace]") {
            continue;
        }
        for line in dependency_lines(&text) {
            assert!(
                line.contains("workspace = true"),
                "{path}: `{line}` belongs into [workspace.dependencies]"
            );
        }
        assert!(
            text.contains("[lints]\nworkspace = true") || path.starts_with("tests/"),
            "{path} does not take the lints of the workspace"
        );
    }
}

#[test]
fn every_licence_that_comes_along_is_allowed() {
    let metadata = metadata();
    let mut refused = BTreeMap::new();
    for package in &metadata.packages {
        let text = package.license.as_deref().unwrap_or("none");
        let allowed = Expression::parse_mode(text, ParseMode::LAX).is_ok_and(|expression| {
            expression.evaluate(|wanted| LICENCES.contains(&wanted.to_string().as_str()))
        });
        if !allowed {
            refused.insert(package.name.to_string(), text.to_owned());
        }
    }
    assert_eq!(refused, BTreeMap::new());
}

#[test]
fn cargo_deny_allows_the_same_licences() {
    let deny = files::read("deny.toml");
    let (_, list) = deny
        .split_once("[licenses]\nallow = [")
        .expect("a list of licences");
    let (list, _) = list.split_once(']').expect("an end of the list");
    let listed: Vec<_> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(listed, LICENCES);
}

#[test]
fn every_check_of_a_change_looks_at_the_dependencies() {
    let makefile = files::read("Makefile");
    let mut rules = makefile.lines();
    let rule = rules.find_map(|line| line.strip_prefix("ci: "));
    let mut needed = rule.expect("a rule").split_whitespace();
    assert!(needed.any(|target| target == "deny"), "{rule:?}");
}

#[test]
fn no_crate_brings_another_tls_library() {
    let metadata = metadata();
    for banned in ["openssl", "openssl-sys", "native-tls"] {
        assert!(
            !metadata
                .packages
                .iter()
                .any(|package| package.name == banned),
            "{banned} came along"
        );
    }
}

pub fn metadata() -> Metadata {
    let host = rustc_host();
    MetadataCommand::new()
        .current_dir(files::root())
        .other_options(["--filter-platform".to_owned(), host])
        .exec()
        .expect("cargo metadata")
}

pub fn package<'m>(metadata: &'m Metadata, name: &str) -> &'m Package {
    let mut packages = metadata.packages.iter();
    packages
        .find(|package| package.name == name)
        .expect("a package of the workspace")
}

/// The crates from elsewhere that a package is built with, its tests apart.
fn external(package: &Package, wanted: impl Fn(bool) -> bool) -> BTreeSet<&str> {
    let dependencies = package.dependencies.iter();
    dependencies
        .filter(|dependency| dependency.kind != DependencyKind::Development)
        .filter(|dependency| dependency.path.is_none() && wanted(dependency.optional))
        .map(|dependency| dependency.name.as_str())
        .collect()
}

/// Lines of a Cargo.toml that name a dependency.
fn dependency_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    text.lines().filter(move |line| {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
            return false;
        }
        inside && !line.trim().is_empty() && !line.starts_with('#')
    })
}

fn rustc_host() -> String {
    let version = Command::new("rustc")
        .arg("-vV")
        .output()
        .expect("rustc -vV");
    let version = String::from_utf8(version.stdout).expect("text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("a host").to_owned()
}

pub fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(files::root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// From left to right, each with the external crates it may be built with; `None` is free.
///
/// The core has no async, no sockets and no files; only the store knows databases; only the issuer
/// knows HTTP, the command line and where logs go.
const CRATES: [(&str, Option<&str>); 8] = [
    ("signet-test-servers", Some("rustix rustls tempfile")),
    (
        "signet-verifier",
        Some(
            "arc-swap aws-lc-rs base64 serde serde_json axum-core http hyper hyper-util miniz_oxide \
             tokio tokio-rustls tower-layer tower-service webpki-roots",
        ),
    ),
    (
        "signet-core",
        Some(
            "argon2 aws-lc-rs base64 bcrypt email_address jsonwebtoken miniz_oxide rand rsa scrypt serde \
             serde_json thiserror time unicode-normalization url uuid zeroize",
        ),
    ),
    (
        "signet-store",
        Some(
            "async-trait aws-lc-rs futures metrics postcard rand redis rusqlite rustix rustls serde serde_json \
             sqlx tempfile thiserror tokio tracing url zeroize",
        ),
    ),
    (
        "signet-flows",
        Some(
            "arc-swap async-trait base64 futures libc metrics rand rustix serde serde_json \
             thiserror tokio tracing uuid zeroize",
        ),
    ),
    (
        "signet-issuer",
        Some(
            "async-trait axum base64 clap clap_complete clap_mangen cookie figment http \
             http-body-util humantime hyper hyper-util ipnet lettre matchit metrics \
             metrics-exporter-prometheus procfs pulldown-cmark qrcode rand rustix serde \
             serde_json strsim thiserror tikv-jemallocator time tokio tokio-rustls tower tower-http tracing \
             tracing-subscriber url utoipa utoipa-axum uuid webpki-roots zeroize \
             zeroizing-alloc",
        ),
    ),
    ("signet-tests", None),
    ("signet-bench", None),
];

/// What only the issuer may be built with; `tower-service` and the like count, too.
const ABOVE_FLOWS: [&str; 7] = [
    "axum",
    "clap",
    "http",
    "hyper",
    "subscriber",
    "tower",
    "utoipa",
];

/// Permissive ones, whose only duty is to pass the text on.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "OpenSSL",
    "Unicode-3.0",
    "Zlib",
];
