//! Which scopes and audiences a token gets of those that are allowed.
//!
//! Asking for nothing is asking for all that is allowed; asking for more than that is refused
//! whole, because a token with less than was asked for would fail later and elsewhere.

use std::collections::HashSet;

use crate::names::{Audience, Scope};

/// The scopes that a token gets: those in `asked` (RFC 6749 section 3.3), or all of `allowed`.
///
/// # Errors
///
/// [`InvalidScope`] when one of them is malformed or not allowed.
pub fn narrow_scope(asked: Option<&str>, allowed: &[Scope]) -> Result<Vec<Scope>, InvalidScope> {
    let Some(asked) = asked else {
        return Ok(allowed.to_vec());
    };
    // The text is as long as a client likes: a repeated name must not be searched for again.
    let mut seen = HashSet::new();
    let mut granted = Vec::new();
    for name in asked.split(' ').filter(|name| seen.insert(*name)) {
        let mut allowed = allowed.iter();
        let scope = allowed.find(|scope| scope.as_str() == name);
        granted.push(scope.ok_or(InvalidScope)?.clone());
    }
    Ok(granted)
}

/// A scope was asked for that is malformed or not allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a requested scope is malformed or not allowed to this client")]
pub struct InvalidScope;

/// The services that a request names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Targets<'a> {
    /// By location: absolute URIs (RFC 8707 section 2).
    pub resources: &'a [&'a str],
    /// By name (RFC 8693 section 2.1).
    pub audiences: &'a [&'a str],
}

/// The audiences that a token gets: those that are named, or all of `allowed`.
///
/// # Errors
///
/// [`InvalidTarget`] when one of them is not allowed, a resource is not an absolute URI without
/// fragment, or none is left, as a token for nobody would be worth nothing.
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

/// A service was named that is malformed or not allowed, or there is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a requested resource or audience is malformed or not allowed to this client")]
pub struct InvalidTarget;

/// RFC 3986 section 4.3: a scheme, and something behind it that has no fragment.
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
