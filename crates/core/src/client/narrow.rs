//! Decides which of the allowed scopes and audiences a token gets.
//!
//! If a request names none, the token gets all. If a request names one that is not allowed, the
//! request is refused, because a token with less than requested would fail later, in another
//! service.

use std::collections::HashSet;

use crate::names::{Audience, Scope};

/// Returns the scopes of a token: those in `asked` (RFC 6749 section 3.3), or all `allowed` ones.
///
/// # Errors
///
/// [`InvalidScope`] if a requested scope is malformed or not allowed.
pub fn narrow_scope(asked: Option<&str>, allowed: &[Scope]) -> Result<Vec<Scope>, InvalidScope> {
    let Some(asked) = asked else {
        return Ok(allowed.to_vec());
    };
    // A client controls the length of the text, so a repeated name must not cause another search.
    let mut seen = HashSet::new();
    let mut granted = Vec::new();
    for name in asked.split(' ').filter(|name| seen.insert(*name)) {
        let mut allowed = allowed.iter();
        let scope = allowed.find(|scope| scope.as_str() == name);
        granted.push(scope.ok_or(InvalidScope)?.clone());
    }
    Ok(granted)
}

/// A requested scope is malformed or not allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a requested scope is malformed or not allowed to this client")]
pub struct InvalidScope;

/// The resources and audiences that a request names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Targets<'a> {
    /// Absolute URIs of services (RFC 8707 section 2).
    pub resources: &'a [&'a str],
    /// Names of services (RFC 8693 section 2.1).
    pub audiences: &'a [&'a str],
}

/// Returns the audiences of a token: those that are requested, or all `allowed` ones.
///
/// # Errors
///
/// [`InvalidTarget`] if a requested audience is not allowed, a resource is not an absolute URI
/// without fragment, or the token would have no audience.
pub fn narrow_audience(
    asked: Targets<'_>,
    allowed: &[Audience],
) -> Result<Vec<Audience>, InvalidTarget> {
    if !asked.resources.iter().all(|resource| is_absolute(resource)) {
        return Err(InvalidTarget);
    }
    let mut granted: Vec<Audience> = Vec::new();
    for name in asked.resources.iter().chain(asked.audiences) {
        let mut allowed = allowed.iter();
        let audience = allowed.find(|audience| audience.as_str() == *name);
        let audience = audience.ok_or(InvalidTarget)?;
        if !granted.contains(audience) {
            granted.push(audience.clone());
        }
    }
    if granted.is_empty() {
        granted = allowed.to_vec();
    }
    if granted.is_empty() {
        return Err(InvalidTarget);
    }
    Ok(granted)
}

/// A requested resource or audience is malformed or not allowed, or there is no audience.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a requested resource or audience is malformed or not allowed to this client")]
pub struct InvalidTarget;

/// Returns whether a text is an absolute URI (RFC 3986 section 4.3): a scheme and a rest without
/// fragment.
fn is_absolute(resource: &str) -> bool {
    let Some((scheme, rest)) = resource.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.is_empty()
        && !rest.contains('#')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(names: &str) -> Vec<Scope> {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    fn audiences(names: &str) -> Vec<Audience> {
        let names = names.split_whitespace();
        names.map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn scopes_are_those_asked_for_or_all() {
        let allowed = scopes("read write");
        assert_eq!(narrow_scope(None, &allowed), Ok(allowed.clone()));
        let asked = Some("write write");
        assert_eq!(narrow_scope(asked, &allowed), Ok(scopes("write")));
        for asked in ["admin", "read admin", "read  write", " read", "READ", "\""] {
            let refused = narrow_scope(Some(asked), &allowed);
            assert_eq!(refused, Err(InvalidScope), "{asked:?}");
        }
    }

    #[test]
    fn audiences_are_those_named_or_all() {
        let allowed = audiences("orders https://b.example");
        let asked = |resources, audiences| {
            let targets = Targets {
                resources,
                audiences,
            };
            narrow_audience(targets, &allowed)
        };
        assert_eq!(asked(&[], &[]), Ok(allowed.clone()));
        assert_eq!(asked(&[], &["orders"]), Ok(audiences("orders")));
        let one = asked(&["https://b.example"], &["https://b.example"]);
        assert_eq!(one, Ok(audiences("https://b.example")));
        for (resources, audiences) in [
            (&["orders"][..], &[][..]),
            (&["https://b.example#part"], &[]),
            (&["//b.example"], &[]),
            (&["https://c.example"], &[]),
            (&[], &["billing"]),
            (&["https://b.example"], &["billing"]),
        ] {
            let refused = asked(resources, audiences);
            assert_eq!(refused, Err(InvalidTarget), "{resources:?} {audiences:?}");
        }
    }

    #[test]
    fn a_token_for_nobody_is_refused() {
        assert_eq!(narrow_audience(Targets::default(), &[]), Err(InvalidTarget));
    }
}
