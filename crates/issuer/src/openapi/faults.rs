//! The errors of an operation: those that its handler declares, and those of every such operation.
//!
//! A handler declares an error response only by the names of its codes, such as
//! `(status = 409, description = "email_taken")`. This module adds the rest: media type, schema, an
//! example for each code, and the headers of the status.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, Ref, RefOr, Response, SecurityRequirement};

use crate::error::Code;
use crate::error::OAuthFault;

/// The form of the errors of a group of routes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ErrorStyle {
    /// RFC 9457 problem documents.
    Problem,
    /// The JSON of RFC 6749 section 5.2.
    OAuth,
    /// Another form; the handlers declare everything.
    Own,
}

/// One error that an operation can answer.
struct Fault {
    /// Its name in descriptions and examples.
    name: &'static str,
    status: u16,
    meaning: &'static str,
    example: Value,
}

impl ErrorStyle {
    /// Media type and schema of an error.
    fn body(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Problem => Some(("application/problem+json", "Problem")),
            Self::OAuth => Some(("application/json", "OAuthError")),
            Self::Own => None,
        }
    }

    /// The error with this name.
    fn fault(self, name: &str) -> Option<Fault> {
        match self {
            Self::Problem => problem(name),
            Self::OAuth => OAuthFault::named(name).map(|fault| Fault {
                name: fault.declared,
                status: fault.status,
                meaning: fault.meaning,
                example: fault.example(),
            }),
            Self::Own => None,
        }
    }
}

fn problem(name: &str) -> Option<Fault> {
    let code = Code::ALL.into_iter().find(|code| code.name() == name)?;
    Some(Fault {
        name: code.name(),
        status: code.status().as_u16(),
        meaning: code.detail(),
        example: code.example(),
    })
}

/// Completes the declared errors of an operation and adds those of every such operation.
pub(super) fn complete(operation: &mut Operation, style: ErrorStyle) {
    debug_assert_eq!(unknown(operation, style), [], "unknown errors");
    let names = declared(operation).into_iter().map(|(_, name)| name);
    let names = names.chain(implied(operation).into_iter().map(str::to_owned));
    let mut faults: BTreeMap<u16, BTreeMap<&'static str, Fault>> = BTreeMap::new();
    for fault in names.filter_map(|name| style.fault(&name)) {
        let of_status = faults.entry(fault.status).or_default();
        of_status.insert(fault.name, fault);
    }
    for (status, faults) in faults {
        let responses = &mut operation.responses.responses;
        let response = responses.entry(status.to_string());
        let response = response.or_insert_with(|| Response::default().into());
        if let RefOr::T(response) = response {
            write(response, status, faults.into_values().collect(), style);
        }
    }
}

/// Declared names that are no error of their status, as after a typing mistake.
fn unknown(operation: &Operation, style: ErrorStyle) -> Vec<(String, String)> {
    let is_known = |status: &str, name: &str| {
        let fault = style.fault(name);
        fault.is_some_and(|fault| fault.status.to_string() == status)
    };
    let mut declared = declared(operation);
    declared.retain(|(status, name)| !is_known(status, name));
    declared
}

/// The statuses of error responses, each with a name in its description.
fn declared(operation: &Operation) -> Vec<(String, String)> {
    let responses = operation.responses.responses.iter();
    let errors = responses.filter(|(status, _)| status.starts_with(['4', '5']));
    errors
        .filter_map(|(status, response)| match response {
            RefOr::T(response) if response.content.is_empty() => {
                Some((status, &response.description))
            }
            _ => None,
        })
        .flat_map(|(status, description)| {
            let names = description.split(", ");
            names.map(|name| (status.clone(), name.to_owned()))
        })
        .collect()
}

/// The errors of an operation that follow from its body, its credential and the request deadline.
fn implied(operation: &Operation) -> Vec<&'static str> {
    let mut names = vec!["unavailable", "internal_error"];
    if let Some(RefOr::T(body)) = &operation.request_body {
        names.extend(BODY);
        if body.content.contains_key("application/json") {
            names.push("validation_failed");
        }
    }
    if demands_bearer(operation) {
        names.extend(BEARER);
    }
    names
}

/// Whether an access token is the only credential.
fn demands_bearer(operation: &Operation) -> bool {
    let ways = operation.security.as_deref().unwrap_or_default();
    let is_bearer = |way: &SecurityRequirement| {
        let way = serde_json::to_value(way).unwrap_or_default();
        way.get("bearer").is_some()
    };
    !ways.is_empty() && ways.iter().all(is_bearer)
}

/// Adds the description, the body and the headers of its errors to a response. Existing parts stay.
fn write(response: &mut Response, status: u16, faults: Vec<Fault>, style: ErrorStyle) {
    if response.content.is_empty() {
        let meanings = faults.iter();
        let meanings = meanings.map(|fault| format!("`{}`: {}", fault.name, fault.meaning));
        response.description = meanings.collect::<Vec<_>>().join("\n");
    }
    if let Some((media_type, schema)) = style.body() {
        let content = examples(faults, schema).into();
        response.content.insert(media_type.to_owned(), content);
    }
    for (name, text) in headers(status) {
        let header = HeaderBuilder::new().description(Some(*text)).build();
        response.headers.insert((*name).to_owned(), header.into());
    }
}

fn examples(faults: Vec<Fault>, schema: &str) -> Content {
    let examples = faults.into_iter().map(|fault| {
        let example = ExampleBuilder::new().value(Some(fault.example)).build();
        (fault.name, example)
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(examples)
        .build()
}

fn headers(status: u16) -> &'static [(&'static str, &'static str)] {
    const RETRY: (&str, &str) = ("Retry-After", "When to try again, in seconds");
    match status {
        401 => &[(
            "WWW-Authenticate",
            "The required credential, RFC 9110 section 11.6.1",
        )],
        429 | 503 => &[RETRY],
        _ => &[],
    }
}

/// The errors of operations that read a body.
const BODY: [&str; 4] = [
    "invalid_request",
    "request_timeout",
    "body_too_large",
    "unsupported_media_type",
];
/// The errors of operations that need an access token.
const BEARER: [&str; 6] = [
    "invalid_request",
    "token_missing",
    "token_expired",
    "token_invalid",
    "session_ended",
    "forbidden",
];

#[cfg(test)]
mod tests {
    use utoipa::openapi::ResponseBuilder;

    use super::*;

    fn operation(status: u16, description: &str) -> Operation {
        let mut operation = Operation::default();
        let response = ResponseBuilder::new().description(description).build();
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_string(), response.into());
        operation
    }

    #[test]
    fn a_declared_error_has_the_name_and_the_status_of_one() {
        for (status, description, slips) in [
            (404, "not_found", &[][..]),
            (401, "token_missing, session_ended", &[]),
            (401, "token_missing, sesion_ended", &["sesion_ended"]),
            (409, "not_found", &["not_found"]),
            (200, "Ended", &[]),
        ] {
            let operation = operation(status, description);
            let found = unknown(&operation, ErrorStyle::Problem);
            let names: Vec<_> = found.iter().map(|(_, name)| name).collect();
            assert_eq!(names, slips, "{status} {description}");
        }
    }

    #[test]
    fn errors_of_oauth_are_known_by_their_own_names() {
        let declared = operation(400, "invalid_grant, invalid_grand");
        assert_eq!(
            unknown(&declared, ErrorStyle::OAuth),
            [("400".to_owned(), "invalid_grand".to_owned())]
        );
    }

    #[test]
    #[should_panic(expected = "not_fond")]
    fn no_route_is_described_with_an_error_that_there_is_not() {
        complete(&mut operation(404, "not_fond"), ErrorStyle::Problem);
    }
}
