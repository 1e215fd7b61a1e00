//! The document as a page for people. The page is written once and loads no scripts or files.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// Allows no loads and no scripts; the only style sheet is named by its hash.
pub(super) const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-6S+BQyItyIVowljF0b8tKerHBS+hCNKV/y8gZBpnfnQ='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Renders the page of a document.
pub(super) fn html(document: &Value) -> String {
    let title = prose(at(document, "/info/title"));
    let version = prose(at(document, "/info/version"));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1>{title} <small>{version}</small></h1>\n"
    );
    paragraphs(&mut page, at(document, "/info/description"));
    page.push_str(
        "<p>For programs: <a href=\"/openapi.json\">/openapi.json</a>. \
         All pages of the documentation: <a href=\"/docs/\">/docs/</a></p>\n",
    );
    for tag in at(document, "/tags").as_array().into_iter().flatten() {
        let _written = writeln!(page, "<h2>{}</h2>", prose(at(tag, "/name")));
        paragraphs(&mut page, at(tag, "/description"));
        for (path, method, operation) in operations(document) {
            if at(operation, "/tags/0") == at(tag, "/name") {
                operation_section(&mut page, path, method, operation);
            }
        }
    }
    page.push_str("<h2>Schemas</h2>\n");
    for (name, schema) in members(at(document, "/components/schemas")) {
        schema_section(&mut page, name, schema);
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// Renders an operation: path, method and description.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    members(at(document, "/paths")).flat_map(|(path, item)| {
        members(item).map(move |(method, operation)| (path, method, operation))
    })
}

fn operation_section(page: &mut String, path: &str, method: &str, operation: &Value) {
    let _written = writeln!(
        page,
        "<details id=\"{}\">\n<summary><b>{}</b> <code>{}</code> {}</summary>",
        prose(at(operation, "/operationId")),
        escaped(&method.to_uppercase()),
        escaped(path),
        prose(at(operation, "/summary")),
    );
    paragraphs(page, at(operation, "/description"));
    credentials(page, at(operation, "/security"));
    page.push_str("<table>\n");
    for parameter in at(operation, "/parameters")
        .as_array()
        .into_iter()
        .flatten()
    {
        let name = format!(
            "{} {}",
            text(at(parameter, "/in")),
            text(at(parameter, "/name"))
        );
        row(
            page,
            &name,
            &prose(at(parameter, "/description")),
            at(parameter, "/schema"),
        );
    }
    for (media_type, content) in members(at(operation, "/requestBody/content")) {
        row(page, "body", &escaped(media_type), at(content, "/schema"));
    }
    for (status, response) in members(at(operation, "/responses")) {
        let schema = members(at(response, "/content")).next();
        let schema = schema.map_or(&Value::Null, |(_, content)| at(content, "/schema"));
        row(page, status, &prose(at(response, "/description")), schema);
    }
    page.push_str("</table>\n</details>\n");
}

/// The credentials of an operation; one of them is enough.
fn credentials(page: &mut String, security: &Value) {
    let ways = security.as_array().into_iter().flatten();
    let names: Vec<_> = ways
        .map(|way| members(way).next().map_or("nothing", |(name, _)| name))
        .map(|name| format!("<code>{}</code>", escaped(name)))
        .collect();
    if !names.is_empty() {
        let _written = writeln!(page, "<p>Credential: {}</p>", names.join(" or "));
    }
}

fn schema_section(page: &mut String, name: &str, schema: &Value) {
    let name = escaped(name);
    let _written = writeln!(
        page,
        "<h3 id=\"schema-{name}\">{name} {}</h3>",
        kind(schema)
    );
    paragraphs(page, at(schema, "/description"));
    page.push_str("<table>\n");
    let parts = at(schema, "/allOf").as_array().into_iter().flatten();
    for part in parts.chain([schema]) {
        let required = at(part, "/required").as_array();
        for (name, property) in members(at(part, "/properties")) {
            let is_required = required.is_some_and(|names| names.iter().any(|it| it == name));
            let mark = if is_required { "" } else { "?" };
            row(
                page,
                &format!("{name}{mark}"),
                &prose(at(property, "/description")),
                property,
            );
        }
    }
    page.push_str("</table>\n");
}

fn row(page: &mut String, name: &str, text: &str, schema: &Value) {
    let (name, kind) = (escaped(name), kind(schema));
    let _written = writeln!(page, "<tr><td><code>{name}</code><td>{kind}<td>{text}");
}

/// A schema in a few words, with links to named ones.
fn kind(schema: &Value) -> String {
    if let Some(name) = text(at(schema, "/$ref"))
        .rsplit('/')
        .next()
        .filter(|name| !name.is_empty())
    {
        let name = escaped(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    let alternatives = at(schema, "/oneOf")
        .as_array()
        .or(at(schema, "/allOf").as_array());
    if let Some(alternatives) = alternatives {
        let kinds: Vec<_> = alternatives.iter().map(kind).collect();
        let joint = if at(schema, "/oneOf").is_array() {
            " | "
        } else {
            " + "
        };
        return kinds.join(joint);
    }
    let name = match at(schema, "/type") {
        Value::Array(types) => types.iter().map(text).collect::<Vec<_>>().join(" | "),
        one => text(one).to_owned(),
    };
    let items = at(schema, "/items");
    if items.is_object() {
        format!("{name} of {}", kind(items))
    } else {
        escaped(&name)
    }
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let object = object.as_object().into_iter().flat_map(Map::iter);
    object.map(|(name, value)| (name.as_str(), value))
}

fn paragraphs(page: &mut String, value: &Value) {
    for paragraph in text(value).split("\n\n").filter(|text| !text.is_empty()) {
        let _written = writeln!(page, "<p>{}</p>", marked(paragraph));
    }
}

fn prose(value: &Value) -> String {
    marked(text(value))
}

/// Renders text: parts between back ticks are code, and line breaks stay.
fn marked(text: &str) -> String {
    let mut html = String::new();
    for (index, part) in text.split('`').enumerate() {
        let part = escaped(part);
        if index % 2 == 0 {
            html.push_str(&part.replace('\n', "<br>"));
        } else {
            let _written = write!(html, "<code>{part}</code>");
        }
    }
    html
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

/// The value at a JSON pointer, RFC 6901.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
background:light-dark(#fff,#14171b);color:light-dark(#1b1f24,#e8eaed);overflow-wrap:anywhere}\
summary{cursor:pointer;padding:.25rem 0}\
summary b{display:inline-block;width:4.5rem;overflow-wrap:normal}\
table{border-collapse:collapse;margin:.5rem 0 1rem}\
td{border-top:1px solid #8886;padding:.25rem .75rem .25rem 0;vertical-align:top}\
h3{margin:1.5rem 0 0}\
a{color:light-dark(#1f5fbf,#7fb0ff)}\
@media(max-width:45rem){td{display:block;border:0;padding:0}tr{display:block;border-top:1px solid #8886;padding:.25rem 0}}\
@media(min-width:45rem){details p,details table{margin-left:4.75rem}}";

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_policy_knows_the_style_sheet() {
        let hash = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
    }

    #[test]
    fn what_a_description_holds_stays_text() {
        let document = json!({
            "info": {"title": "<b>", "version": "1", "description": "a `<i>` & \"b\""},
        });
        let page = html(&document);
        assert!(page.contains("<title>&lt;b&gt;</title>"));
        assert!(page.contains("<p>a <code>&lt;i&gt;</code> &amp; &quot;b&quot;</p>"));
    }
}
