//! The command that sends the example of an operation.

use std::fmt::Write as _;

use serde_json::Value;

use super::text::{at, elements, members, text};

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
    let first = elements(at(operation, "/security"))
        .flat_map(members)
        .next();
    command.push_str(match first {
        Some(("bearer", _)) => " \\\n  -H \"Authorization: Bearer $TOKEN\"",
        Some(("refresh_cookie", _)) => " \\\n  -b cookies.txt -c cookies.txt",
        Some(("client_secret_basic", _)) => " \\\n  -u \"$CLIENT_ID:$CLIENT_SECRET\"",
        _ => "",
    });
    for (media_type, content) in members(at(operation, "/requestBody/content")) {
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
