//! Tables that fit a page: long names break where a reader would break them, and on a phone, where a
//! row is a block, each value says which column it is in.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::openapi::escaped;

/// The table that is open.
#[derive(Default)]
pub(super) struct Tables {
    place: Place,
    headings: Vec<String>,
    /// Which cell of the row is next.
    column: usize,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    Head,
    Body,
}

impl Tables {
    /// The HTML of an event that the events `rest` follow; `None` if it is the usual one.
    pub(super) fn html(&mut self, event: &Event<'_>, rest: &[Event<'_>]) -> Option<String> {
        match (event, self.place) {
            (Event::Start(Tag::TableHead), _) => {
                self.place = Place::Head;
                self.headings.clear();
            }
            (Event::End(TagEnd::TableHead), _) => self.place = Place::Body,
            (Event::End(TagEnd::Table), _) => self.place = Place::Outside,
            (Event::Start(Tag::TableRow), _) => self.column = 0,
            (Event::Start(Tag::TableCell), Place::Head) => {
                let heading = text_until(|end| *end == TagEnd::TableCell, rest);
                self.headings.push(heading);
            }
            (Event::Start(Tag::TableCell), Place::Body) => return Some(self.cell()),
            (Event::End(TagEnd::TableCell), Place::Body) => return Some("</td>".to_owned()),
            (Event::Code(code), Place::Head | Place::Body) => return Some(breakable(code)),
            _ => {}
        }
        None
    }

    /// The beginning of the next cell. Two columns explain themselves.
    fn cell(&mut self) -> String {
        let heading = self.headings.get(self.column);
        let heading = heading.filter(|text| self.column > 0 && !text.is_empty());
        self.column = self.column.saturating_add(1);
        match heading.filter(|_| self.headings.len() > 2) {
            Some(heading) => format!("<td data-column=\"{}\">", escaped(heading)),
            None => "<td>".to_owned(),
        }
    }
}

/// Code that may break after the marks between its words.
fn breakable(code: &str) -> String {
    let mut html = "<code>".to_owned();
    for part in code.split_inclusive(['_', '.', '/', ':', '=', '?', '&', ',']) {
        let mark = if html.ends_with('>') { "" } else { "<wbr>" };
        let _written = write!(html, "{mark}{}", escaped(part));
    }
    html + "</code>"
}

/// The text of the events before this end.
pub(super) fn text_until(is_end: fn(&TagEnd) -> bool, events: &[Event<'_>]) -> String {
    let inner = events
        .iter()
        .take_while(|event| !matches!(event, Event::End(end) if is_end(end)));
    let text = inner.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.as_ref()),
        _ => None,
    });
    text.collect()
}
