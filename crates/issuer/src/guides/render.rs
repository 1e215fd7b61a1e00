//! Markdown as HTML, with headings that can be linked to, and links that lead to other pages here.
//!
//! A link to a file that is only in the repository becomes its text.

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd, html};

use super::links::address;
use super::tables::{Tables, text_until};

/// Renders the text of a file. Its path begins at the root of the repository.
pub(super) fn html(markdown: &str, source: &str) -> String {
    let events: Vec<_> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let mut page = Rendering {
        source,
        links: Vec::new(),
        picture: String::new(),
        tables: Tables::default(),
        rendered: Vec::with_capacity(events.len()),
    };
    for (index, event) in events.iter().enumerate() {
        let rest = events.get(index.saturating_add(1)..).unwrap_or_default();
        page.add(event, rest);
    }
    let mut html = String::new();
    html::push_html(&mut html, page.rendered.into_iter());
    // A wide table and a long line scroll by themselves, also by keyboard, so that the page does not.
    html.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<pre>", "<pre tabindex=\"0\">")
}

/// What was rendered so far, and what is open.
struct Rendering<'a> {
    source: &'a str,
    /// Of each open link, whether it is shown.
    links: Vec<bool>,
    /// The address of the open picture.
    picture: String,
    tables: Tables,
    rendered: Vec<Event<'a>>,
}

impl<'a> Rendering<'a> {
    /// Renders an event that the events `rest` follow.
    fn add(&mut self, event: &Event<'a>, rest: &[Event<'a>]) {
        if let Some(html) = self.tables.html(event, rest) {
            self.rendered.push(Event::InlineHtml(html.into()));
            return;
        }
        match event {
            Event::Start(tag @ Tag::Link { dest_url, .. }) => {
                let address = address(self.source, dest_url);
                self.links.push(address.is_some());
                let start = address.map(|address| Event::Start(leading_to(address, tag)));
                self.rendered.extend(start);
            }
            Event::End(TagEnd::Link) if self.links.pop() != Some(true) => {}
            Event::Start(tag @ Tag::Image { dest_url, .. }) => {
                self.picture = address(self.source, dest_url).unwrap_or_default();
                self.rendered.push(Event::InlineHtml(FIGURE.into()));
                let image = leading_to(self.picture.clone(), tag);
                self.rendered.push(Event::Start(image));
            }
            Event::End(TagEnd::Image) => {
                let link = format!("</span> <a href=\"{}\">Open the drawing</a>", self.picture);
                self.rendered.push(event.clone());
                self.rendered.push(Event::InlineHtml(link.into()));
            }
            Event::Start(Tag::Heading { level, .. }) => {
                self.rendered.push(Event::Start(Tag::Heading {
                    level: *level,
                    id: Some(anchor(rest).into()),
                    classes: Vec::new(),
                    attrs: Vec::new(),
                }));
            }
            // An alignment would be an inline style, which the policy of the page forbids.
            Event::Start(Tag::Table(columns)) => {
                let unaligned = vec![Alignment::None; columns.len()];
                self.rendered.push(Event::Start(Tag::Table(unaligned)));
            }
            event => self.rendered.push(event.clone()),
        }
    }
}

/// The same link or image with another address.
fn leading_to<'a>(address: String, tag: &Tag<'a>) -> Tag<'a> {
    let mut tag = tag.clone();
    if let Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } = &mut tag {
        *dest_url = address.into();
    }
    tag
}

/// The anchor of a heading, as hosts of repositories make it: its text in small letters, with
/// hyphens for spaces and without other marks.
fn anchor(rest: &[Event<'_>]) -> String {
    let text = text_until(|end| matches!(end, TagEnd::Heading(_)), rest);
    let kept = text.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

/// A drawing is wider than a phone: it scrolls in a box of its own, also by keyboard.
const FIGURE: &str = "<span class=\"figure\" tabindex=\"0\">";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::catalogue::{GROUPS, diagram};
    use super::super::files::{file, folder, markdown_files};
    use super::*;

    #[test]
    fn headings_have_anchors_and_text_stays_text() {
        let page = html("# Ask `GET /x` & \"go\"\n\na < b\n", "docs/x.md");
        assert_eq!(
            page,
            "<h1 id=\"ask-get-x--go\">Ask <code>GET /x</code> &amp; \"go\"</h1>\n\
             <p>a &lt; b</p>\n"
        );
    }

    #[test]
    fn wide_parts_scroll_by_keyboard_and_have_no_inline_style() {
        let page = html("| a |\n|--:|\n| b |\n\n    c\n", "docs/x.md");
        assert!(
            page.starts_with("<div class=\"wide\" tabindex=\"0\"><table>"),
            "{page}"
        );
        assert!(
            page.ends_with("</table></div>\n<pre tabindex=\"0\"><code>c\n</code></pre>\n"),
            "{page}"
        );
        assert!(!page.contains("style="), "{page}");
    }

    #[test]
    fn a_link_to_a_file_that_is_not_here_is_text() {
        assert_eq!(
            html("[a **b**](../README.md)", "docs/x.md"),
            "<p>a <strong>b</strong></p>\n"
        );
    }

    #[test]
    fn a_drawing_scrolls_and_can_be_opened() {
        let page = html("![It shows.](diagrams/tokens.svg)", "docs/x.md");
        let address = "/docs/diagrams/tokens.svg";
        assert_eq!(
            page,
            format!(
                "<p><span class=\"figure\" tabindex=\"0\"><img src=\"{address}\" alt=\"It shows.\" />\
                 </span> <a href=\"{address}\">Open the drawing</a></p>\n"
            )
        );
    }

    #[test]
    fn values_name_their_column_if_there_are_more_than_two() {
        let page = html("| a | `b` | |\n|-|-|-|\n| 1 | 2 | 3 |\n", "docs/x.md");
        let row = "<td>1</td><td data-column=\"b\">2</td><td>3</td>";
        assert!(page.contains(row), "{page}");
        let page = html("| a | b |\n|-|-|\n| 1 | 2 |\n", "docs/x.md");
        assert!(page.contains("<td>1</td><td>2</td>"), "{page}");
    }

    #[test]
    fn names_in_tables_break_between_their_words() {
        let page = html("| `A_B` |\n|-|\n| `<a.b>` |\n\n`A_B`\n", "docs/x.md");
        for code in [
            "<th><code>A_<wbr>B</code></th>",
            "<td><code>&lt;a.<wbr>b&gt;</code></td>",
            "<p><code>A_B</code></p>",
        ] {
            assert!(page.contains(code), "{page}");
        }
    }

    /// Every text that the server shows as a page: its address, its file and the HTML.
    fn pages() -> Vec<(String, String, String)> {
        let guides = GROUPS.iter().flat_map(|group| group.guides);
        let guides = guides.map(|it| (format!("/docs/{}", it.name), it.file(), it.text));
        let files = markdown_files().map(|(path, text)| {
            let address = format!("/docs/files/{path}");
            (address, path.to_owned(), text)
        });
        let all = guides.chain(files);
        all.map(|(address, path, text)| {
            let page = html(text, &path);
            (address, path, page)
        })
        .collect()
    }

    #[test]
    fn every_link_between_pages_has_its_target() {
        let mut targets = BTreeSet::new();
        for (own, _, page) in pages() {
            let anchors = page.split(" id=\"").skip(1);
            let anchors = anchors.map(|rest| rest.split('"').next().unwrap());
            targets.extend(anchors.map(|anchor| format!("{own}#{anchor}")));
            targets.insert(own);
        }
        for (own, path, page) in pages() {
            for link in page.split(" href=\"").skip(1) {
                let link = link.split('"').next().unwrap();
                let own = link.starts_with('#').then_some(&own);
                let link = own.map_or(link.to_owned(), |own| format!("{own}{link}"));
                let is_there = targets.contains(&link) || is_file(&link);
                assert!(!link.starts_with("/docs/") || is_there, "{path}: {link}");
            }
            assert!(!page.contains("src=\"\""), "{path}");
        }
    }

    fn is_file(address: &str) -> bool {
        if let Some(name) = address.strip_prefix("/docs/diagrams/") {
            return diagram(name).is_some();
        }
        let path = address.strip_prefix("/docs/files/");
        path.is_some_and(|path| file(path).is_some() || !folder(path).is_empty())
    }

    #[test]
    fn no_page_links_to_a_file_that_the_server_does_not_have() {
        let guides = GROUPS.iter().flat_map(|group| group.guides);
        let guides = guides.map(|guide| (guide.file(), guide.text));
        let files = markdown_files().map(|(path, text)| (path.to_owned(), text));
        let mut dead = BTreeSet::new();
        for (path, text) in guides.chain(files) {
            let links = Parser::new(text).filter_map(|event| match event {
                Event::Start(Tag::Link { dest_url, .. }) => Some(dest_url),
                _ => None,
            });
            let missing = links.filter(|link| address(&path, link).is_none());
            dead.extend(missing.map(|link| format!("{path}: {link}")));
        }
        assert!(dead.is_empty(), "add them to files.rs: {dead:#?}");
    }
}
