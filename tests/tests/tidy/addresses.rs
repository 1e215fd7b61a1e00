//! Which hosts the repository names: its own examples and the texts of standards.
//!
//! A host that belongs to others could one day serve a crate, an image or a page that our readers
//! trust because we named it.

use crate::files;

#[test]
fn no_file_names_a_host_that_is_not_ours() {
    let mut strangers = Vec::new();
    for (path, text) in files::all() {
        if is_free(&path) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let hosts = hosts(line).filter(|host| !is_ours(host));
            strangers.extend(hosts.map(|host| format!("{path}:{}: {host}", number + 1)));
        }
    }
    assert!(strangers.is_empty(), "{strangers:#?}");
}

#[test]
fn the_search_finds_hosts_in_every_spelling() {
    let line = "a <https://Code.Host/x>, git+ssh://git@forge.net:22/y and http://u:p@1.2.3.4?z";
    let found: Vec<_> = hosts(line).collect();
    assert_eq!(found, ["code.host", "forge.net", "1.2.3.4"]);
    assert!(!is_ours("code.host") && is_ours("1.2.3.4") && is_ours("auth.example.com"));
    assert!(!is_ours("notexample.com") && is_ours("orders") && is_ours("evil.test"));
}

/// The hosts of all URLs in a line, without account and port, in lower case.
fn hosts(line: &str) -> impl Iterator<Item = String> {
    let schemes = ["http", "https", "ssh", "git"];
    let parts: Vec<_> = line.split("://").collect();
    let pairs: Vec<_> = parts.windows(2).map(|pair| (pair[0], pair[1])).collect();
    let urls = pairs.into_iter().filter(move |(before, _)| {
        let scheme = before.rsplit(|letter: char| !letter.is_ascii_alphanumeric());
        scheme.take(1).any(|scheme| schemes.contains(&scheme))
    });
    let hosts: Vec<_> = urls.map(|(_, after)| host(after)).collect();
    hosts.into_iter().filter(|host| !host.is_empty())
}

fn host(after_scheme: &str) -> String {
    let is_inside = |letter: char| letter.is_ascii_alphanumeric() || "._-@:".contains(letter);
    let end = after_scheme.find(|letter| !is_inside(letter));
    let authority = &after_scheme[..end.unwrap_or(after_scheme.len())];
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host.trim_end_matches('.').to_lowercase()
}

fn is_ours(host: &str) -> bool {
    let is_address = host
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '.');
    let is_local = !host.contains('.');
    let is_reserved = RESERVED
        .iter()
        .any(|name| host == *name || host.ends_with(&format!(".{name}")));
    is_address || is_local || is_reserved || STANDARDS.contains(&host)
}

/// Lock files name where packages come from, seeds are what a fuzzer found, and tests attack with
/// names that resemble ours.
fn is_free(path: &str) -> bool {
    path.ends_with("package-lock.json")
        || path.ends_with("Cargo.lock")
        || path.starts_with("tests/fuzz/")
        || path.contains("LICENSE")
        || (path.ends_with(".rs") && files::is_test(path))
}

/// Reserved names (RFC 2606), and the one that is for private networks.
const RESERVED: [&str; 7] = [
    "example.com",
    "example.net",
    "example.org",
    "example",
    "internal",
    "invalid",
    "test",
];

/// Where standards are read, and the namespaces that name their standard.
const STANDARDS: [&str; 7] = [
    "datatracker.ietf.org",
    "openid.net",
    "schemas.openid.net",
    "semver.org",
    "www.debian.org",
    "www.rfc-editor.org",
    "www.w3.org",
];
