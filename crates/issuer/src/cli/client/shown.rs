//! A client as people see it: some fields always, the others if they are set.

use std::time::Duration;

use serde_json::Value;

/// Formats a client with its secret, if it has a new one.
pub(super) fn issued_lines(issued: &Value) -> String {
    let shown = lines(issued);
    match issued.get("client_secret").and_then(Value::as_str) {
        Some(secret) => format!(
            "{shown}\nclient_secret: {secret}\nStore the secret now: it is not shown again."
        ),
        None => shown,
    }
}

/// Formats a client.
pub(super) fn lines(client: &Value) -> String {
    let text = |name: &str| client.get(name).and_then(|value| text(name, value));
    let always = ALWAYS.iter().map(|name| {
        let value = text(name);
        Some((*name, value.unwrap_or_else(|| "-".to_owned())))
    });
    let if_set = IF_SET.iter().map(|name| Some((*name, text(name)?)));
    let line = |(name, value): (&str, String)| format!("\n  {name}: {value}");
    let rest: String = always.chain(if_set).flatten().map(line).collect();
    let id = text(ID).unwrap_or_default();
    format!("{ID}: {id}{rest}")
}

/// A field that is set, as text.
fn text(name: &str, value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(names) if !names.is_empty() => {
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            Some(names.join(" "))
        }
        // Only an empty list of these differs from none: its tokens have no scope by themselves.
        Value::Array(_) if name == "sign_in_scopes" => Some("-".to_owned()),
        Value::Bool(true) => Some("yes".to_owned()),
        Value::Number(seconds) if name == "token_ttl" => {
            let ttl = Duration::from_secs(seconds.as_u64()?);
            Some(humantime::format_duration(ttl).to_string())
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Object(set) if name == "jwks" => {
            let keys = set.get("keys")?.as_array()?;
            Some(format!("keys: {}", keys.len()))
        }
        _ => None,
    }
}

const ID: &str = "client_id";
/// The fields that are always shown, in this order.
const ALWAYS: [&str; 10] = [
    "status",
    "authentication",
    "grants",
    "scopes",
    "audiences",
    "owns",
    "account_claims",
    "redirect_uris",
    "mfa_policy",
    "version",
];
/// The fields that are shown if they are set, in this order.
const IF_SET: [&str; 12] = [
    "name",
    "secrets",
    "jwks",
    "required_roles",
    "sign_in_scopes",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "logo_uri",
    "first_party",
    "token_ttl",
    "metadata_document",
    "created_at",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use utoipa::PartialSchema as _;

    use super::*;
    use crate::views::ClientView;

    #[test]
    fn a_client_with_little_has_few_lines() {
        let client = json!({
            "client_id": "web", "status": "active", "authentication": "none", "grants": [],
            "scopes": [], "audiences": ["api"], "owns": [], "account_claims": [],
            "redirect_uris": [], "mfa_policy": "optional", "version": 1, "name": null,
            "first_party": false, "sign_in_scopes": null, "token_ttl": null,
        });
        let expected = "client_id: web\n  status: active\n  authentication: none\n  grants: -\n  \
                        scopes: -\n  audiences: api\n  owns: -\n  account_claims: -\n  \
                        redirect_uris: -\n  mfa_policy: optional\n  version: 1";
        assert_eq!(lines(&client), expected);
    }

    #[test]
    fn every_field_that_is_set_has_a_line() {
        let client = json!({
            "name": "Shop", "secrets": 2, "jwks": {"keys": [{}, {}]}, "required_roles": ["clerk"],
            "sign_in_scopes": [], "first_party": true, "token_ttl": 300, "version": 4,
            "logo_uri": "https://shop.example.com/logo.svg",
        });
        let shown = lines(&client);
        for line in [
            "version: 4",
            "name: Shop",
            "secrets: 2",
            "jwks: keys: 2",
            "required_roles: clerk",
            "sign_in_scopes: -",
            "logo_uri: https://shop.example.com/logo.svg",
            "first_party: yes",
            "token_ttl: 5m",
        ] {
            let is_there = shown.lines().any(|shown| shown.trim() == line);
            assert!(is_there, "{line}: {shown}");
        }
    }

    #[test]
    fn every_field_of_a_client_is_known_here() {
        let known = ALWAYS.iter().chain(&IF_SET).chain([&ID]);
        let known: BTreeSet<_> = known.map(|name| (*name).to_owned()).collect();
        let schema = serde_json::to_value(ClientView::schema()).unwrap();
        let fields = schema["properties"].as_object().unwrap();
        let fields: BTreeSet<_> = fields.keys().cloned().collect();
        assert_eq!(known, fields);
    }
}
