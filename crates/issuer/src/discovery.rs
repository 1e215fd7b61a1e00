//! `/.well-known`: the keys that verify our tokens, and the endpoints of this server.
//!
//! The documents name only what the server supports. This module must not know how keys are stored.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::client::GrantType;
use signet_core::names::ACCOUNT_SCOPE;
use signet_flows::keys::PublishedKeys;
use signet_flows::mail::Language;
use utoipa::ToSchema;

use crate::app::App;
use crate::cached::{BUILT_IN, Caching, cached};

/// Publishes the keys that verify our tokens.
///
/// Every published key, RFC 7517 section 5.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "Discovery",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the copy that the caller has")),
    responses(
        (
            status = 200,
            description = "The keys",
            body = JwkSet,
            headers(
                ("ETag" = String, description = "The version of the key set"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
        (
            status = 304,
            description = "The copy is still current",
            headers(
                ("ETag" = String, description = "The version of the key set"),
                ("Cache-Control" = String, description = "How long caches may keep it")
            )
        ),
    )
)]
pub(crate) async fn jwks(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = app.flows.clock.now();
    let published = app.flows.keys.published(now);
    let max_age = published.max_age(now).as_secs();
    let kept = format!("public, max-age={max_age}, stale-if-error={STALE_IF_ERROR_SECONDS}");
    let caching = Caching {
        etag: header(published.etag()),
        cache_control: header(&kept),
    };
    let body = Bytes::from_owner(KeySetBody(published));
    cached(&headers, caching, JWK_SET, body)
}

/// The published key set as a body that copies nothing.
struct KeySetBody(Arc<PublishedKeys>);

impl AsRef<[u8]> for KeySetBody {
    fn as_ref(&self) -> &[u8] {
        self.0.body().as_bytes()
    }
}

/// Describes this server as OpenID Connect defines it.
///
/// The metadata of OpenID Connect Discovery 1.0 section 3 and RFC 8414 section 2.
#[utoipa::path(
    get,
    path = "/.well-known/openid-configuration",
    tag = "Discovery",
    responses((status = 200, description = "The document", body = ServerMetadata))
)]
pub(crate) async fn openid_configuration(State(app): State<App>) -> impl IntoResponse {
    (BUILT_IN, Json(metadata(&app)))
}

/// Describes this server as OAuth 2.0 defines it.
///
/// The same metadata as at `/.well-known/openid-configuration`.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "Discovery",
    responses((status = 200, description = "The document", body = ServerMetadata))
)]
pub(crate) async fn oauth_authorization_server(State(app): State<App>) -> impl IntoResponse {
    (BUILT_IN, Json(metadata(&app)))
}

fn metadata(app: &App) -> ServerMetadata {
    ServerMetadata {
        userinfo_endpoint: format!("{}/oauth/userinfo", app.settings.public_url),
        claims_supported: CLAIMS,
        prompt_values_supported: PROMPTS,
        ui_locales_supported: Language::ALL.map(Language::tag),
        acr_values_supported: ACRS,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        end_session_endpoint: format!("{}/oauth/logout", app.settings.public_url),
        server: server(app),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
    }
}

fn server(app: &App) -> AuthorizationServer {
    let issuer = app.settings.public_url.to_string();
    let lists = app.settings.status_lists;
    AuthorizationServer {
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        token_endpoint: format!("{issuer}/oauth/token"),
        revocation_endpoint: format!("{issuer}/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/oauth/introspect"),
        authorization_endpoint: format!("{issuer}/oauth/authorize"),
        pushed_authorization_request_endpoint: format!("{issuer}/oauth/par"),
        device_authorization_endpoint: format!("{issuer}/oauth/device_authorization"),
        status_list_aggregation_endpoint: lists.then(|| format!("{issuer}/status")),
        issuer,
        scopes_supported: [
            ACCOUNT_SCOPE,
            "openid",
            "profile",
            "email",
            "offline_access",
        ],
        client_id_metadata_document_supported: app
            .settings
            .client_documents
            .is_some()
            .then_some(true),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        request_parameter_supported: false,
        request_uri_parameter_supported: false,
        grant_types_supported: GrantType::ALL,
        token_endpoint_auth_methods_supported: ALL_METHODS,
        token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        revocation_endpoint_auth_methods_supported: ALL_METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        introspection_endpoint_auth_methods_supported: PROVING_METHODS,
        introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    }
}

/// The metadata of OAuth 2.0. Empty lists are included: if some were left out, that would mean a
/// default.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuthorizationServer {
    issuer: String,
    jwks_uri: String,
    authorization_endpoint: String,
    /// RFC 9126 section 5
    pushed_authorization_request_endpoint: String,
    /// RFC 8628 section 4
    device_authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    /// Where revocation lists are listed; draft-ietf-oauth-status-list section 9
    #[serde(skip_serializing_if = "Option::is_none")]
    status_list_aggregation_endpoint: Option<String>,
    /// draft-ietf-oauth-client-id-metadata-document section 5
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id_metadata_document_supported: Option<bool>,
    scopes_supported: [&'static str; 5],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    /// RFC 9207
    authorization_response_iss_parameter_supported: bool,
    /// Request objects
    request_parameter_supported: bool,
    /// The addresses of request objects; those of pushed requests always work (RFC 9126 section 5)
    request_uri_parameter_supported: bool,
    #[schema(value_type = Vec<String>)]
    grant_types_supported: [GrantType; 5],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 4],
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 4],
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
}

/// The metadata of OAuth 2.0 and that of OpenID Connect.
#[derive(Serialize, ToSchema)]
pub(crate) struct ServerMetadata {
    #[serde(flatten)]
    server: AuthorizationServer,
    userinfo_endpoint: String,
    claims_supported: [&'static str; 14],
    prompt_values_supported: [&'static str; 4],
    ui_locales_supported: [&'static str; 2],
    acr_values_supported: [&'static str; 2],
    /// Back-Channel Logout 1.0 section 2.1
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    end_session_endpoint: String,
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
}

/// A key set, RFC 7517 section 5.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "says what the key ring publishes; nothing is read into it"
)]
pub(crate) struct JwkSet {
    keys: Vec<Jwk>,
}

/// One published key, RFC 7517 section 4.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "says what the key ring publishes; nothing is read into it"
)]
struct Jwk {
    /// `RSA`
    kty: String,
    /// The modulus.
    n: String,
    /// The exponent.
    e: String,
    /// `RS256`
    alg: String,
    /// `sig`
    #[schema(rename = "use")]
    intended_use: String,
    /// The thumbprint of the key, RFC 7638.
    kid: String,
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("no-store"))
}

/// The claims of ID tokens and of the userinfo endpoint.
const CLAIMS: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "nonce",
    "at_hash",
    "sid",
    "name",
    "email",
    "email_verified",
];
/// What a client may want a person to be asked.
const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];
/// The levels of a sign-in.
const ACRS: [&str; 2] = ["urn:signet:acr:single", "urn:signet:acr:mfa"];
/// How clients authenticate.
const PROVING_METHODS: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];
/// The same and `none`, for endpoints where the token is proof enough.
const ALL_METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];
/// The algorithms that assertions may be signed with.
const ASSERTION_ALGORITHMS: [&str; 2] = ["RS256", "ES256"];
/// How long a verifier may use a key set that it cannot renew, in seconds; RFC 5861.
const STALE_IF_ERROR_SECONDS: u64 = 3_600;
/// Not `application/jwk-set+json` (RFC 7517 section 8.5.1): older clients expect this type.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/json");
