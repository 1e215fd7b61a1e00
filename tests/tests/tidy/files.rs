//! The files of the repository, without what is built or made here.

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests
        .parent()
        .expect("tests/ lies in the workspace")
        .to_owned()
}

/// The text of one file; its path is relative to the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file with this extension, as (path, text).
pub fn with_extension(extension: &str) -> Vec<(String, String)> {
    let suffix = format!(".{extension}");
    let mut files = all();
    files.retain(|(path, _)| path.ends_with(&suffix));
    files
}

/// Every text file of the repository, as (path relative to the root, text).
pub fn all() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(&root(), "", &mut files);
    assert!(files.len() > 30, "the repository was not found");
    files
}

/// Whether a file is about tests, where the rules for products are relaxed.
pub fn is_test(path: &str) -> bool {
    let parts = ["tests", "tests.rs", "fixtures.rs", "benches"];
    path.split('/').any(|part| parts.contains(&part))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let entry = entry.expect("a readable entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = format!("{prefix}{name}");
        if is_made_here(&path) {
            continue;
        }
        if entry.file_type().expect("a file type").is_dir() {
            collect(&entry.path(), &format!("{path}/"), files);
        } else if let Ok(text) = fs::read_to_string(entry.path()) {
            files.push((path, text));
        }
    }
}

/// What git does not keep.
fn is_made_here(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        path,
        ".git" | "data" | "signet.toml" | "tests/fuzz/corpus" | "tests/fuzz/artifacts"
    ) || NEWCOMERS_LEAVE.contains(&path)
        || matches!(name, "target" | "node_modules" | ".cache")
        || (path.starts_with("keys/") && !matches!(name, "README.md" | ".gitignore"))
}

/// What the commands of README.md and docs/getting-started.md leave in the folder of the workspace.
const NEWCOMERS_LEAVE: [&str; 6] = [
    "cookies.txt",
    "package-lock.json",
    "package.json",
    "refreshed.json",
    "registered.json",
    "venv",
];
