//! The document as a page for people: operations in the order in which people need them, each with
//! its fields, an example, and its errors. The page is written once and loads no files; its only
//! script searches it.

use std::fmt::Write as _;

use serde_json::Value;

use super::common::CommonErrors;
use super::curl::{Credential, command, credential};
use super::fields::Schemas;
use super::text::{at, elements, escaped, members, paragraphs, prose, table, text};

/// Allows no loads; the style sheet and the script are named by their hashes.
pub(super) const POLICY: &str = "default-src 'none'; \
    style-src 'sha256-oKO5KO+bfKn9Nc4fuhTIaa9WF4TXTEQSsmU5r1Gokfc='; \
    script-src 'sha256-v95ToQKbmIVsDw2eLWKKiVfCpW3VmgFMRs268NMxDEc='; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Renders the page of a document.
pub(super) fn html(document: &Value) -> String {
    let title = prose(at(document, "/info/title"));
    let version = prose(at(document, "/info/version"));
    let description = text(at(document, "/info/description"));
    let (about, rules) = description.split_once("\n\n").unwrap_or((description, ""));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><a href=\"/docs/\">Signet</a> <a href=\"/docs/\">All pages</a> \
         <a href=\"/docs\" aria-current=\"page\">API reference</a> \
         <a href=\"/openapi.json\">openapi.json</a></header>\n<main>\n\
         <h1>{title} <small>{version}</small></h1>\n{}{}\
         <p hidden><label for=\"search\">Search</label> <input id=\"search\" type=\"search\"></p>\n\
         <p id=\"none\" role=\"status\"></p>\n",
        paragraphs(&Value::from(about)),
        groups(document)
    );
    page.push_str(&common(rules));
    let reference = Reference {
        document,
        schemas: Schemas::of(document),
        errors: CommonErrors::of(document),
    };
    for tag in elements(at(document, "/tags")) {
        reference.group(&mut page, tag);
    }
    let _written = writeln!(page, "<section>\n{}</section>", reference.errors.table());
    reference.schemas(&mut page);
    let _written = writeln!(page, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>");
    page
}

/// Links to the groups of operations.
fn groups(document: &Value) -> String {
    let links = elements(at(document, "/tags")).map(|tag| {
        let (id, name) = (group_id(tag), prose(at(tag, "/name")));
        format!("<a href=\"#{id}\">{name}</a>\n")
    });
    let links: String = links.collect();
    format!("<nav aria-label=\"Groups\">\n{links}</nav>\n")
}

fn group_id(tag: &Value) -> String {
    let name = text(at(tag, "/name")).to_lowercase();
    format!("group-{}", escaped(&name.replace(' ', "-")))
}

/// The rules for every request and response, which few readers need first.
fn common(rules: &str) -> String {
    let rules = paragraphs(&Value::from(rules));
    format!(
        "<details>\n<summary>Rules for every request and response</summary>\n{rules}</details>\n"
    )
}

struct Reference<'a> {
    document: &'a Value,
    schemas: Schemas<'a>,
    errors: CommonErrors<'a>,
}

/// A path, a method, and what is said of it.
type Operation<'a> = (&'a str, &'a str, &'a Value);

impl Reference<'_> {
    fn group(&self, page: &mut String, tag: &Value) {
        let paths = members(at(self.document, "/paths"));
        let all = paths.flat_map(|(path, item)| {
            members(item).map(move |(method, operation)| (path, method, operation))
        });
        let own = all.filter(|(_, _, it)| at(it, "/tags/0") == at(tag, "/name"));
        let mut own: Vec<_> = own.collect();
        // The sort is stable: the others stay in the order of their paths.
        own.sort_by_key(|(_, _, it)| rank(text(at(it, "/operationId"))));
        let name = prose(at(tag, "/name"));
        let about = paragraphs(at(tag, "/description"));
        let _written = writeln!(
            page,
            "<section id=\"{}\">\n<h2>{name}</h2>\n{about}",
            group_id(tag)
        );
        for operation in own {
            self.operation(page, operation);
        }
        page.push_str("</section>\n");
    }

    fn schemas(&self, page: &mut String) {
        page.push_str("<section>\n<h2>Schemas</h2>\n");
        for (name, schema) in self.schemas.objects() {
            let (id, rows) = (escaped(name), self.schemas.rows(schema));
            let text = paragraphs(at(schema, "/description"));
            let _written = writeln!(
                page,
                "<h3 id=\"schema-{id}\">{id}</h3>\n{text}{}",
                table(&rows)
            );
        }
        page.push_str("</section>\n");
    }

    fn operation(&self, page: &mut String, (path, method, operation): Operation<'_>) {
        let _written = writeln!(
            page,
            "<details id=\"{}\">\n<summary><b>{}</b> <code>{}</code> <span>{}</span></summary>\n{}{}",
            prose(at(operation, "/operationId")),
            escaped(&method.to_uppercase()),
            escaped(path),
            prose(at(operation, "/summary")),
            paragraphs(at(operation, "/description")),
            credentials(at(operation, "/security")),
        );
        self.request(page, operation);
        if let Some(command) = command(self.document, (path, method, operation)) {
            let command = code(&command).replace("<pre", "<pre class=\"command\"");
            let about = credential(operation).map_or("", explained);
            let _written = writeln!(page, "<h4>Try it</h4>\n{command}{about}");
        }
        self.responses(page, at(operation, "/responses"));
        page.push_str("</details>\n");
    }

    fn request(&self, page: &mut String, operation: &Value) {
        let rows = elements(at(operation, "/parameters")).map(|parameter| {
            let name = text(at(parameter, "/name"));
            let place = escaped(text(at(parameter, "/in")));
            let (name, kind) = (escaped(name), self.schemas.kind(at(parameter, "/schema")));
            let about = prose(at(parameter, "/description"));
            format!("<tr><td><code>{name}</code> <i>{place}</i><td>{kind}<td>{about}\n")
        });
        let mut rows = rows.fold(String::new(), |all, row| all + &row);
        let mut examples = String::new();
        for (media_type, content) in members(at(operation, "/requestBody/content")) {
            let _written = writeln!(
                rows,
                "<tr><td><i>body</i><td colspan=\"2\">{}",
                escaped(media_type)
            );
            rows.push_str(&self.schemas.rows(at(content, "/schema")));
            examples.push_str(&example(content));
        }
        if !rows.is_empty() {
            let _written = writeln!(page, "<h4>Request</h4>\n{}{examples}", table(&rows));
        }
    }

    fn responses(&self, page: &mut String, responses: &Value) {
        let mut examples = String::new();
        let mut rows = String::new();
        for (status, response) in members(responses) {
            if status.starts_with(['4', '5']) {
                rows.push_str(&self.errors.row(status, response));
                continue;
            }
            let content = members(at(response, "/content")).next();
            let content = content.map_or(&Value::Null, |(_, content)| content);
            let kind = self.schemas.kind(at(content, "/schema"));
            let about = prose(at(response, "/description"));
            let _written = writeln!(rows, "<tr><td><code>{status}</code><td>{kind}<td>{about}");
            examples.push_str(&example(content));
        }
        rows.push_str(&self.errors.common_row(responses));
        let _written = writeln!(page, "<h4>Response</h4>\n{}{examples}", table(&rows));
    }
}

/// Where an operation is among those of its group.
fn rank(id: &str) -> usize {
    let place = FIRST.iter().position(|first| *first == id);
    place.unwrap_or(FIRST.len())
}

/// The credentials of an operation; one of them is enough.
fn credentials(security: &Value) -> String {
    let names: Vec<_> = elements(security)
        .map(|way| members(way).next().map_or("nothing", |(name, _)| name))
        .map(|name| format!("<code>{}</code>", escaped(name)))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!("<p>Credential: {}</p>\n", names.join(" or "))
}

/// Where a reader gets what a command needs.
fn explained(credential: Credential) -> &'static str {
    match credential {
        Credential::Token => {
            "<p><code>$TOKEN</code> is an access token: <code>access_token</code> in the answer of \
             <a href=\"#login\">login</a> or <a href=\"#token\">token</a>.</p>\n"
        }
        Credential::Cookie => {
            "<p><code>cookies.txt</code> has the cookies of a <a href=\"#login\">login</a> as \
             printed there. A client without cookies sends the body instead.</p>\n"
        }
        Credential::Client => {
            "<p><code>$CLIENT_ID</code> and <code>$CLIENT_SECRET</code> are what <code>signet client \
             add</code> printed for a client with this grant and these scopes.</p>\n"
        }
    }
}

fn example(content: &Value) -> String {
    match content.get("example") {
        Some(Value::String(text)) => code(text),
        Some(example) => code(&format!("{example:#}")),
        None => String::new(),
    }
}

/// Code that scrolls in its own box, also by keyboard.
fn code(text: &str) -> String {
    format!("<pre tabindex=\"0\">{}</pre>\n", escaped(text))
}

/// What people do first, by `operationId`.
const FIRST: [&str; 12] = [
    "register",
    "login",
    "me",
    "refresh",
    "logout",
    "logout_all",
    "login_mfa",
    "change_password",
    "token",
    "list_clients",
    "add_client",
    "list_accounts",
];
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA256, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_policy_knows_the_style_sheet_and_the_script() {
        for text in [STYLE, SCRIPT] {
            let hash = STANDARD.encode(digest(&SHA256, text.as_bytes()));
            assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
        }
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

    #[test]
    fn groups_are_linked_and_rules_for_all_operations_are_folded() {
        let document = json!({
            "info": {"description": "What it is.\n\nA rule."},
            "tags": [{"name": "Sign-in pages"}],
        });
        let page = html(&document);
        assert!(page.contains("<p>What it is.</p>\n<nav aria-label=\"Groups\">"));
        assert!(page.contains("<a href=\"#group-sign-in-pages\">Sign-in pages</a>"));
        assert!(page.contains("<section id=\"group-sign-in-pages\">"));
        assert!(page.contains("response</summary>\n<p>A rule.</p>\n</details>"));
    }

    #[test]
    fn required_fields_come_before_optional_ones_also_if_they_are_inherited() {
        let inherited = json!({"required": ["b"], "properties": {"a": {}, "b": {}}});
        let document = json!({"components": {"schemas": {"Fields": {
            "allOf": [inherited],
            "required": ["d"],
            "properties": {"c": {}, "d": {}},
        }}}});
        let page = html(&document);
        let names = ["b", "d", "a", "c"];
        let found = names.map(|name| page.find(&format!("<tr><td><code>{name}</code>")));
        assert!(found.iter().all(Option::is_some), "{page}");
        assert!(found.is_sorted(), "{found:?}");
    }

    #[test]
    fn the_limits_of_a_field_are_beside_it() {
        let document = json!({
            "tags": [{"name": "Accounts"}],
            "paths": {"/auth/register": {"post": {
                "operationId": "register",
                "tags": ["Accounts"],
                "requestBody": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Fields"},
                }}},
            }}},
            "components": {"schemas": {
                "Fields": {
                    "type": "object",
                    "required": ["password"],
                    "properties": {"password": {"$ref": "#/components/schemas/NewPassword"}},
                },
                "NewPassword": {
                    "type": "string", "minLength": 8, "maxLength": 256, "description": "Secret.",
                },
            }},
        });
        let row = "<tr><td><code>password</code><td>string, 8 to 256 characters<td>Secret.\n";
        assert_eq!(html(&document).matches(row).count(), 2);
    }
}
