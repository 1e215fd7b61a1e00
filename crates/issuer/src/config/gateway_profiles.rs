//! The profiles of `/forward-auth`: the tables `[forward_auth.NAME]` of the file.
//!
//! This module must not know how a gateway gets its answer.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::http::HeaderName;
use signet_core::names::{Audience, ClaimName, Role, Scope};

use super::reader::Reader;
use super::table::{PROFILE_KEYS, PROFILES};

/// What a gateway requires of a token, and the headers that pass the identity on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GatewayProfile {
    /// The token must have one of these audiences.
    pub audiences: Audiences,
    /// The token must have all of these scopes.
    pub scopes: Vec<Scope>,
    /// The token must have one of these roles; an empty list requires none.
    pub any_of_roles: Vec<Role>,
    /// Whether each request looks the token up on the deny list.
    pub reads_deny_list: bool,
    /// The names of the headers.
    pub headers: IdentityHeaders,
}

/// At least one audience.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audiences {
    /// The first audience.
    pub first: Audience,
    /// The further audiences.
    pub others: Vec<Audience>,
}

/// The names of the headers that hold an identity.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the fields are named like the claims")]
pub struct IdentityHeaders {
    pub issuer: HeaderName,
    pub subject: HeaderName,
    pub client: HeaderName,
    pub session: HeaderName,
    pub scope: HeaderName,
    pub roles: HeaderName,
    pub audience: HeaderName,
    pub token_id: HeaderName,
    pub expires: HeaderName,
    pub custom: Vec<(ClaimName, HeaderName)>,
}

impl IdentityHeaders {
    /// Adds a header for each custom claim: every character of its name that is not a letter or a
    /// digit becomes a hyphen, because gateways drop headers with other characters.
    fn with_claims(mut self, prefix: &str, claims: Vec<ClaimName>) -> Result<Self, InvalidClaims> {
        if claims.len() > MAX_CLAIMS {
            return Err(InvalidClaims::TooMany);
        }
        for claim in claims {
            let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
            let name: String = claim.as_str().chars().map(plain).collect();
            let header = HeaderName::try_from(format!("{prefix}claim-{name}"));
            let header = header.map_err(|_| InvalidClaims::SameHeader)?;
            if self.custom.iter().any(|(_, other)| *other == header) {
                return Err(InvalidClaims::SameHeader);
            }
            self.custom.push((claim, header));
        }
        Ok(self)
    }
}

/// The reasons why claims cannot be passed on in headers.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum InvalidClaims {
    #[error("must name at most {MAX_CLAIMS} claims")]
    TooMany,
    #[error("must not name two claims that have the same header")]
    SameHeader,
}

/// Parses a prefix such as `X-Auth-`.
impl FromStr for IdentityHeaders {
    type Err = &'static str;

    fn from_str(prefix: &str) -> Result<Self, &'static str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let fits = prefix.len() <= MAX_PREFIX_BYTES
            && prefix
                .get(..2)
                .is_some_and(|start| start.eq_ignore_ascii_case("x-"))
            && prefix
                .get(2..)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('-'))
            && prefix.bytes().all(is_plain);
        let name = |name: &str| {
            let name = fits.then(|| HeaderName::try_from(format!("{prefix}{name}")).ok());
            name.flatten().ok_or(PREFIX_RULE)
        };
        Ok(Self {
            issuer: name("issuer")?,
            subject: name("subject")?,
            client: name("client")?,
            session: name("session")?,
            scope: name("scope")?,
            roles: name("roles")?,
            audience: name("audience")?,
            token_id: name("token-id")?,
            expires: name("expires")?,
            custom: Vec::new(),
        })
    }
}

/// Reads the profiles by name. `default` always exists. A profile without an audience requires one
/// of `audience`.
pub(super) fn read(
    reader: &mut Reader,
    audience: Option<&[Audience]>,
) -> Option<BTreeMap<String, GatewayProfile>> {
    let mut names = reader.tables(PROFILES);
    names.insert(DEFAULT_PROFILE.to_owned());
    let mut profiles = BTreeMap::new();
    for name in names {
        let profile = profile(reader, &name, audience);
        profiles.insert(name, profile);
    }
    profiles
        .into_iter()
        .map(|(name, profile)| Some((name, profile?)))
        .collect()
}

/// The keys of all settings in profiles.
pub(super) fn set_keys(reader: &Reader) -> Vec<String> {
    let names = reader.tables(PROFILES);
    let keys = names
        .iter()
        .flat_map(|name| PROFILE_KEYS.map(|key| format!("{PROFILES}.{name}.{key}")));
    keys.filter(|key| reader.is_set(key)).collect()
}

fn profile(
    reader: &mut Reader,
    name: &str,
    audience: Option<&[Audience]>,
) -> Option<GatewayProfile> {
    if !is_name(name) {
        return reader.refuse(PROFILES, "has a name that is not 1 to 64 of [A-Za-z0-9_-]");
    }
    let key = |key: &str| format!("{PROFILES}.{name}.{key}");
    let audiences = audiences(reader, &key("audiences"), audience);
    let scopes = reader.many(&key("scopes"), str::parse);
    let any_of_roles = reader.many(&key("any_of_roles"), str::parse);
    let reads_deny_list = reader.optional(&key("deny_list"), |text| match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false"),
    });
    let headers = headers(reader, &key("header_prefix"), &key("claims"));
    Some(GatewayProfile {
        audiences: audiences?,
        scopes: scopes?,
        any_of_roles: any_of_roles?,
        reads_deny_list: reads_deny_list?.unwrap_or(true),
        headers: headers?,
    })
}

fn headers(reader: &mut Reader, prefix_key: &str, claims_key: &str) -> Option<IdentityHeaders> {
    let prefix = reader.optional(prefix_key, |text| {
        IdentityHeaders::from_str(text).map(|headers| (text.to_owned(), headers))
    });
    let claims = reader.many(claims_key, str::parse);
    let usual = || Some((DEFAULT_PREFIX.to_owned(), DEFAULT_PREFIX.parse().ok()?));
    let (prefix, headers) = prefix?.or_else(usual)?;
    match headers.with_claims(&prefix, claims?) {
        Ok(headers) => Some(headers),
        Err(invalid) => reader.refuse(claims_key, &invalid.to_string()),
    }
}

fn audiences(reader: &mut Reader, key: &str, usual: Option<&[Audience]>) -> Option<Audiences> {
    let audiences = if reader.is_set(key) {
        reader.many(key, str::parse)?
    } else {
        usual?.to_vec()
    };
    let mut audiences = audiences.into_iter();
    match audiences.next() {
        Some(first) => Some(Audiences {
            first,
            others: audiences.collect(),
        }),
        None => reader.refuse(key, "must name at least one audience"),
    }
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=MAX_NAME_BYTES).contains(&name.len()) && name.bytes().all(is_plain)
}

/// The profile that exists without configuration.
const DEFAULT_PROFILE: &str = "default";
const DEFAULT_PREFIX: &str = "X-Auth-";
/// An account has 1 KiB of claims.
const MAX_CLAIMS: usize = 16;
const PREFIX_RULE: &str =
    "must be a prefix such as X-Auth-, of letters, digits and hyphens, at most 32 characters";
/// Gateways remove headers by prefix. A longer prefix is a mistake.
const MAX_PREFIX_BYTES: usize = 32;
/// A name is part of a URL that operators write into configurations.
const MAX_NAME_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(claims: &[&str]) -> Result<Vec<String>, InvalidClaims> {
        let claims = claims.iter().map(|claim| claim.parse().unwrap());
        let headers = IdentityHeaders::from_str("X-Shop-").unwrap();
        let headers = headers.with_claims("X-Shop-", claims.collect())?;
        let names = headers.custom.iter();
        Ok(names.map(|(_, name)| name.to_string()).collect())
    }

    #[test]
    fn each_claim_has_a_header_of_its_own() {
        assert_eq!(
            headers(&["tenant", "acme/plan_name"]).unwrap(),
            ["x-shop-claim-tenant", "x-shop-claim-acme-plan-name"]
        );
        let same = headers(&["a_b", "a-b"]);
        assert_eq!(same, Err(InvalidClaims::SameHeader));
        let names: Vec<_> = (0..17).map(|number| format!("c{number}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        assert_eq!(headers(&names), Err(InvalidClaims::TooMany));
        assert!(headers(&names[1..]).is_ok());
    }
}
