//! Markdown as HTML, with headings that can be linked to and links that lead to other pages here.
//!
//! A link to a file that is only in the repository becomes its text.

use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd, html};

use super::catalogue::{diagram, guide};

/// Renders a page.
pub(super) fn html(markdown: &str) -> String {
    let events: Vec<_> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let mut links = Links::default();
    let rendered = events.iter().enumerate().filter_map(|(index, event)| {
        let rest = events.get(index.saturating_add(1)..).unwrap_or_default();
        links.see(event, rest)
    });
    let mut page = String::new();
    html::push_html(&mut page, rendered);
    // A wide table and a long line scroll by themselves, also by keyboard, so that the page does not.
    page.replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<pre>", "<pre tabindex=\"0\">")
}

/// The links that are open at a place of the text, and whether each of them is shown.
#[derive(Default)]
struct Links(Vec<bool>);

impl Links {
    /// What is rendered for an event that these events follow.
    fn see<'a>(&mut self, event: &Event<'a>, rest: &[Event<'a>]) -> Option<Event<'a>> {
        match event {
            Event::Start(tag @ Tag::Link { dest_url, .. }) => {
                let address = address(dest_url);
                self.0.push(address.is_some());
                address.map(|address| Event::Start(leading_to(address, tag)))
            }
            Event::End(TagEnd::Link) => self.0.pop()?.then(|| event.clone()),
            Event::Start(tag @ Tag::Image { dest_url, .. }) => {
                let address = address(dest_url).unwrap_or_default();
                Some(Event::Start(leading_to(address, tag)))
            }
            Event::Start(Tag::Heading { level, .. }) => Some(Event::Start(Tag::Heading {
                level: *level,
                id: Some(anchor(rest).into()),
                classes: Vec::new(),
                attrs: Vec::new(),
            })),
            // An alignment would be an inline style, which the policy of the page forbids.
            Event::Start(Tag::Table(columns)) => {
                let unaligned = vec![Alignment::None; columns.len()];
                Some(Event::Start(Tag::Table(unaligned)))
            }
            event => Some(event.clone()),
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

/// Where a link of a page leads on this server; none if it leads to a file that is not here.
fn address(link: &str) -> Option<String> {
    if link.starts_with('#') || link.contains("://") {
        return Some(link.to_owned());
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, format!("#{anchor}")),
        None => (link, String::new()),
    };
    let file = file.trim_start_matches("../").trim_start_matches("docs/");
    if let Some(name) = file.strip_prefix("diagrams/") {
        return diagram(name).map(|_| format!("/docs/diagrams/{name}"));
    }
    let name = match file {
        "SECURITY.md" => "security",
        file => file.strip_suffix(".md")?,
    };
    guide(name).map(|guide| format!("/docs/{}{anchor}", guide.name))
}

/// The anchor of a heading, as hosts of repositories make it: its text in small letters, with
/// hyphens for spaces and without other marks.
fn anchor(rest: &[Event<'_>]) -> String {
    let heading = rest
        .iter()
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let text = heading.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        _ => None,
    });
    let text: String = text.collect();
    let kept = text.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::catalogue::GROUPS;
    use super::*;

    #[test]
    fn headings_have_anchors_and_text_stays_text() {
        let page = html("# Ask `GET /x` & \"go\"\n\na < b\n");
        assert_eq!(
            page,
            "<h1 id=\"ask-get-x--go\">Ask <code>GET /x</code> &amp; \"go\"</h1>\n\
             <p>a &lt; b</p>\n"
        );
    }

    #[test]
    fn wide_parts_scroll_by_keyboard_and_have_no_inline_style() {
        let page = html("| a |\n|--:|\n| b |\n\n    c\n");
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
    fn links_lead_to_pages_of_the_server_or_are_text() {
        for (link, expected) in [
            ("mfa.md#passkeys", Some("/docs/mfa#passkeys")),
            ("../SECURITY.md", Some("/docs/security")),
            ("docs/mail.md", Some("/docs/mail")),
            ("diagrams/tokens.svg", Some("/docs/diagrams/tokens.svg")),
            ("#here", Some("#here")),
            (
                "https://www.rfc-editor.org/rfc/rfc9068",
                Some("https://www.rfc-editor.org/rfc/rfc9068"),
            ),
            ("../README.md", None),
            ("examples/spa", None),
            ("nothing.md", None),
        ] {
            assert_eq!(address(link).as_deref(), expected, "{link}");
        }
        assert_eq!(
            html("[a **b**](../README.md)"),
            "<p>a <strong>b</strong></p>\n"
        );
    }

    #[test]
    fn every_link_between_pages_has_its_target() {
        let guides = || GROUPS.iter().flat_map(|group| group.guides);
        let mut targets = BTreeSet::new();
        for guide in guides() {
            let page = html(guide.text);
            let own = format!("/docs/{}", guide.name);
            let anchors = page.split(" id=\"").skip(1);
            let anchors = anchors.map(|rest| rest.split('"').next().unwrap());
            targets.extend(anchors.map(|anchor| format!("{own}#{anchor}")));
            targets.insert(own);
        }
        for guide in guides() {
            let page = html(guide.text);
            for link in page.split(" href=\"").skip(1) {
                let link = link.split('"').next().unwrap();
                let own = link.starts_with('#').then_some(guide.name);
                let link = own.map_or(link.to_owned(), |name| format!("/docs/{name}{link}"));
                let is_page = link.starts_with("/docs/");
                assert!(
                    !is_page || targets.contains(&link),
                    "{}: {link}",
                    guide.name
                );
            }
            assert!(!page.contains("src=\"\""), "{}", guide.name);
        }
    }
}
