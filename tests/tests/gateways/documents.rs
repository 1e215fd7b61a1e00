//! What is shipped for a gateway says what it does not do, and has no switch that opens it.

use std::fs;
use std::path::{Path, PathBuf};

use signet_tests::gateway::SHIPPED;

use crate::table::column;
use crate::tokens::TABLE;

/// A gateway that admits what the verifier refuses says so where operators read it.
#[test]
fn a_readme_names_every_token_that_only_its_gateway_takes() {
    let verifier = column(TABLE, "verifier");
    for shipped in SHIPPED {
        let readme = readme(&gateways().join(shipped.folder));
        for ((case, verdict), (_, status)) in verifier.iter().zip(column(TABLE, shipped.name)) {
            let is_lenient = status == "200" && !matches!(verdict.as_str(), "ok" | "-");
            assert!(
                !is_lenient || readme.contains(&format!("`{case}`")),
                "{}: {case} passes, and its README does not say so",
                shipped.name
            );
        }
    }
}

#[test]
fn a_readme_says_whether_its_configuration_has_been_run_and_what_to_do_on_rotation() {
    for folder in folders() {
        let readme = readme(&folder);
        let words = readme.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = folder.file_name().expect("a name").to_string_lossy();
        let is_run = SHIPPED.iter().any(|shipped| shipped.folder == name);
        assert_eq!(!words.contains("has not been run"), is_run, "{name}");
        assert!(readme.contains("otation"), "{name}");
        assert!(readme.lines().count() <= 50, "{name}: half a page");
    }
}

/// Each of these lets requests pass without a decision.
#[test]
fn no_configuration_opens_while_the_issuer_is_away() {
    let switches = [
        "failure_mode_allow: true",
        "failOpen: true",
        "allow_degradation: true",
        "satisfy any",
        "allow_missing",
        "anonymous:",
    ];
    for folder in folders() {
        for (path, text) in configurations(&folder) {
            for switch in switches {
                assert!(!text.contains(switch), "{}: {switch}", path.display());
            }
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let entries = fs::read_dir(gateways()).expect("the shipped configurations");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths.filter(|path| path.is_dir()).collect()
}

fn configurations(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = fs::read_dir(folder).expect("a configuration");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths
        .filter(|path| path.extension().is_none_or(|extension| extension != "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("a text file")))
        .collect()
}

fn readme(folder: &Path) -> String {
    let path = folder.join("README.md");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn gateways() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/gateway")
}
