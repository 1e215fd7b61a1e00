//! `/.well-known`: the keys that verify our tokens, and what this server offers.
//!
//! Only what really works is announced. This module must not know how keys are kept.

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::client::GrantType;
use signet_core::names::ACCOUNT_SCOPE;

use crate::app::App;

/// `GET /.well-known/jwks.json`: every key that may verify (RFC 7517 section 5), from memory.
pub(crate) async fn jwks(State(app): State<App>, headers: HeaderMap) -> Response {
    let now = app.clock.now();
    let published = app.keys.published(now);
    let max_age = published.max_age(now).as_secs();
    let kept = format!("public, max-age={max_age}, stale-if-error={STALE_IF_ERROR_SECONDS}");
    let caching = [
        (ETAG, published.etag.clone()),
        (CACHE_CONTROL, header(&kept)),
    ];
    if is_known(&headers, &published.etag) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(CONTENT_TYPE, JWK_SET)], published.body.clone()).into_response()
}

/// RFC 9110 section 13.1.2: a list of tags, compared weakly, or `*`.
fn is_known(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let values = headers.get_all(IF_NONE_MATCH).iter();
    let mut tags = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    tags.any(|tag| {
        let tag = tag.trim_ascii();
        tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes()
    })
}

/// `GET /.well-known/openid-configuration`: OpenID Connect Discovery 1.0 section 3.
pub(crate) async fn openid_configuration(State(app): State<App>) -> impl IntoResponse {
    let document = OpenIdConfiguration {
        userinfo_endpoint: format!("{}/oauth/userinfo", app.settings.public_url),
        claims_supported: ["sub", "name", "email", "email_verified"],
        server: server(&app),
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
    };
    (METADATA_CACHING, Json(document))
}

/// `GET /.well-known/oauth-authorization-server`: RFC 8414 section 2.
pub(crate) async fn oauth_authorization_server(State(app): State<App>) -> impl IntoResponse {
    (METADATA_CACHING, Json(server(&app)))
}

fn server(app: &App) -> AuthorizationServer {
    let issuer = app.settings.public_url.to_string();
    AuthorizationServer {
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        token_endpoint: format!("{issuer}/oauth/token"),
        revocation_endpoint: format!("{issuer}/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/oauth/introspect"),
        issuer,
        scopes_supported: [ACCOUNT_SCOPE],
        response_types_supported: [],
        grant_types_supported: GrantType::ALL,
        token_endpoint_auth_methods_supported: ALL_METHODS,
        token_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        revocation_endpoint_auth_methods_supported: ALL_METHODS,
        revocation_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
        introspection_endpoint_auth_methods_supported: PROVING_METHODS,
        introspection_endpoint_auth_signing_alg_values_supported: ASSERTION_ALGORITHMS,
    }
}

/// Lists that are empty are there all the same: left out, some would mean a default.
#[derive(Serialize)]
struct AuthorizationServer {
    issuer: String,
    jwks_uri: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    scopes_supported: [&'static str; 1],
    response_types_supported: [&'static str; 0],
    grant_types_supported: [GrantType; 3],
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 4],
    revocation_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 4],
    introspection_endpoint_auth_signing_alg_values_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
}

#[derive(Serialize)]
struct OpenIdConfiguration {
    #[serde(flatten)]
    server: AuthorizationServer,
    userinfo_endpoint: String,
    claims_supported: [&'static str; 4],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
}

fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("no-store"))
}

/// How clients prove who they are.
const PROVING_METHODS: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];
/// The same, and not at all, where a token is its own proof.
const ALL_METHODS: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];
/// What assertions may be signed with.
const ASSERTION_ALGORITHMS: [&str; 2] = ["RS256", "ES256"];
/// How long a verifier may go on with a key set that it cannot renew, in seconds: RFC 5861.
const STALE_IF_ERROR_SECONDS: u64 = 3_600;
/// Not `application/jwk-set+json` (RFC 7517 section 8.5.1): older clients want this one.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/json");
/// These change with a new version of the server only.
const METADATA_CACHING: [(HeaderName, HeaderValue); 1] = [(
    CACHE_CONTROL,
    HeaderValue::from_static("public, max-age=300"),
)];
