//! Where a link of a page leads on this server.

use super::catalogue::{diagram, guide};
use super::files::{file, folder};

/// The address of a link in the text of `source`, a path of the repository; none if it leads to a
/// file that this server does not have.
pub(super) fn address(source: &str, link: &str) -> Option<String> {
    if link.starts_with('#') || link.contains("://") {
        return Some(link.to_owned());
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, format!("#{anchor}")),
        None => (link, String::new()),
    };
    let path = path_from(source, path);
    place(&path).map(|place| format!("/docs/{place}{anchor}"))
}

/// Where a path of the repository is below `/docs/`.
fn place(path: &str) -> Option<String> {
    if path == "SECURITY.md" {
        return Some("security".to_owned());
    }
    if let Some(name) = path.strip_prefix("docs/diagrams/") {
        return diagram(name).map(|_| format!("diagrams/{name}"));
    }
    let page = path.strip_prefix("docs/");
    let page = page.and_then(|page| page.strip_suffix(".md"));
    if let Some(guide) = page.and_then(guide) {
        return Some(guide.name.to_owned());
    }
    let is_here = file(path).is_some() || !folder(path).is_empty();
    is_here.then(|| format!("files/{path}"))
}

/// A relative path as one of the repository.
fn path_from(source: &str, relative: &str) -> String {
    let mut parts: Vec<_> = source.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            ".." => _ = parts.pop(),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_files_of_the_server_or_nowhere() {
        for (source, link, expected) in [
            (
                "docs/mail.md",
                "mfa.md#passkeys",
                Some("/docs/mfa#passkeys"),
            ),
            ("docs/mail.md", "../SECURITY.md", Some("/docs/security")),
            ("SECURITY.md", "docs/mail.md", Some("/docs/mail")),
            (
                "docs/concepts.md",
                "diagrams/tokens.svg",
                Some("/docs/diagrams/tokens.svg"),
            ),
            (
                "docs/redirect.md",
                "examples/express",
                Some("/docs/files/docs/examples/express"),
            ),
            (
                "docs/backup.md",
                "../keys/README.md#a-leaked-key",
                Some("/docs/files/keys/README.md#a-leaked-key"),
            ),
            (
                "deploy/compose/README.md",
                "../gateway/nginx/",
                Some("/docs/files/deploy/gateway/nginx"),
            ),
            (
                "deploy/systemd/README.md",
                "../../docs/mfa.md",
                Some("/docs/mfa"),
            ),
            ("docs/mail.md", "#here", Some("#here")),
            (
                "docs/mail.md",
                "https://www.rfc-editor.org/rfc/rfc9068",
                Some("https://www.rfc-editor.org/rfc/rfc9068"),
            ),
            ("docs/mail.md", "../README.md", None),
            ("docs/mail.md", "nothing.md", None),
        ] {
            assert_eq!(address(source, link).as_deref(), expected, "{link}");
        }
    }
}
