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
