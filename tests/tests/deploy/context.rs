//! The files that an engine is given to compile the image from. Compiling in a container takes a registry,
//! so no test does it: what Cargo and the compiler would read is looked for instead.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::yaml::repository;

#[test]
fn an_engine_is_given_what_cargo_reads_and_no_key() {
    let all = [
        "Cargo.toml",
        "Cargo.lock",
        ".cargo",
        "ARCHITECTURE.md",
        "BENCHMARKS.md",
        "SECURITY.md",
        "crates",
        "deploy",
        "docs",
        "keys/README.md",
        "tests",
    ];
    assert_eq!(given(), all);
    let context = context();
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(["metadata", "--no-deps", "--offline", "--format-version=1"]);
    let output = cargo.current_dir(context.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn an_engine_is_given_every_file_that_the_crates_include() {
    let context = context();
    let mut outside = 0;
    for source in sources(&repository().join("crates")) {
        let folder = source.parent().unwrap();
        for included in included(&fs::read_to_string(&source).unwrap()) {
            let path = without_dots(&folder.join(&included));
            let path = path.strip_prefix(without_dots(&repository())).unwrap();
            let source = source.display();
            let shown = path.display();
            let is_given = context.path().join(path).is_file();
            assert!(
                is_given,
                "{source} includes {shown}: add it to deploy/Containerfile.dockerignore"
            );
            outside += usize::from(!path.starts_with("crates"));
        }
    }
    assert!(
        outside > 100,
        "the guides and files of the server: {outside}"
    );
}

#[test]
fn the_image_that_compiles_has_make() {
    let file = fs::read_to_string(repository().join("deploy/Containerfile")).unwrap();
    let mut lines = file.lines();
    let image = lines.find_map(|line| line.strip_prefix("ARG BUILD_IMAGE="));
    let image = image.expect("an image to compile in");
    assert!(
        image.contains("/rust:") && !image.contains("slim"),
        "{image}"
    );
}

/// What the list lets in.
fn given() -> Vec<String> {
    let list = repository().join("deploy/Containerfile.dockerignore");
    let list = fs::read_to_string(list).unwrap();
    let given = list.lines().filter_map(|line| line.strip_prefix('!'));
    given.map(str::to_owned).collect()
}

/// A folder with what the list lets in.
fn context() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    for path in given() {
        let link = place.path().join(&path);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(repository().join(path), link).unwrap();
    }
    place
}

/// The Rust files of a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|name| name == "rs") {
            found.push(path);
        }
    }
    found
}

/// The paths that a source names in full. Those that macros put together are of its own folder.
fn included(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("include_") {
        let rest = &text[at..];
        let argument = ["include_str!(", "include_bytes!("]
            .iter()
            .find_map(|call| rest.strip_prefix(call));
        let path = argument.and_then(|argument| argument.trim_start().strip_prefix('"'));
        found.extend(path.and_then(|path| Some(path.split_once('"')?.0.to_owned())));
    }
    // The files that the server shows: their paths begin at the root of the repository.
    let listed = text.split_once("= files![\n").map(|(_, list)| list);
    let listed = listed.and_then(|list| list.split_once("];"));
    let paths = listed.into_iter().flat_map(|(list, _)| list.split('"'));
    let paths = paths.skip(1).step_by(2);
    found.extend(paths.map(|path| format!("../../../../{path}")));
    found
}

fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = plain.pop(),
            other => plain.push(other),
        }
    }
    plain
}
