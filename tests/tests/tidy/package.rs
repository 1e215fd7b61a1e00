//! What a registry gets of the verifier.

use std::collections::{BTreeSet, VecDeque};

use cargo_metadata::{DependencyKind, Metadata, PackageId};

use crate::{crates, files};

#[test]
fn no_dependency_of_the_verifier_needs_a_newer_rust() {
    let metadata = crates::metadata();
    let verifier = crates::package(&metadata, "signet-verifier");
    let declared = verifier.rust_version.clone().expect("a declared version");
    for id in built_with(&metadata, &verifier.id) {
        let package = &metadata[&id];
        let needed = package.rust_version.clone();
        assert!(
            needed.as_ref() <= Some(&declared),
            "{} {} needs Rust {needed:?}, the verifier declares {declared}",
            package.name,
            package.version
        );
    }
    let readme = files::read("crates/verifier/README.md");
    let told = format!("Rust {}.{},", declared.major, declared.minor);
    assert!(readme.contains(&told), "the README does not say {told}");
}

#[test]
fn the_package_has_its_licences_and_no_keys() {
    let list = crates::cargo(&[
        "package",
        "--package=signet-verifier",
        "--list",
        "--allow-dirty",
        "--offline",
    ]);
    let files: BTreeSet<_> = list.lines().collect();
    for wanted in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(files.contains(wanted), "{wanted} is missing: {list}");
    }
    assert!(!list.contains(".pem"), "{list}");
}

#[test]
fn the_verifier_can_be_published_and_nothing_else() {
    let metadata = crates::metadata();
    for package in metadata.workspace_packages() {
        let is_verifier = package.name.as_str() == "signet-verifier";
        // None allows every registry, an empty list none.
        let may = package.publish.is_none();
        assert_eq!(may, is_verifier, "{}", package.name);
    }
    // What is uploaded; asking whether the registry would take it needs the network.
    let folder = tempfile::tempdir().expect("a temporary folder");
    crates::cargo(&[
        "package",
        "--package=signet-verifier",
        "--no-verify",
        "--allow-dirty",
        "--offline",
        "--target-dir",
        folder.path().to_str().expect("a path in UTF-8"),
    ]);
    let version = env!("CARGO_PKG_VERSION");
    let packaged = format!("package/signet-verifier-{version}.crate");
    assert!(folder.path().join(packaged).exists());
}

#[test]
fn a_registry_can_describe_the_verifier() {
    let metadata = crates::metadata();
    let verifier = crates::package(&metadata, "signet-verifier");
    assert!(verifier.description.is_some() && verifier.license.is_some());
    assert_eq!(
        verifier.keywords,
        ["jwt", "jwks", "oauth2", "authentication", "axum"]
    );
    assert_eq!(verifier.categories, ["authentication", "web-programming"]);
    let pages = &verifier.metadata["docs"]["rs"];
    assert_eq!(pages["all-features"], true);
    assert_eq!(
        pages["rustdoc-args"],
        serde_json::json!(["--cfg", "docsrs"])
    );
    let library = files::read("crates/verifier/src/lib.rs");
    assert!(library.contains("#![cfg_attr(docsrs, feature(doc_cfg))]"));

    // What a new minimum and a changed default mean for those who depend on it.
    let readme = files::read("crates/verifier/README.md");
    let (_, versions) = readme.split_once("## Versions\n").expect("a section");
    for promise in [
        "A new minimum is a minor version",
        "only with a major version",
    ] {
        assert!(versions.contains(promise), "{promise}");
    }
    let changes = files::read("crates/verifier/CHANGELOG.md");
    assert!(changes.contains("[Semantic Versioning]"), "{changes}");
}

/// Everything that is compiled for a service that uses this package.
fn built_with(metadata: &Metadata, root: &PackageId) -> BTreeSet<PackageId> {
    let resolve = metadata.resolve.as_ref().expect("resolved dependencies");
    let mut found = BTreeSet::new();
    let mut open = VecDeque::from([root.clone()]);
    while let Some(id) = open.pop_front() {
        let dependencies = resolve[&id].deps.iter().filter(|dependency| {
            let mut kinds = dependency.dep_kinds.iter();
            kinds.any(|kind| kind.kind != DependencyKind::Development)
        });
        for dependency in dependencies {
            if found.insert(dependency.pkg.clone()) {
                open.push_back(dependency.pkg.clone());
            }
        }
    }
    found
}
