//! The identity of a token as headers that a gateway cannot misread.
//!
//! Every header is always present and never empty: if a gateway copies a header that is missing or
//! empty, it may keep the one that the client sent.

use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use signet_core::access_token::CustomClaims;
use signet_verifier::Claims;

use crate::config::IdentityHeaders;

/// The identity of an allowed request, as the headers that a gateway copies.
#[derive(Debug)]
pub(crate) struct Identity(pub(super) HeaderMap);

impl IntoResponse for Identity {
    fn into_response(self) -> Response {
        (StatusCode::OK, NO_STORE, self.0).into_response()
    }
}

/// All headers of an identity; `None` if one of them would be too long.
pub(super) fn headers(claims: &Claims<CustomClaims>, names: &IdentityHeaders) -> Option<HeaderMap> {
    let expires = claims.exp.as_seconds().to_string();
    let values = [
        (&names.issuer, one(&claims.iss)),
        (&names.subject, one(&claims.sub)),
        (&names.client, perhaps(claims.client_id.as_deref())),
        (&names.session, perhaps(claims.sid.as_deref())),
        (&names.scope, list(claims.scopes(), ' ')),
        (&names.roles, list(&claims.roles, ',')),
        (&names.audience, list(&claims.aud, ',')),
        (&names.token_id, perhaps(claims.jti.as_deref())),
        (&names.expires, one(&expires)),
    ];
    let custom = names.custom.iter();
    let custom = custom.map(|(claim, name)| (name, written(claims.extra.get(claim.as_str()))));
    let mut headers = HeaderMap::with_capacity(values.len() + names.custom.len());
    for (name, value) in values.into_iter().chain(custom) {
        let short = (value.len() <= MAX_VALUE_BYTES).then_some(value)?;
        headers.insert(name, HeaderValue::try_from(short).ok()?);
    }
    Some(headers)
}

fn one(text: &str) -> String {
    list([text], ',')
}

/// A custom claim: a text as it is, any other value as JSON.
fn written(claim: Option<&Value>) -> String {
    match claim {
        None => NOTHING.to_owned(),
        Some(Value::String(text)) => one(text),
        Some(value) => one(&value.to_string()),
    }
}

fn perhaps(text: Option<&str>) -> String {
    list(text, ',')
}

/// The members, encoded, with `separator` between them; `-` if there are none.
fn list<T: AsRef<str>>(members: impl IntoIterator<Item = T>, separator: char) -> String {
    let mut value = String::new();
    for member in members {
        if !value.is_empty() {
            value.push(separator);
        }
        encode(member.as_ref(), &mut value);
    }
    match value.as_str() {
        "" => NOTHING.to_owned(),
        NOTHING => NOTHING_ENCODED.to_owned(),
        _ => value,
    }
}

/// RFC 3986 section 2.1, for `%`, both separators, and everything that is not printable ASCII.
fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !b"%,".contains(&byte) {
            into.push(char::from(byte));
            continue;
        }
        into.push('%');
        for digit in [byte >> 4, byte & 0xf] {
            let digit = char::from_digit(digit.into(), 16).unwrap_or_default();
            into.push(digit.to_ascii_uppercase());
        }
    }
}

/// The longest value, in bytes. Nine of them, and the custom claims of an account, which are 1 KiB
/// before they are encoded, fit into the 16 KiB that gateways accept.
const MAX_VALUE_BYTES: usize = 1_024;
const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
const NOTHING: &str = "-";
/// The encoding of a value that is `-` itself.
const NOTHING_ENCODED: &str = "%2D";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_is_a_hyphen_and_a_hyphen_is_not_nothing() {
        assert_eq!(perhaps(None), "-");
        assert_eq!(one(""), "-");
        assert_eq!(list(["-"], ' '), "%2D");
        assert_eq!(list(["-", "a"], ' '), "- a");
    }

    #[test]
    fn a_custom_claim_is_its_text_or_its_json() {
        let written_as = |claim: Value| written(Some(&claim));
        assert_eq!(written_as(json!("Acme, Inc.")), "Acme%2C%20Inc.");
        assert_eq!(written_as(json!(["a", 1])), "[\"a\"%2C1]");
        assert_eq!(written_as(json!(true)), "true");
        assert_eq!(written_as(json!("-")), "%2D");
        assert_eq!(written_as(json!("")), "-");
        assert_eq!(written(None), "-");
    }

    #[test]
    fn separators_and_what_is_not_printable_are_encoded() {
        assert_eq!(list(["a b", "c,d"], ','), "a%20b,c%2Cd");
        assert_eq!(
            one("100%\r\nx-auth-roles: admin"),
            "100%25%0D%0Ax-auth-roles:%20admin"
        );
        assert_eq!(one("é\u{7f}\0"), "%C3%A9%7F%00");
        assert_eq!(
            one("https://auth.example/a;b=\"c\""),
            "https://auth.example/a;b=\"c\""
        );
    }
}
