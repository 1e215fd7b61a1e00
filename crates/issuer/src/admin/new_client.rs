//! The request that registers a client.

use std::time::Duration;

use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::{
    AuthenticationMethod, CallbackUri, ClientKeys, GrantType, LogoUri, Permissions, RedirectRules,
    RedirectUri, SignInRules,
};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};
use signet_flows::clients::{NewAuthentication, NewClient};
use utoipa::ToSchema;

use crate::extract::{Fields, FromFields, Invalid};
use crate::openapi::shapes;

/// The same fields as the arguments of `signet client add`.
#[derive(Debug, ToSchema)]
pub(crate) struct NewClientRequest {
    #[schema(value_type = shapes::ClientId)]
    client_id: ClientId,
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: Option<DisplayName>,
    /// The grants that it may use.
    #[schema(value_type = Option<Vec<shapes::Grant>>)]
    grants: Vec<GrantType>,
    /// The scopes that its tokens may have.
    #[schema(value_type = Option<Vec<shapes::Scope>>)]
    scopes: Vec<Scope>,
    /// The audiences that its tokens may have.
    #[schema(value_type = Option<Vec<shapes::Audience>>)]
    audiences: Vec<Audience>,
    /// Its own audiences: it may introspect and exchange tokens for them.
    #[schema(value_type = Option<Vec<shapes::Audience>>)]
    owns: Vec<Audience>,
    /// The custom claims of accounts that its tokens contain.
    #[schema(value_type = Option<Vec<shapes::ClaimName>>)]
    account_claims: Vec<ClaimName>,
    /// How it authenticates; default `client_secret`.
    #[schema(value_type = Option<shapes::AuthenticationMethod>)]
    authentication: AuthenticationMethod,
    /// With `private_key_jwt`: the public keys that verify its assertions, RFC 7517.
    #[schema(value_type = Option<Object>)]
    jwks: Option<ClientKeys>,
    /// Without authentication or with redirect URIs: people need one of these roles to sign in with it.
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    required_roles: Vec<Role>,
    /// Without authentication: the scopes of tokens if a request names none; default all of its
    /// scopes.
    #[schema(value_type = Option<Vec<shapes::Scope>>)]
    sign_in_scopes: Option<Vec<Scope>>,
    /// `required`: people need a second factor to sign in with it. Default `optional`.
    #[schema(value_type = Option<shapes::MfaPolicy>)]
    mfa_policy: MfaPolicy,
    #[serde(flatten)]
    redirects: RedirectFields,
    /// Lifetime of its access tokens, in seconds; default `access_token_ttl` of the server.
    token_ttl: Option<u64>,
}

/// How browsers are sent to the client and back.
#[derive(Debug, ToSchema)]
struct RedirectFields {
    /// Where browsers may be sent with a code.
    #[schema(value_type = Option<Vec<shapes::RedirectUri>>)]
    redirect_uris: Vec<RedirectUri>,
    /// Where browsers may be sent after signing out.
    #[schema(value_type = Option<Vec<shapes::RedirectUri>>)]
    post_logout_redirect_uris: Vec<RedirectUri>,
    /// What is called when one of its sessions ends.
    #[schema(value_type = Option<shapes::RedirectUri>)]
    backchannel_logout_uri: Option<CallbackUri>,
    /// The picture that pages show beside its name.
    #[schema(value_type = Option<shapes::RedirectUri>)]
    logo_uri: Option<LogoUri>,
    /// Whether it belongs to the operator, so that people are not asked for their consent. Default
    /// false.
    #[schema(value_type = Option<bool>)]
    first_party: bool,
}

impl FromFields for RedirectFields {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let redirect_uris = fields.list("redirect_uris", str::parse::<RedirectUri>);
        let after_logout = fields.list("post_logout_redirect_uris", str::parse::<RedirectUri>);
        let backchannel = fields.optional("backchannel_logout_uri", str::parse::<CallbackUri>);
        let first_party = fields.flag("first_party");
        let logo_uri = fields.optional("logo_uri", str::parse::<LogoUri>);
        Some(Self {
            redirect_uris: redirect_uris?,
            post_logout_redirect_uris: after_logout?,
            backchannel_logout_uri: backchannel?,
            first_party: first_party?.unwrap_or(false),
            logo_uri: logo_uri?,
        })
    }
}

impl FromFields for NewClientRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let client_id = fields.required("client_id", str::parse::<ClientId>);
        let name = fields.optional("name", str::parse::<DisplayName>);
        let grants = fields.list("grants", str::parse::<GrantType>);
        let scopes = fields.list("scopes", str::parse::<Scope>);
        let audiences = fields.list("audiences", str::parse::<Audience>);
        let owns = fields.list("owns", str::parse::<Audience>);
        let account_claims = fields.list("account_claims", str::parse::<ClaimName>);
        let authentication = fields.optional("authentication", str::parse::<AuthenticationMethod>);
        let jwks = fields.json("jwks", ClientKeys::from_jwks);
        let required_roles = fields.list("required_roles", str::parse::<Role>);
        let sign_in_scopes = fields.optional_list("sign_in_scopes", str::parse::<Scope>);
        let mfa = fields.optional("mfa_policy", str::parse::<MfaPolicy>);
        let redirects = RedirectFields::from_fields(fields);
        let token_ttl = fields.number("token_ttl");
        let authentication = authentication?.unwrap_or(AuthenticationMethod::ClientSecret);
        let jwks = jwks?;
        if jwks.is_some() != (authentication == AuthenticationMethod::PrivateKeyJwt) {
            let message = "is required with private_key_jwt and refused otherwise";
            return fields.reject("jwks", Invalid::new("invalid", message));
        }
        Some(Self {
            client_id: client_id?,
            name: name?,
            grants: grants?,
            scopes: scopes?,
            audiences: audiences?,
            owns: owns?,
            account_claims: account_claims?,
            authentication,
            jwks,
            required_roles: required_roles?,
            sign_in_scopes: sign_in_scopes?,
            mfa_policy: mfa?.unwrap_or_default(),
            redirects: redirects?,
            token_ttl: token_ttl?,
        })
    }
}

impl From<NewClientRequest> for NewClient {
    fn from(request: NewClientRequest) -> Self {
        let authenticate = match (request.authentication, request.jwks) {
            (_, Some(keys)) => NewAuthentication::PrivateKey(keys),
            (AuthenticationMethod::None, None) => NewAuthentication::Nothing,
            (_, None) => NewAuthentication::Secret,
        };
        Self {
            id: request.client_id,
            name: request.name,
            permissions: Permissions {
                grants: request.grants,
                scopes: request.scopes,
                audiences: request.audiences,
                owns: request.owns,
                account_claims: request.account_claims,
            },
            authenticate,
            sign_in: SignInRules {
                required_roles: request.required_roles,
                scopes: request.sign_in_scopes,
                mfa: request.mfa_policy,
                by_redirect: RedirectRules {
                    redirect_uris: request.redirects.redirect_uris,
                    post_logout_redirect_uris: request.redirects.post_logout_redirect_uris,
                    backchannel_logout_uri: request.redirects.backchannel_logout_uri,
                    first_party: request.redirects.first_party,
                    logo_uri: request.redirects.logo_uri,
                },
            },
            token_ttl: request.token_ttl.map(Duration::from_secs),
        }
    }
}
