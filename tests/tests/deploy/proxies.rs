//! Every shipped configuration of Signet with an https URL names the gateway in front of it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::yaml::repository;

/// Without it all clients behind the gateway would share the limits of one address.
#[test]
fn every_file_that_sets_an_https_url_sets_the_trusted_proxies_too() {
    let mut found = Vec::new();
    let folders = ["deploy", "docs"].map(|folder| repository().join(folder));
    for path in folders.iter().flat_map(|folder| files(folder)) {
        let text = fs::read_to_string(&path).expect("a text file");
        let url = value_of("public_url", &text);
        if url.is_some_and(|url| url.starts_with("https://")) {
            let proxies = value_of("trusted_proxies", &text);
            assert!(
                proxies.is_some_and(|proxies| !proxies.is_empty()),
                "{}: no trusted_proxies",
                path.display()
            );
            found.push(path);
        }
    }
    assert_eq!(
        found.len(),
        5,
        "systemd, Kubernetes, the image, and the guides of browsers and second factors: {found:?}"
    );
}

/// What a text gives this setting, as a key in TOML or as a variable in YAML or a command.
fn value_of<'t>(key: &str, text: &'t str) -> Option<&'t str> {
    let variable = format!("SIGNET_{}", key.to_uppercase());
    let forms = [
        format!("\n{key} = "),
        format!("{variable}="),
        format!("{variable}: "),
    ];
    let after = forms
        .iter()
        .find_map(|form| text.split_once(form.as_str()))?
        .1;
    let line = after.lines().next().unwrap_or_default();
    let quotes = ['"', '[', '\''];
    line.trim_start_matches(quotes)
        .split([' ', '"', ']', '`'])
        .next()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    paths
        .flat_map(|path| {
            if path.file_name().is_some_and(|name| name == "secrets") {
                return Vec::new();
            }
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
