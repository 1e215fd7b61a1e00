//! What every page of the documentation has around its text: title, style sheet, and the other pages.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::catalogue::{GROUPS, Guide, title};
use super::render;

/// Allows the diagrams of this server and no scripts; the only style sheet is named by its hash.
pub(super) const POLICY: &str = "default-src 'none'; img-src 'self'; \
    style-src 'sha256-7X6pELzOu9GPvl1v901FcnJEEwddKIuN/YHJhuVYFkw='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page of the documentation.
pub(super) fn page(guide: &Guide) -> String {
    let content = render::html(guide.text, &guide.file());
    framed(guide.title(), Shown::Page(guide), &content)
}

/// A file in Markdown. Its path begins at the root of the repository.
pub(super) fn document(path: &str, text: &str) -> String {
    framed(title(text), Shown::File, &render::html(text, path))
}

/// What is in a folder of the repository.
pub(super) fn folder(path: &str, names: &BTreeSet<&str>) -> String {
    let mut content = format!("<h1>{path}</h1>\n<ul>\n");
    for name in names {
        let address = format!("/docs/files/{path}/{}", name.trim_end_matches('/'));
        let _written = writeln!(content, "<li><a href=\"{address}\">{name}</a></li>");
    }
    content.push_str("</ul>\n");
    framed(path, Shown::File, &content)
}

/// The list of all pages.
pub(super) fn list() -> String {
    let title = "Documentation";
    let content = format!(
        "<h1>{title}</h1>\n<p>These pages describe Signet {}, the version that serves them. \
         The <a href=\"/docs\">API reference</a> has every endpoint with its fields, examples and \
         errors.</p>\n",
        env!("CARGO_PKG_VERSION")
    );
    framed(title, Shown::List, &content)
}

/// What is shown beside the list of all pages.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Page(&'a Guide),
    File,
    /// Nothing but the list.
    List,
}

fn framed(title: &str, shown: Shown<'_>, content: &str) -> String {
    // The list fills the page; beside a text it is a column.
    let columns = match shown {
        Shown::List => "columns list",
        Shown::Page(_) | Shown::File => "columns",
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} - Signet</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n\
         <header><a href=\"/docs/\">Signet</a> <a href=\"#pages\">All pages</a> \
         <a href=\"/docs\">API reference</a></header>\n\
         <div class=\"{columns}\">\n<main>\n{content}</main>\n{}</div>\n</body>\n</html>\n",
        navigation(shown)
    )
}

/// Links to every page. The page that is shown is marked.
fn navigation(shown: Shown<'_>) -> String {
    let mut list = "<nav id=\"pages\" aria-label=\"All pages\">\n".to_owned();
    for group in &GROUPS {
        let _written = write!(list, "<section>\n<h2>{}</h2>\n<ul>\n", group.title);
        for guide in group.guides {
            let is_shown = matches!(shown, Shown::Page(shown) if shown.name == guide.name);
            let mark = if is_shown {
                " aria-current=\"page\""
            } else {
                ""
            };
            let (name, title) = (guide.name, guide.title());
            let _written = writeln!(list, "<li><a href=\"/docs/{name}\"{mark}>{title}</a></li>");
        }
        list.push_str("</ul>\n</section>\n");
    }
    list.push_str("</nav>\n");
    list
}

const STYLE: &str = include_str!("style.css");

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::super::catalogue::guide;
    use super::*;

    #[test]
    fn the_policy_knows_the_style_sheet() {
        let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
    }

    #[test]
    fn a_page_has_its_text_and_marks_itself_among_the_others() {
        let page = page(guide("mfa").unwrap());
        assert!(page.contains("<title>Second factors and step-up - Signet</title>"));
        assert!(page.contains("<h2 id=\"passkeys\">"));
        assert!(page.contains("<a href=\"/docs/mfa\" aria-current=\"page\">"));
        assert_eq!(page.matches("aria-current=\"page\"").count(), 1);
    }
}
