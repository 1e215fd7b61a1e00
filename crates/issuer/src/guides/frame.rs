//! What every page of the documentation has around its text: title, style sheet, and the other pages.

use std::fmt::Write as _;

use super::catalogue::{GROUPS, Guide};
use super::render;

/// Allows the diagrams of this server and no scripts; the only style sheet is named by its hash.
pub(super) const POLICY: &str = "default-src 'none'; img-src 'self'; \
    style-src 'sha256-56WtMaIu+O0CBTdw+IHgeu7LwdTZwfURj5tXz0SZ3zU='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page of the documentation.
pub(super) fn page(guide: &Guide) -> String {
    framed(guide.title(), Some(guide), &render::html(guide.text))
}

/// The list of all pages.
pub(super) fn list() -> String {
    let title = "Documentation";
    let content = format!(
        "<h1>{title}</h1>\n<p>These pages describe Signet {}, the version that serves them.</p>\n",
        env!("CARGO_PKG_VERSION")
    );
    framed(title, None, &content)
}

fn framed(title: &str, shown: Option<&Guide>, content: &str) -> String {
    // The list fills the page; beside a text it is a column.
    let columns = if shown.is_some() {
        "columns"
    } else {
        "columns list"
    };
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} - Signet</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n\
         <header><a href=\"/docs/\">Signet</a> <a href=\"#pages\">All pages</a> \
         <a href=\"/docs\">API</a></header>\n\
         <div class=\"{columns}\">\n<main>\n{content}</main>\n{}</div>\n</body>\n</html>\n",
        navigation(shown)
    )
}

/// Links to every page. The page that is shown is marked.
fn navigation(shown: Option<&Guide>) -> String {
    let mut list = "<nav id=\"pages\" aria-label=\"All pages\">\n".to_owned();
    for group in &GROUPS {
        let _written = write!(list, "<section>\n<h2>{}</h2>\n<ul>\n", group.title);
        for guide in group.guides {
            let is_shown = shown.is_some_and(|shown| shown.name == guide.name);
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
