//! The forms under `/oauth` as the document shows them. Handlers take parameters from a
//! [`super::form::Form`] by their names.

#![expect(
    dead_code,
    reason = "these say which parameters there are; nothing is read into them"
)]

use utoipa::ToSchema;

use crate::openapi::shapes;

/// What `POST /oauth/token` takes.
#[derive(ToSchema)]
pub(crate) struct TokenForm {
    /// How the client asks.
    #[schema(value_type = shapes::Grant, example = "client_credentials")]
    grant_type: String,
    /// The scopes that are asked for, separated by spaces; all that the client may have if none.
    #[schema(nullable = false, example = "orders:read")]
    scope: Option<String>,
    /// The services that the token is for, each as an absolute URI; RFC 8707.
    #[schema(nullable = false)]
    resource: Option<Vec<String>>,
    /// The services that the token is for, by name.
    #[schema(nullable = false)]
    audience: Option<Vec<String>>,
    /// With `refresh_token`: the token to be exchanged for the next one.
    #[schema(nullable = false)]
    refresh_token: Option<String>,
    /// With token exchange: the access token that the client was called with.
    #[schema(nullable = false)]
    subject_token: Option<String>,
    /// With token exchange: `urn:ietf:params:oauth:token-type:access_token`.
    #[schema(nullable = false)]
    subject_token_type: Option<String>,
    /// With token exchange: the same, or nothing.
    #[schema(nullable = false)]
    requested_token_type: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// What `POST /oauth/revoke` takes.
#[derive(ToSchema)]
pub(crate) struct TokenToRevoke {
    /// An access token or a refresh token.
    #[schema(min_length = 1)]
    token: String,
    /// Which of the two; not needed.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// What `POST /oauth/introspect` takes.
#[derive(ToSchema)]
pub(crate) struct TokenToIntrospect {
    /// An access token.
    #[schema(min_length = 1)]
    token: String,
    /// Not needed.
    #[schema(nullable = false)]
    token_type_hint: Option<String>,
    #[serde(flatten)]
    client: ClientProof,
}

/// Who is asking, unless the header says so: `client_secret_post`, `private_key_jwt`, or a public
/// client's id.
#[derive(ToSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "these are their names in the RFCs"
)]
pub(crate) struct ClientProof {
    /// The client.
    #[schema(nullable = false)]
    client_id: Option<String>,
    /// Its secret.
    #[schema(nullable = false)]
    client_secret: Option<String>,
    /// What it has signed; RFC 7523 section 2.2.
    #[schema(nullable = false)]
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`
    #[schema(nullable = false)]
    client_assertion_type: Option<String>,
}
