//! The fields of a JSON object, taken one by one, so that one error names every invalid field.
//!
//! Unknown fields are not parsed and may hold anything, as OAuth requires. This module must not
//! know where the text comes from.

#![expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the field"
)]

mod invalid;
mod presence;

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use signet_core::secret::SecretText;

pub(crate) use self::invalid::Invalid;
pub(crate) use self::presence::{Presence, name_change};
use crate::error::{ApiError, ApiResult, Code, FieldError};

/// A request that is made from the fields of a JSON object.
pub(crate) trait FromFields: Sized {
    /// Takes its values from `fields`; `None` if a field is invalid, which `fields` notes.
    ///
    /// Take every field before the first `?`, so that all faults are found:
    ///
    /// ```ignore
    /// let email = fields.required("email", str::parse::<Email>);
    /// let name = fields.optional("name", str::parse::<DisplayName>);
    /// Some(Self { email: email?, name: name? })
    /// ```
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self>;
}

/// The fields of one JSON object, and their faults so far.
pub(crate) struct Fields<'a> {
    entries: Vec<(Cow<'a, str>, &'a RawValue)>,
    errors: Vec<FieldError>,
}

impl<'a> Fields<'a> {
    /// Reads the names of a JSON object; a value is parsed when it is taken.
    ///
    /// # Errors
    ///
    /// `invalid_request` if the text is not one JSON object.
    pub(crate) fn read(text: &'a str) -> ApiResult<Self> {
        let mut json = serde_json::Deserializer::from_str(text);
        let entries = json.deserialize_map(Outline).and_then(|entries| {
            json.end()?;
            Ok(entries)
        });
        match entries {
            Ok(entries) => Ok(Self {
                entries,
                errors: Vec::new(),
            }),
            // The parser's message may quote the body.
            Err(_) => {
                Err(ApiError::from(Code::InvalidRequest).detail("the body must be one JSON object"))
            }
        }
    }

    /// A required field: text that `parse` accepts.
    pub(crate) fn required<T, E: Into<Invalid>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let value = self.optional(name, parse)?;
        value.or_else(|| self.reject(name, Invalid::new("required", "is required")))
    }

    /// A field that may be left out or null: text that `parse` accepts. The outer `None` says
    /// that it is present and invalid.
    pub(crate) fn optional<T, E: Into<Invalid>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let text = match self.text(name) {
            Ok(None) => return Some(None),
            Ok(Some(text)) => text,
            Err(invalid) => return self.reject(name, invalid),
        };
        match parse(text.expose()) {
            Ok(value) => Some(Some(value)),
            Err(invalid) => self.reject(name, invalid.into()),
        }
    }

    /// A field that may be left out or null: a list of texts that `parse` accepts, each once.
    pub(crate) fn list<T, E: Into<Invalid>>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        Some(self.optional_list(name, parse)?.unwrap_or_default())
    }

    /// The same, where an empty list is not the same as none.
    pub(crate) fn optional_list<T, E: Into<Invalid>>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Option<Vec<T>>> {
        let texts = match self.value::<Vec<String>>(name, "must be a list of texts") {
            Ok(None) => return Some(None),
            Ok(Some(texts)) => texts,
            Err(invalid) => return self.reject(name, invalid),
        };
        let mut seen = HashSet::new();
        let mut values = Vec::new();
        for text in texts.iter().filter(|text| seen.insert(text.as_str())) {
            match parse(text) {
                Ok(value) => values.push(value),
                Err(invalid) => return self.reject(name, invalid.into()),
            }
        }
        Some(Some(values))
    }

    /// A field that may be left out or null: a whole number, not negative.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<Option<u64>> {
        match self.value(name, "must be a whole number, not negative") {
            Ok(number) => Some(number),
            Err(invalid) => self.reject(name, invalid),
        }
    }

    /// A field that may be left out or null: true or false.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<Option<bool>> {
        match self.value(name, "must be true or false") {
            Ok(flag) => Some(flag),
            Err(invalid) => self.reject(name, invalid),
        }
    }

    /// A field that may be left out or null: JSON that `parse` accepts.
    pub(crate) fn json<T, E: Into<Invalid>>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<Option<T>> {
        let value = match self.value::<&RawValue>(name, "must be JSON") {
            Ok(None) => return Some(None),
            Ok(Some(value)) => value,
            Err(invalid) => return self.reject(name, invalid),
        };
        match parse(value.get()) {
            Ok(value) => Some(Some(value)),
            Err(invalid) => self.reject(name, invalid.into()),
        }
    }

    /// Notes that a field is invalid, for rules about several fields. Always returns `None`, so
    /// that parsing can end with it.
    pub(crate) fn reject<T>(&mut self, name: &'static str, invalid: Invalid) -> Option<T> {
        self.errors.push(FieldError {
            field: name,
            code: invalid.code,
            message: invalid.message,
        });
        None
    }

    /// Makes a request from the fields.
    ///
    /// # Errors
    ///
    /// `validation_failed` with every invalid field.
    pub(crate) fn parse<T: FromFields>(mut self) -> ApiResult<T> {
        match T::from_fields(&mut self) {
            Some(request) if self.errors.is_empty() => Ok(request),
            _ => Err(ApiError::validation(self.errors)),
        }
    }

    /// The text of a field.
    fn text(&self, name: &str) -> Result<Option<SecretText>, Invalid> {
        match self.value::<SecretText>(name, "must be text")? {
            Some(text) if text.expose().contains('\0') => {
                Err(Invalid::new("invalid_character", "must not hold NUL"))
            }
            text => Ok(text),
        }
    }

    /// The value of a field; `wanted` says what it must be.
    fn value<T: Deserialize<'a>>(
        &self,
        name: &str,
        wanted: &'static str,
    ) -> Result<Option<T>, Invalid> {
        let mut found = self.entries.iter().filter(|(key, _)| key == name);
        let Some((_, value)) = found.next() else {
            return Ok(None);
        };
        if found.next().is_some() {
            return Err(Invalid::new("repeated", "appears more than once"));
        }
        serde_json::from_str(value.get()).map_err(|_| Invalid::new("wrong_type", wanted))
    }
}

/// Shows no field, because fields hold passwords.
impl fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(..)")
    }
}

/// Takes the text of a field as a secret.
#[expect(
    clippy::unnecessary_wraps,
    reason = "`Fields::required` takes parsers that can fail"
)]
pub(crate) fn secret(text: &str) -> Result<SecretText, Invalid> {
    Ok(SecretText::new(text.to_owned()))
}

/// Reads names and the extents of values. `RawValue` skips without recursion, so nesting costs no
/// stack.
struct Outline;

impl<'a> Visitor<'a> for Outline {
    type Value = Vec<(Cow<'a, str>, &'a RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use signet_core::account::{DisplayName, Email};

    use super::*;

    #[derive(Debug)]
    struct Request {
        email: Email,
        password: SecretText,
        name: Option<DisplayName>,
    }

    impl FromFields for Request {
        fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
            let email = fields.required("email", str::parse::<Email>);
            let password = fields.required("password", secret);
            let name = fields.optional("name", str::parse::<DisplayName>);
            Some(Self {
                email: email?,
                password: password?,
                name: name?,
            })
        }
    }

    fn parse(text: &str) -> ApiResult<Request> {
        Fields::read(text)?.parse()
    }

    fn faults(text: &str) -> Vec<(&'static str, &'static str)> {
        let error = parse(text).unwrap_err();
        assert_eq!(error.code(), Code::ValidationFailed, "{text}");
        let fields = error.fields().iter();
        fields.map(|fault| (fault.field, fault.code)).collect()
    }

    #[test]
    fn good_fields_make_a_request() {
        let request =
            parse(r#"{"email":"a@example.com","password":"p\u00e4ss","name":null}"#).unwrap();
        assert_eq!(request.email.as_str(), "a@example.com");
        assert_eq!(request.password.expose(), "päss");
        assert!(request.name.is_none());
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        assert_eq!(
            faults(r#"{"email":"nobody","password":7,"name":""}"#),
            [
                ("email", "invalid"),
                ("password", "wrong_type"),
                ("name", "invalid")
            ]
        );
        assert_eq!(
            faults(r#"{"email":null,"name":"a\u0000b"}"#),
            [
                ("email", "required"),
                ("password", "required"),
                ("name", "invalid_character")
            ]
        );
    }

    #[test]
    fn a_known_field_twice_is_refused_even_when_spelled_with_escapes() {
        let text = r#"{"email":"a@example.com","\u0065mail":"b@example.com","password":"x"}"#;
        assert_eq!(faults(text), [("email", "repeated")]);
    }

    #[test]
    fn unknown_fields_may_hold_anything() {
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        let text = format!(
            r#"{{"x":{deep},"x":"\ud800","y":1e999,"email":"a@example.com","password":"x"}}"#
        );
        assert!(parse(&text).is_ok());
    }

    #[test]
    fn depth_in_a_known_field_is_a_wrong_type() {
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        let text = format!(r#"{{"email":"a@example.com","password":{deep}}}"#);
        assert_eq!(faults(&text), [("password", "wrong_type")]);
    }

    #[test]
    fn what_is_not_one_object_is_an_invalid_request() {
        for text in [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            "{}{}",
            "{} x",
            "{\"a\":}",
            "{\"a\" 1}",
        ] {
            assert_eq!(
                parse(text).unwrap_err().code(),
                Code::InvalidRequest,
                "{text}"
            );
        }
    }
}
