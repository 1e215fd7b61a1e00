//! The command that sends the example of an operation.

use std::fmt::Write as _;

use serde_json::Value;

use super::text::{at, elements, members, text};

/// The credential that a command sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential {
    Token,
    Cookie,
    Client,
}

/// The first credential that an operation accepts; none for a client that names itself in the body.
pub(super) fn credential(operation: &Value) -> Option<Credential> {
    let mut ways = elements(at(operation, "/security")).flat_map(members);
    let mut contents = members(at(operation, "/requestBody/content"));
    let names_itself = contents.any(|(_, content)| !at(content, "/example/client_id").is_null());
    match ways.next()?.0 {
        "bearer" => Some(Credential::Token),
        "refresh_cookie" => Some(Credential::Cookie),
        "client_secret_basic" if !names_itself => Some(Credential::Client),
        _ => None,
    }
}

fn sets_cookie(operation: &Value) -> bool {
    let mut responses = members(at(operation, "/responses"));
    responses.any(|(_, response)| !at(response, "/headers/Set-Cookie").is_null())
}

/// The command; `None` for pages, whose forms need a cookie of the page, and without a known server.
pub(super) fn command(
    document: &Value,
    (path, method, operation): (&str, &str, &Value),
) -> Option<String> {
    let server = at(document, "/servers/0/url").as_str()?;
    if text(at(operation, "/tags/0")).ends_with("pages") {
        return None;
    }
    let method = method.to_uppercase();
    let mut command = match &*method {
        "GET" => format!("curl -s '{server}{path}'"),
        _ => format!("curl -s -X {method} '{server}{path}'"),
    };
    let credential = credential(operation);
    command.push_str(match credential {
        Some(Credential::Token) => " \\\n  -H \"Authorization: Bearer $TOKEN\"",
        Some(Credential::Cookie) => " \\\n  --cookie cookies.txt --cookie-jar cookies.txt",
        Some(Credential::Client) => " \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\"",
        None if sets_cookie(operation) => " \\\n  --cookie-jar cookies.txt",
        None => "",
    });
    let bodies = members(at(operation, "/requestBody/content"));
    // The cookie has what the body would have; together they are refused.
    for (media_type, content) in bodies.filter(|_| credential != Some(Credential::Cookie)) {
        let example = at(content, "/example");
        if media_type == "application/x-www-form-urlencoded" {
            for (name, value) in members(example) {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let _written = write!(
                    command,
                    " \\\n  --data-urlencode {}",
                    quoted(&format!("{name}={value}"))
                );
            }
        } else {
            let body = quoted(&example.to_string());
            let _written = write!(
                command,
                " \\\n  -H 'Content-Type: {media_type}' \\\n  -d {body}"
            );
        }
    }
    Some(command)
}

/// A word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
