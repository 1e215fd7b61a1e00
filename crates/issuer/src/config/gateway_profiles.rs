//! The profiles of `/forward-auth`: the tables `[forward_auth.NAME]` of the file.
//!
//! This module must not know how a gateway gets its answer.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::http::HeaderName;
use signet_core::names::{Audience, Role, Scope};

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
    let headers = reader.optional(&key("header_prefix"), IdentityHeaders::from_str);
    let headers = headers?.map_or_else(|| DEFAULT_PREFIX.parse().ok(), Some);
    Some(GatewayProfile {
        audiences: audiences?,
        scopes: scopes?,
        any_of_roles: any_of_roles?,
        reads_deny_list: reads_deny_list?.unwrap_or(true),
        headers: headers?,
    })
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
const PREFIX_RULE: &str =
    "must be a prefix such as X-Auth-, of letters, digits and hyphens, at most 32 characters";
/// Gateways remove headers by prefix. A longer prefix is a mistake.
const MAX_PREFIX_BYTES: usize = 32;
/// A name is part of a URL that operators write into configurations.
const MAX_NAME_BYTES: usize = 64;
