//! The record of a client: one JSON text that every backend stores as it is.
//!
//! Id and version are columns and not in it. Secrets are in it as SHA-256 digests only. This
//! module must not know where the text goes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::{
    Authentication, CallbackUri, Client, ClientKeys, ClientSecrets, ClientStatus, KnownBy, LogoUri,
    Permissions, RedirectRules, RedirectUri, SecretDigest, SignInRules,
};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;

/// Writes the record of a client.
pub(crate) fn write(client: &Client) -> Result<String, ImpossibleRow> {
    serde_json::to_string(&Record::of(client))
        .map_err(|_| ImpossibleRow("a client that cannot be written"))
}

/// The columns of a client, as every database stores them.
#[derive(Clone, Copy)]
pub(crate) struct ClientColumns<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: i64,
    pub(crate) record: &'a str,
}

/// Reads the row of a client.
pub(crate) fn read(row: ClientColumns<'_>) -> Result<Client, ImpossibleRow> {
    let id = row.id.parse::<ClientId>();
    let id = id.map_err(|_| ImpossibleRow("a client id that breaks its rule"))?;
    let version = u64::try_from(row.version);
    let version = version.map_err(|_| ImpossibleRow("a client version below zero"))?;
    let record = serde_json::from_str(row.record);
    let record: Record = record.map_err(|_| ImpossibleRow("a client that cannot be read"))?;
    record.into_client(id, version)
}

/// Format 1. Members may be added, with a default; none may change its meaning.
#[derive(Serialize, Deserialize)]
struct Record {
    name: Option<String>,
    grants: Vec<String>,
    scopes: Vec<Scope>,
    audiences: Vec<Audience>,
    owns: Vec<Audience>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    account_claims: Vec<ClaimName>,
    authentication: StoredAuthentication,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    required_roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_in_scopes: Option<Vec<Scope>>,
    #[serde(default)]
    mfa_required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    redirect_uris: Vec<RedirectUri>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    post_logout_redirect_uris: Vec<RedirectUri>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backchannel_logout_uri: Option<CallbackUri>,
    #[serde(default)]
    first_party: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logo_uri: Option<LogoUri>,
    token_ttl_seconds: Option<u64>,
    disabled: bool,
    created_at: Timestamp,
    #[serde(default)]
    issue_from: Timestamp,
    #[serde(default)]
    known_by: StoredKnownBy,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredKnownBy {
    #[default]
    Registration,
    MetadataDocument,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case")]
enum StoredAuthentication {
    None,
    ClientSecret {
        current: String,
        previous: Option<String>,
    },
    PrivateKeyJwt {
        jwks: String,
    },
}

impl Record {
    fn of(client: &Client) -> Self {
        let permissions = &client.permissions;
        let redirects = &client.sign_in.by_redirect;
        Self {
            name: client.name.as_ref().map(|name| name.as_str().to_owned()),
            grants: permissions.grants.iter().map(ToString::to_string).collect(),
            scopes: permissions.scopes.clone(),
            audiences: permissions.audiences.clone(),
            owns: permissions.owns.clone(),
            account_claims: permissions.account_claims.clone(),
            authentication: StoredAuthentication::of(&client.authentication),
            required_roles: client.sign_in.required_roles.clone(),
            sign_in_scopes: client.sign_in.scopes.clone(),
            mfa_required: client.sign_in.mfa == MfaPolicy::Required,
            redirect_uris: redirects.redirect_uris.clone(),
            post_logout_redirect_uris: redirects.post_logout_redirect_uris.clone(),
            backchannel_logout_uri: redirects.backchannel_logout_uri.clone(),
            first_party: redirects.first_party,
            logo_uri: redirects.logo_uri.clone(),
            token_ttl_seconds: client.token_ttl.map(|ttl| ttl.as_secs()),
            disabled: client.status == ClientStatus::Disabled,
            created_at: client.created_at,
            issue_from: client.issue_from,
            known_by: match client.known_by {
                KnownBy::Registration => StoredKnownBy::Registration,
                KnownBy::MetadataDocument => StoredKnownBy::MetadataDocument,
            },
        }
    }

    fn into_client(self, id: ClientId, version: u64) -> Result<Client, ImpossibleRow> {
        let name = self
            .name
            .as_deref()
            .map(DisplayName::from_stored)
            .transpose();
        let grants = self.grants.iter().map(|grant| grant.parse()).collect();
        Ok(Client {
            id,
            version,
            name: name.map_err(|_| ImpossibleRow("a client name that breaks its rule"))?,
            permissions: Permissions {
                grants: Result::<_, _>::map_err(grants, |_| {
                    ImpossibleRow("a grant that is not known")
                })?,
                scopes: self.scopes,
                audiences: self.audiences,
                owns: self.owns,
                account_claims: self.account_claims,
            },
            authentication: self.authentication.into_authentication()?,
            sign_in: SignInRules {
                required_roles: self.required_roles,
                scopes: self.sign_in_scopes,
                mfa: if self.mfa_required {
                    MfaPolicy::Required
                } else {
                    MfaPolicy::Optional
                },
                by_redirect: RedirectRules {
                    redirect_uris: self.redirect_uris,
                    post_logout_redirect_uris: self.post_logout_redirect_uris,
                    backchannel_logout_uri: self.backchannel_logout_uri,
                    first_party: self.first_party,
                    logo_uri: self.logo_uri,
                },
            },
            token_ttl: self.token_ttl_seconds.map(Duration::from_secs),
            status: if self.disabled {
                ClientStatus::Disabled
            } else {
                ClientStatus::Active
            },
            created_at: self.created_at,
            issue_from: self.issue_from,
            known_by: match self.known_by {
                StoredKnownBy::Registration => KnownBy::Registration,
                StoredKnownBy::MetadataDocument => KnownBy::MetadataDocument,
            },
        })
    }
}

impl StoredAuthentication {
    fn of(authentication: &Authentication) -> Self {
        match authentication {
            Authentication::Nothing => Self::None,
            Authentication::Secret(secrets) => Self::ClientSecret {
                current: secrets.current.to_string(),
                previous: secrets.previous.map(|digest| digest.to_string()),
            },
            Authentication::PrivateKey(keys) => Self::PrivateKeyJwt {
                jwks: keys.to_jwks(),
            },
        }
    }

    fn into_authentication(self) -> Result<Authentication, ImpossibleRow> {
        let digest = |text: &str| {
            SecretDigest::read(text).map_err(|_| ImpossibleRow("an invalid secret digest"))
        };
        Ok(match self {
            Self::None => Authentication::Nothing,
            Self::ClientSecret { current, previous } => Authentication::Secret(ClientSecrets {
                current: digest(&current)?,
                previous: previous.as_deref().map(digest).transpose()?,
            }),
            Self::PrivateKeyJwt { jwks } => Authentication::PrivateKey(
                ClientKeys::from_jwks(&jwks)
                    .map_err(|_| ImpossibleRow("client keys that are none"))?,
            ),
        })
    }
}
