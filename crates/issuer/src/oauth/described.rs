//! The forms under `/oauth` as the document shows them. Handlers take parameters from a
//! [`crate::extract::Form`] by their names.

#![expect(
    dead_code,
    reason = "these say which parameters there are; nothing is read into them"
)]

use utoipa::ToSchema;

use crate::openapi::shapes;

/// The parameters of `POST /oauth/token`.
#[derive(ToSchema)]
pub(crate) struct TokenForm {
    /// The grant type.
    #[schema(value_type = shapes::Grant, example = "client_credentials")]
    grant_type: String,
    /// The requested scopes, separated by spaces; default all that the client may have. With a code,
    /// a device code or a refresh token, some of those that the person allowed.
    #[schema(nullable = false, example = "orders:read")]
    scope: Option<String>,
    /// The services that the access token is for, each as an absolute URI; RFC 8707. The refresh
    /// token stays good for all services of the session.
    #[schema(nullable = false)]
    resource: Option<Vec<String>>,
    /// The services that the access token is for, by name.
    #[schema(nullable = false)]
    audience: Option<Vec<String>>,
    /// With `authorization_code`: the code.
    #[schema(nullable = false)]
    code: Option<String>,
    /// With `authorization_code`: the redirect URI of the request.
    #[schema(nullable = false)]
    redirect_uri: Option<String>,
    /// With `authorization_code`: the secret of the code challenge, RFC 7636 section 4.1.
    #[schema(nullable = false)]
    code_verifier: Option<String>,
    /// With `urn:ietf:params:oauth:grant-type:device_code`: the secret code of the device.
    #[schema(nullable = false)]
    device_code: Option<String>,
    /// With `refresh_token`: the refresh token of the session.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// With token exchange: the access token that the client was called with.
    #[schema(nullable = false)]
    subject_token: Option<String>,
    /// With token exchange: `urn:ietf:params:oauth:token-type:access_token`.
    #[schema(nullable = false)]
    subject_token_type: Option<String>,
    /// With token exchange: the same type; it is the default.
    #[schema(nullable = false)]
    requested_token_type: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// The parameters of `POST /oauth/par`: those of `/oauth/authorize`.
#[derive(ToSchema)]
pub(crate) struct ParForm {
    /// `code`
    response_type: String,
    /// One of the client's redirect URIs.
    redirect_uri: String,
    /// RFC 7636 section 4.2
    code_challenge: String,
    /// `S256`
    code_challenge_method: String,
    /// The requested scopes, separated by spaces.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// Returned with the answer.
    #[schema(nullable = false)]
    state: Option<String>,
    /// The services that the tokens are for, each as an absolute URI; RFC 8707.
    #[schema(nullable = false)]
    resource: Option<Vec<String>>,
    /// The services that the tokens are for, by name.
    #[schema(nullable = false)]
    audience: Option<Vec<String>>,
    #[serde(flatten)]
    client: ClientProof,
}

/// The parameters of `POST /oauth/device_authorization`.
#[derive(ToSchema)]
pub(crate) struct DeviceAuthorizationForm {
    /// The requested scopes, separated by spaces; default all that the client may have.
    #[schema(nullable = false)]
    scope: Option<String>,
    /// The services that the tokens are for, each as an absolute URI; RFC 8707.
    #[schema(nullable = false)]
    resource: Option<Vec<String>>,
    /// The services that the tokens are for, by name.
    #[schema(nullable = false)]
    audience: Option<Vec<String>>,
    #[serde(flatten)]
    client: ClientProof,
}

/// The parameters of `POST /oauth/revoke`.
#[derive(ToSchema)]
pub(crate) struct TokenToRevoke {
    /// An access token or a refresh token.
    #[schema(min_length = 1)]
    token: String,
    /// Ignored; the server recognises the kind of token.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// The parameters of `POST /oauth/introspect`.
#[derive(ToSchema)]
pub(crate) struct TokenToIntrospect {
    /// An access token.
    #[schema(min_length = 1)]
    token: String,
    /// Ignored; only access tokens can be introspected.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// The proof of the client, if it is not in the header: `client_secret_post`, `private_key_jwt`, or
/// the id of a public client.
#[derive(ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "these are their names in the RFCs"
)]
pub(crate) struct ClientProof {
    /// The client id.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// The client secret.
    #[schema(nullable = false)]
    client_secret: Option<String>,
    /// The JWT that the client has signed, RFC 7523 section 2.2.
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
}
