//! In which direction the modules of a crate use each other: never in a circle.
//!
//! What counts are the top-level modules of each crate, and the paths that begin with `crate::` in
//! their sources, tests aside.

use std::collections::{BTreeMap, BTreeSet};

use crate::files;

/// Each top-level module and the ones that it uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_modules_of_a_crate_use_each_other_in_no_circle() {
    let mut circles = Vec::new();
    for name in CRATES {
        let graph = graph(name);
        assert!(graph.len() > 3, "{name} has modules");
        let circle = graph
            .keys()
            .find_map(|module| path(&graph, module, module, &mut BTreeSet::new()));
        circles.extend(circle.map(|circle| (name, circle)));
    }
    assert!(
        circles.is_empty(),
        "these modules use each other in a circle: {circles:?}"
    );
}

#[test]
fn a_circle_is_found() {
    let uses = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let graph: Graph = [
        ("a".to_owned(), uses(&["b"])),
        ("b".to_owned(), uses(&["c", "d"])),
        ("c".to_owned(), uses(&[])),
        ("d".to_owned(), uses(&["a"])),
    ]
    .into();
    let circle = path(&graph, "a", "a", &mut BTreeSet::new());
    assert_eq!(circle.unwrap(), ["a", "b", "d", "a"]);
    assert_eq!(path(&graph, "c", "c", &mut BTreeSet::new()), None);
}

#[test]
fn used_names_are_read_from_paths_and_from_lists() {
    let text = "use crate::{a, b::{C, D}, E};\n// crate::f\nlet x = crate::g::H; $crate::i";
    let names: BTreeSet<_> = used_names(text).into_iter().collect();
    assert_eq!(names, ["E", "a", "b", "g"].map(str::to_owned).into());
}

fn graph(name: &str) -> Graph {
    let sources = format!("crates/{name}/src/");
    let all: Vec<_> = files::with_extension("rs")
        .into_iter()
        .filter(|(path, _)| path.starts_with(&sources) && !files::is_test(path))
        .map(|(path, text)| (path[sources.len()..].to_owned(), text))
        .collect();
    let module_of = |path: &str| {
        let first = path.split('/').next().unwrap_or_default();
        first.trim_end_matches(".rs").to_owned()
    };
    let modules: BTreeSet<_> = all
        .iter()
        .map(|(path, _)| module_of(path))
        .filter(|module| module != "lib" && module != "main")
        .collect();
    let root = all.iter().find(|(path, _)| path == "lib.rs");
    let shortcuts = shortcuts(&root.expect("a root").1);
    let mut graph: Graph = modules
        .iter()
        .map(|module| (module.clone(), BTreeSet::new()))
        .collect();
    for (path, text) in &all {
        let own = module_of(path);
        let Some(uses) = graph.get_mut(&own) else {
            continue;
        };
        let used = used_names(before_tests(text)).into_iter();
        let used = used.map(|name| shortcuts.get(&name).cloned().unwrap_or(name));
        uses.extend(used.filter(|used| *used != own && modules.contains(used)));
    }
    graph
}

/// The names that the root of a crate takes out of its modules.
fn shortcuts(root: &str) -> BTreeMap<String, String> {
    let statements = root.split(';').map(str::trim);
    let taken =
        statements.filter_map(|statement| statement.split_once("pub use ")?.1.split_once("::"));
    taken
        .flat_map(|(module, names)| {
            let names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
            names.map(move |name| (name.to_owned(), module.to_owned()))
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

/// The first part of each path behind `crate::`, comments aside.
fn used_names(text: &str) -> Vec<String> {
    let code: Vec<_> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n").replace("$crate::", "");
    let mut names = Vec::new();
    for behind in code.split("crate::").skip(1) {
        match behind.strip_prefix('{') {
            Some(list) => names.extend(first_parts(list)),
            None => names.extend(word(behind)),
        }
    }
    names
}

/// The first part of each path in a list, up to the bracket that closes it.
fn first_parts(list: &str) -> Vec<String> {
    let (mut depth, mut at_start, mut names) = (0, true, Vec::new());
    for (position, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            _ if at_start && !character.is_whitespace() => {
                names.extend(word(&list[position..]));
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn word(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    let word = &text[..end.unwrap_or(text.len())];
    (!word.is_empty()).then(|| word.to_owned())
}

fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text)
}

/// A path along uses from one module to another.
fn path(graph: &Graph, from: &str, to: &str, seen: &mut BTreeSet<String>) -> Option<Vec<String>> {
    for next in graph.get(from)? {
        if next == to {
            return Some(vec![from.to_owned(), to.to_owned()]);
        }
        if seen.insert(next.clone())
            && let Some(mut rest) = path(graph, next, to, seen)
        {
            rest.insert(0, from.to_owned());
            return Some(rest);
        }
    }
    None
}

const CRATES: [&str; 5] = ["verifier", "core", "store", "flows", "issuer"];
