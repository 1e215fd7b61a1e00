//! Reading the paths of modules that a source names.

/// The modules and items below the root of the crate that `text`, the source of `module`, names by
/// `crate::` or `super::`. Comments do not count.
pub fn use_paths(module: &[String], text: &str) -> Vec<Vec<String>> {
    let code: Vec<_> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n").replace("$crate::", "crate::");
    let mut paths = Vec::new();
    for (start, rest) in beginnings(&code) {
        let before = code[..start].chars().next_back();
        if before.is_some_and(|before| is_word(before) || before == ':') {
            continue;
        }
        read_tree(rest, &[], &mut paths);
    }
    let absolute = paths.into_iter().map(|path| below_root(module, path));
    absolute.collect()
}

/// Where paths begin, and the text from there.
fn beginnings(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let found = ["crate::", "super::"].map(|word| code.match_indices(word));
    found
        .into_iter()
        .flatten()
        .map(|(start, _)| (start, &code[start..]))
}

/// Reads one path, with the lists in it.
fn read_tree(text: &str, before: &[String], into: &mut Vec<Vec<String>>) {
    let mut path = before.to_vec();
    let mut rest = text.trim_start();
    loop {
        if let Some(list) = rest.strip_prefix('{') {
            for part in parts(list) {
                read_tree(part, &path, into);
            }
            return;
        }
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        if end > 0 {
            path.push(rest[..end].to_owned());
        }
        match rest[end..].strip_prefix("::") {
            Some(next) if end > 0 => rest = next,
            _ => break,
        }
    }
    if path.len() > before.len() {
        into.push(path);
    }
}

/// The parts of a list, up to the bracket that closes it.
fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (position, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[start..position]);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..position]);
                start = position + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The path from the root of the crate.
fn below_root(module: &[String], path: Vec<String>) -> Vec<String> {
    let mut base = module.to_vec();
    let mut rest = path.as_slice();
    if let [first, behind @ ..] = rest
        && first == "crate"
    {
        base.clear();
        rest = behind;
    }
    while let [first, behind @ ..] = rest
        && first == "super"
    {
        base.pop();
        rest = behind;
    }
    base.extend_from_slice(rest);
    base
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[test]
fn paths_are_read_with_their_lists() {
    let module = ["a".to_owned(), "b".to_owned()];
    let text = "use crate::{c, d::{E, F}};\n// crate::g\nlet x = super::h::I; other::crate::j";
    let joined = |text| -> Vec<_> {
        let paths = use_paths(&module, text).into_iter();
        paths.map(|path| path.join("/")).collect()
    };
    assert_eq!(joined(text), ["c", "d/E", "d/F", "a/h/I"]);
    assert_eq!(joined("super::super::k::L"), ["k/L"]);
}
