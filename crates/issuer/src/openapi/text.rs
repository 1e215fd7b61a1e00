//! Values of a JSON document, and text as HTML.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The value at a JSON pointer, RFC 6901.
pub(super) fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

/// The text of a value, or nothing.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The members of an object, or none.
pub(super) fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let object = object.as_object().into_iter().flat_map(Map::iter);
    object.map(|(name, value)| (name.as_str(), value))
}

/// The elements of an array, or none.
pub(super) fn elements(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

/// The name of the schema that a reference leads to; `None` if the schema is no reference.
pub(super) fn reference(schema: &Value) -> Option<&str> {
    at(schema, "/$ref").as_str()?.rsplit('/').next()
}

/// The text of a value as HTML.
pub(super) fn prose(value: &Value) -> String {
    marked(text(value))
}

/// Renders text: parts between back ticks are code.
pub(super) fn marked(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if index % 2 == 0 {
            html.push_str(&part);
        } else {
            let _written = write!(html, "<code>{part}</code>");
        }
    }
    html
}

/// Renders paragraphs.
pub(super) fn paragraphs(value: &Value) -> String {
    let all = text(value).split("\n\n").filter(|text| !text.is_empty());
    all.fold(String::new(), |mut html, paragraph| {
        let _written = writeln!(html, "<p>{}</p>", marked(paragraph));
        html
    })
}

/// Text without any meaning in HTML.
pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// A table of these rows.
pub(super) fn table(rows: &str) -> String {
    format!("<table>\n{rows}</table>\n")
}
