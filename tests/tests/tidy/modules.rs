//! In which direction the modules of a crate use each other: never in a circle, in no folder, and
//! in the issuer never from a lower floor to a higher one.
//!
//! What counts are paths that begin with `crate::` or `super::` in sources, without tests.

use std::collections::{BTreeMap, BTreeSet};

use crate::files;
use crate::use_paths::use_paths;

/// Each entry of a folder and the entries beside it that it uses.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// The path of a module below the root of its crate.
type Module = Vec<String>;

/// The sources of a crate, by module.
type Sources = BTreeMap<Module, String>;

#[test]
fn the_modules_of_a_crate_use_each_other_in_no_circle() {
    let mut circles = Vec::new();
    for name in CRATES {
        let sources = sources(name);
        assert!(sources.len() > 10, "{name} has modules");
        for folder in folders(&sources) {
            let graph = graph(&sources, &folder);
            let circle = graph
                .keys()
                .find_map(|module| path(&graph, module, module, &mut BTreeSet::new()));
            circles.extend(circle.map(|circle| (name, folder.join("/"), circle)));
        }
    }
    assert!(
        circles.is_empty(),
        "these modules use each other in a circle: {circles:?}"
    );
}

#[test]
fn no_module_of_the_issuer_uses_a_higher_floor_or_another_capability() {
    let graph = graph(&sources("issuer"), &Vec::new());
    for name in FLOORS.iter().flat_map(|floor| *floor) {
        assert!(graph.contains_key(*name), "there is no module {name}");
    }
    let mut upwards = Vec::new();
    for (module, used) in &graph {
        let is_wrong = |used: &&String| match (floor(module), floor(used)) {
            (CAPABILITIES, CAPABILITIES) => true,
            (own, other) => other > own,
        };
        upwards.extend(used.iter().filter(is_wrong).map(|used| (module, used)));
    }
    assert!(
        upwards.is_empty(),
        "these modules (left) may not use those (right); move what both need to a lower floor: \
         {upwards:?}"
    );
}

#[test]
fn a_circle_is_found() {
    let sources = |texts: &[(&str, &str)]| -> Sources {
        let module = |path: &str| path.split('/').map(str::to_owned).collect();
        let texts = texts.iter();
        texts
            .map(|(path, text)| (module(path), (*text).to_owned()))
            .collect()
    };
    let all = sources(&[
        ("a", "use crate::b;"),
        ("b", "use crate::c::C; use super::d::D;"),
        ("c", ""),
        ("d/x", "use super::y::Y; use crate::a::A;"),
        ("d/y", "use super::super::d::x::X;"),
    ]);
    let root = graph(&all, &Vec::new());
    let circle = path(&root, "a", "a", &mut BTreeSet::new());
    assert_eq!(circle.unwrap(), ["a", "b", "d", "a"]);
    assert_eq!(path(&root, "c", "c", &mut BTreeSet::new()), None);
    let inner = graph(&all, &vec!["d".to_owned()]);
    let circle = path(&inner, "x", "x", &mut BTreeSet::new());
    assert_eq!(circle.unwrap(), ["x", "y", "x"]);
}

/// The sources of a crate, without tests.
fn sources(name: &str) -> Sources {
    let folder = format!("crates/{name}/src/");
    let mut sources = Sources::new();
    for (path, text) in files::with_extension("rs") {
        let Some(path) = path
            .strip_prefix(&folder)
            .filter(|_| !files::is_test(&path))
        else {
            continue;
        };
        let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
        let is_root = path == "lib" || path == "main";
        let module: Module = path
            .split('/')
            .filter(|_| !is_root)
            .map(str::to_owned)
            .collect();
        sources
            .entry(module)
            .or_default()
            .push_str(before_tests(&text));
    }
    sources
}

/// Every module that has modules in it, with the root of the crate.
fn folders(sources: &Sources) -> BTreeSet<Module> {
    let above = |module: &Module| module.split_last().map(|(_, above)| above.to_vec());
    sources.keys().filter_map(above).collect()
}

/// Which entries of a folder use which others. The file of the folder itself is none of them: it
/// is their face.
fn graph(sources: &Sources, folder: &Module) -> Graph {
    let inside = |module: &Module| -> Option<String> {
        let rest = module.strip_prefix(folder.as_slice())?;
        rest.first().cloned()
    };
    let mut graph: Graph = sources
        .keys()
        .filter_map(inside)
        .map(|entry| (entry, BTreeSet::new()))
        .collect();
    let face = sources.get(folder).map_or("", String::as_str);
    let shortcuts = shortcuts(face);
    for (module, text) in sources {
        let Some(own) = inside(module) else {
            continue;
        };
        let used = use_paths(module, text);
        let used = used.iter().filter_map(inside);
        let used = used.map(|name| shortcuts.get(&name).cloned().unwrap_or(name));
        let used: BTreeSet<_> = used
            .filter(|used| *used != own && graph.contains_key(used))
            .collect();
        graph.entry(own).or_default().extend(used);
    }
    graph
}

/// The names that the face of a folder takes out of its modules.
fn shortcuts(face: &str) -> BTreeMap<String, String> {
    let statements = face.split(';').map(str::trim);
    let taken = statements.filter_map(|statement| statement.split_once("use ")?.1.split_once("::"));
    taken
        .flat_map(|(module, names)| {
            let names = names.split(|c: char| !c.is_alphanumeric() && c != '_');
            names.map(move |name| (name.to_owned(), module.to_owned()))
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
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

/// The floor of a module of the issuer, from below.
fn floor(module: &str) -> usize {
    let floor = FLOORS.iter().position(|floor| floor.contains(&module));
    floor.unwrap_or(CAPABILITIES)
}

const CRATES: [&str; 5] = ["verifier", "core", "store", "flows", "issuer"];

/// The modules of the issuer that are no capability. A capability, such as `auth` or `oauth`, is
/// what is served; what several of them need is on a floor below them.
const FLOORS: [&[&str]; 7] = [
    // What knows no request.
    &[
        "bounded_client",
        "cached",
        "captcha",
        "client_documents",
        "config",
        "error",
        "gateways",
        "http_client",
        "json_lines",
        "key_listing",
        "log_queue",
        "logging",
        "logout_client",
        "mail",
        "outgoing",
        "passkey_options",
        "password_ranges",
        "qr",
        "refusals",
        "rfc3339",
        "samples",
        "streamed",
        "tls",
        "traces",
    ],
    // What every request gets.
    &["app"],
    // How requests are read and responses are described.
    &[
        "extract",
        "limits",
        "metrics",
        "middleware",
        "openapi",
        "views",
    ],
    // What several of them show.
    &["health"],
    // What is served: every module that is not listed.
    &[],
    // The table of what is served.
    &["routes"],
    // Processes.
    &["cli", "server"],
];

/// The floor of capabilities in [`FLOORS`].
const CAPABILITIES: usize = 4;
