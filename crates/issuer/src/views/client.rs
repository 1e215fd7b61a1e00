//! A client as responses show it to operators. Its secrets are shown once only.

use serde::Serialize;
use signet_core::account::DisplayName;
use signet_core::client::{
    Authentication, CallbackUri, Client, ClientSecret, ClientStatus, GrantType, KnownBy, LogoUri,
    RedirectUri,
};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};
use signet_flows::clients::IssuedClient;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// The *client* of the administration API and of `signet client --json`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Client)]
pub(crate) struct ClientView {
    #[schema(value_type = shapes::ClientId)]
    pub(crate) client_id: ClientId,
    #[schema(value_type = Option<shapes::DisplayName>, required = true)]
    name: Option<DisplayName>,
    /// `active` or `disabled`
    status: &'static str,
    #[schema(value_type = Vec<shapes::Grant>)]
    grants: Vec<&'static str>,
    /// The scopes that its tokens may have.
    #[schema(value_type = Vec<shapes::Scope>)]
    scopes: Vec<Scope>,
    /// The audiences that its tokens may have.
    #[schema(value_type = Vec<shapes::Audience>)]
    audiences: Vec<Audience>,
    /// Its own audiences: it may introspect and exchange tokens for them.
    #[schema(value_type = Vec<shapes::Audience>)]
    owns: Vec<Audience>,
    /// The custom claims of accounts that its tokens contain.
    #[schema(value_type = Vec<shapes::ClaimName>)]
    account_claims: Vec<ClaimName>,
    /// How it authenticates.
    #[schema(value_type = shapes::AuthenticationMethod)]
    authentication: &'static str,
    /// How many secrets are valid: two during a rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    secrets: Option<u8>,
    /// The public keys that verify its assertions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    jwks: Option<serde_json::Value>,
    /// People need one of these to sign in with it; anyone may if there are none.
    #[schema(value_type = Vec<shapes::Role>)]
    required_roles: Vec<Role>,
    /// The scopes of tokens for which a request names none; null for all of them.
    #[schema(value_type = Option<Vec<shapes::Scope>>, required = true)]
    sign_in_scopes: Option<Vec<Scope>>,
    /// Whether people need a second factor to sign in with it.
    #[schema(value_type = shapes::MfaPolicy)]
    mfa_policy: &'static str,
    /// Where browsers may be sent with a code; without any, the client does not use sign-in by redirect.
    #[schema(value_type = Vec<shapes::RedirectUri>)]
    redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after signing out.
    #[schema(value_type = Vec<shapes::RedirectUri>)]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// What is called when one of its sessions ends.
    #[schema(value_type = Option<shapes::RedirectUri>, required = true)]
    backchannel_logout_uri: Option<CallbackUri>,
    /// The picture that pages show beside its name.
    #[schema(value_type = Option<shapes::RedirectUri>, required = true)]
    logo_uri: Option<LogoUri>,
    /// Whether it belongs to the operator, so that people are not asked for their consent.
    first_party: bool,
    /// True if it is not registered: its id is the URL of a document, and settings say what it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    metadata_document: Option<bool>,
    /// Lifetime of its access tokens, in seconds; null for `access_token_ttl` of the server.
    #[schema(required = true)]
    token_ttl: Option<u64>,
    created_at: Rfc3339,
    /// How often it was changed, from 1.
    version: u64,
}

impl From<&Client> for ClientView {
    fn from(client: &Client) -> Self {
        let permissions = &client.permissions;
        let (secrets, jwks) = match &client.authentication {
            Authentication::Nothing => (None, None),
            Authentication::Secret(secrets) => {
                (Some(1 + u8::from(secrets.previous.is_some())), None)
            }
            Authentication::PrivateKey(keys) => (None, serde_json::from_str(&keys.to_jwks()).ok()),
        };
        let redirects = client.sign_in.by_redirect.clone();
        Self {
            client_id: client.id.clone(),
            name: client.name.clone(),
            status: match client.status {
                ClientStatus::Active => "active",
                ClientStatus::Disabled => "disabled",
            },
            grants: permissions
                .grants
                .iter()
                .copied()
                .map(GrantType::as_str)
                .collect(),
            scopes: permissions.scopes.clone(),
            audiences: permissions.audiences.clone(),
            owns: permissions.owns.clone(),
            account_claims: permissions.account_claims.clone(),
            authentication: client.authentication.method().as_str(),
            secrets,
            jwks,
            required_roles: client.sign_in.required_roles.clone(),
            sign_in_scopes: client.sign_in.scopes.clone(),
            mfa_policy: client.sign_in.mfa.as_str(),
            redirect_uris: redirects.redirect_uris,
            post_logout_redirect_uris: redirects.post_logout_redirect_uris,
            backchannel_logout_uri: redirects.backchannel_logout_uri,
            first_party: redirects.first_party,
            metadata_document: (client.known_by == KnownBy::MetadataDocument).then_some(true),
            logo_uri: redirects.logo_uri,
            token_ttl: client.token_ttl.map(|ttl| ttl.as_secs()),
            created_at: Rfc3339(client.created_at),
            version: client.version,
        }
    }
}

/// A client and its new secret, which only this response shows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuedClient)]
pub(crate) struct Issued {
    #[serde(flatten)]
    pub(crate) client: ClientView,
    #[serde(
        rename = "client_secret",
        serialize_with = "exposed",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, nullable = false)]
    pub(crate) secret: Option<ClientSecret>,
}

impl From<IssuedClient> for Issued {
    fn from(issued: IssuedClient) -> Self {
        Self {
            client: (&issued.client).into(),
            secret: issued.secret,
        }
    }
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn exposed<S: serde::Serializer>(
    secret: &Option<ClientSecret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = secret.as_ref().map(|secret| secret.text().expose());
    text.serialize(serializer)
}
