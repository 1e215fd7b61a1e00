//! The documentation keeps its word: its commands run, its lists are complete, its links lead
//! somewhere.
//!
//! Here is how the tests read it.

mod commands;
mod lists;

use std::fs;
use std::path::{Path, PathBuf};

/// Every page that people read, as (path relative to the root, text).
fn documents() -> Vec<(String, String)> {
    let folders = [
        ".",
        "docs",
        "deploy/compose",
        "deploy/kubernetes",
        "deploy/observability",
        "deploy/systemd",
        "keys",
        "crates/verifier",
    ];
    let mut pages: Vec<_> = folders.iter().flat_map(|folder| pages(folder)).collect();
    let gateways = fs::read_dir(root().join("deploy/gateway")).expect("the gateways");
    for gateway in gateways {
        let name = gateway.expect("a readable entry").file_name();
        pages.extend(self::pages(&format!(
            "deploy/gateway/{}",
            name.to_string_lossy()
        )));
    }
    assert!(pages.len() > 20, "the pages were not found: {pages:?}");
    pages
        .into_iter()
        .map(|path| (path.clone(), read(&path)))
        .collect()
}

fn pages(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).expect("a folder");
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pages = names.filter(|name| name.ends_with(".md"));
    let prefix = folder.trim_start_matches('.');
    pages
        .map(|name| {
            format!("{prefix}/{name}")
                .trim_start_matches('/')
                .to_owned()
        })
        .collect()
}

/// The text below a heading, up to the next one of its level.
fn section(text: &str, heading: &str) -> String {
    let (_, rest) = text
        .split_once(&format!("{heading}\n"))
        .expect("the heading");
    rest.split("\n## ").next().unwrap_or(rest).to_owned()
}

/// The fenced blocks of a language.
fn code_blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .filter_map(|rest| rest.split("```").next().map(str::to_owned))
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in the workspace")
        .to_owned()
}
