//! `PATCH /admin/clients/{client_id}`: changes a client, as `signet client update` does.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use signet_core::account::{DisplayName, MfaPolicy};
use signet_core::client::{
    AuthenticationMethod, CallbackUri, ClientKeys, ClientUpdate, FieldChange, GrantType, LogoUri,
    RedirectUri,
};
use signet_core::names::{Audience, ClaimName, ClientId, Role, Scope};
use signet_flows::clients::{self, ClientChange, NewAuthentication};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, Fields, FromFields, Invalid, JsonBody, PathValue, Presence};
use crate::openapi::shapes;
use crate::views::Issued;

/// The fields of a registration, all of them optional.
#[derive(Debug)]
pub(crate) struct ClientUpdateRequest {
    update: ClientUpdate,
    authenticate: Option<NewAuthentication>,
    version: Option<u64>,
}

impl ClientUpdateRequest {
    /// The same as a change of this client.
    pub(crate) fn change(self, id: ClientId) -> ClientChange {
        ClientChange {
            id,
            update: self.update,
            authenticate: self.authenticate,
            version: self.version,
        }
    }
}

/// A change of a client. A field that is left out stays as it is; a list
/// replaces the whole list.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands in for a type that knows nothing of the document"
)]
pub(crate) struct ClientUpdateFields {
    /// The version that the caller has seen. If the client has another one, the response is
    /// `conflict`.
    version: Option<u64>,
    /// Null removes the name.
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: (),
    #[schema(value_type = Option<Vec<shapes::Grant>>)]
    grants: (),
    #[schema(value_type = Option<Vec<shapes::Scope>>)]
    scopes: (),
    #[schema(value_type = Option<Vec<shapes::Audience>>)]
    audiences: (),
    #[schema(value_type = Option<Vec<shapes::Audience>>)]
    owns: (),
    #[schema(value_type = Option<Vec<shapes::ClaimName>>)]
    account_claims: (),
    /// How it authenticates. A client that gets its first secret is shown it once.
    #[schema(value_type = Option<shapes::AuthenticationMethod>)]
    authentication: (),
    /// The public keys that verify its assertions; with or without `authentication`
    /// `private_key_jwt`.
    #[schema(value_type = Option<Object>)]
    jwks: (),
    #[schema(value_type = Option<Vec<shapes::Role>>)]
    required_roles: (),
    /// Null for all of its scopes.
    #[schema(value_type = Option<Vec<shapes::Scope>>)]
    sign_in_scopes: (),
    /// `required`: people need a second factor to sign in with it.
    #[schema(value_type = Option<shapes::MfaPolicy>)]
    mfa_policy: (),
    #[schema(value_type = Option<Vec<shapes::RedirectUri>>)]
    redirect_uris: (),
    #[schema(value_type = Option<Vec<shapes::RedirectUri>>)]
    post_logout_redirect_uris: (),
    /// Null for none.
    #[schema(value_type = Option<shapes::RedirectUri>)]
    backchannel_logout_uri: (),
    first_party: Option<bool>,
    /// The picture that pages show beside its name. Null for none.
    #[schema(value_type = Option<shapes::RedirectUri>)]
    logo_uri: (),
    /// Lifetime of its access tokens, in seconds; null for `access_token_ttl` of the server.
    token_ttl: Option<u64>,
}

impl FromFields for ClientUpdateRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let version = fields.number("version");
        let name = fields.optional("name", str::parse::<DisplayName>);
        let grants = fields.optional_list("grants", str::parse::<GrantType>);
        let scopes = fields.optional_list("scopes", str::parse::<Scope>);
        let audiences = fields.optional_list("audiences", str::parse::<Audience>);
        let owns = fields.optional_list("owns", str::parse::<Audience>);
        let account_claims = fields.optional_list("account_claims", str::parse::<ClaimName>);
        let authenticate = authentication(fields);
        let required_roles = fields.optional_list("required_roles", str::parse::<Role>);
        let sign_in_scopes = fields.optional_list("sign_in_scopes", str::parse::<Scope>);
        let mfa = fields.optional("mfa_policy", str::parse::<MfaPolicy>);
        let redirect_uris = fields.optional_list("redirect_uris", str::parse::<RedirectUri>);
        let after_logout = "post_logout_redirect_uris";
        let after_logout = fields.optional_list(after_logout, str::parse::<RedirectUri>);
        let callback = fields.optional("backchannel_logout_uri", str::parse::<CallbackUri>);
        let first_party = fields.flag("first_party");
        let logo_uri = fields.optional("logo_uri", str::parse::<LogoUri>);
        let token_ttl = fields.number("token_ttl");
        let update = ClientUpdate {
            name: change(fields, "name", name?),
            grants: grants?,
            scopes: scopes?,
            audiences: audiences?,
            owns: owns?,
            account_claims: account_claims?,
            authentication: None,
            required_roles: required_roles?,
            sign_in_scopes: change(fields, "sign_in_scopes", sign_in_scopes?),
            mfa: mfa?,
            redirect_uris: redirect_uris?,
            post_logout_redirect_uris: after_logout?,
            backchannel_logout_uri: change(fields, "backchannel_logout_uri", callback?),
            first_party: first_party?,
            logo_uri: change(fields, "logo_uri", logo_uri?),
            token_ttl: change(fields, "token_ttl", token_ttl?.map(Duration::from_secs)),
        };
        Some(Self {
            update,
            authenticate: authenticate?,
            version: version?,
        })
    }
}

/// Takes `authentication` and `jwks`.
#[expect(
    clippy::option_option,
    reason = "as for every optional field: wrong, left out, or there"
)]
fn authentication(fields: &mut Fields<'_>) -> Option<Option<NewAuthentication>> {
    let method = fields.optional("authentication", str::parse::<AuthenticationMethod>);
    let jwks = fields.json("jwks", ClientKeys::from_jwks);
    match (method?, jwks?) {
        (None, None) => Some(None),
        (None | Some(AuthenticationMethod::PrivateKeyJwt), Some(keys)) => {
            Some(Some(NewAuthentication::PrivateKey(keys)))
        }
        (Some(AuthenticationMethod::None), None) => Some(Some(NewAuthentication::Nothing)),
        (Some(AuthenticationMethod::ClientSecret), None) => Some(Some(NewAuthentication::Secret)),
        _ => {
            let message = "is required with private_key_jwt and refused with other methods";
            fields.reject("jwks", Invalid::new("invalid", message))
        }
    }
}

/// A value to set, or null to remove it.
fn change<T>(fields: &Fields<'_>, name: &str, value: Option<T>) -> FieldChange<T> {
    match (value, fields.presence(name)) {
        (Some(value), _) => FieldChange::Set(value),
        (None, Presence::Null) => FieldChange::Remove,
        (None, _) => FieldChange::Keep,
    }
}

/// Changes a client.
///
/// If the client may have less afterwards, or authenticates in another way, its access tokens are
/// denied. Its sessions go on with what it may still have.
#[utoipa::path(
    patch,
    path = "/admin/clients/{client_id}",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    request_body = ClientUpdateFields,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The client, and its secret if it got its first one", body = Issued),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn update_client(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<ClientId>,
    JsonBody(request): JsonBody<ClientUpdateRequest>,
) -> ApiResult<Json<Issued>> {
    let (clock, ttl) = (app.flows.clock.as_ref(), app.settings.access_token_ttl);
    let (stores, caller) = (&app.flows.stores, admin.caller());
    let issued = clients::update(stores, request.change(id), ttl, clock, caller).await?;
    Ok(Json(issued.into()))
}
