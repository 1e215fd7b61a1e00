//! Every route, on one screen, and what wraps them.
//!
//! This module must not know what handlers do.

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, delete, get, post};
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::limits::{Shielded, shield};
use crate::middleware::{cors, guard, observe};
use crate::oauth::OAuthError;
use crate::{auth, discovery, forward_auth, health, metrics, oauth};

/// What everybody reaches.
pub fn public(app: &App) -> Router {
    let discovery = Router::new()
        .route("/.well-known/jwks.json", get(discovery::jwks))
        .route(
            "/.well-known/openid-configuration",
            get(discovery::openid_configuration),
        )
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::oauth_authorization_server),
        )
        .method_not_allowed_fallback(method_not_allowed)
        .layer(cors::public());
    let auth = Router::new()
        .route(
            "/auth/register",
            issuing(app, Shielded::Register, post(auth::register)),
        )
        .route(
            "/auth/login",
            issuing(app, Shielded::Login, post(auth::login)),
        )
        .route(
            "/auth/refresh",
            issuing(app, Shielded::Refresh, post(auth::refresh)),
        )
        .route("/auth/logout", post(auth::logout))
        .route("/auth/logout-all", post(auth::logout_all))
        .route("/auth/me", get(auth::me))
        .route("/auth/password", post(auth::change_password))
        .route("/auth/sessions", get(auth::list_sessions))
        .route("/auth/sessions/{sid}", delete(auth::delete_session))
        .route("/auth/account", delete(auth::delete_account))
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(guard::one_credential))
        // Tokens and personal data, all of it.
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(option_layer(cors::credentialed(
            &app.settings.allowed_origins,
        )));
    let routes = Router::new()
        .route("/healthz", get(health::alive))
        .merge(discovery)
        .merge(auth)
        .merge(oauth_routes(app))
        .merge(forward_auth_routes());
    wrapped(routes, app)
}

/// What programs ask by OAuth 2.0.
fn oauth_routes(app: &App) -> Router<App> {
    Router::new()
        .route(
            "/oauth/token",
            issuing(app, Shielded::Token, post(oauth::token)),
        )
        .route("/oauth/revoke", post(oauth::revoke))
        .route("/oauth/introspect", post(oauth::introspect))
        .route(
            "/oauth/userinfo",
            get(oauth::userinfo).post(oauth::userinfo),
        )
        .method_not_allowed_fallback(oauth_method_not_allowed)
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("no-store"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            PRAGMA,
            HeaderValue::from_static("no-cache"),
        ))
        .layer(option_layer(cors::credentialed(
            &app.settings.allowed_origins,
        )))
}

/// What gateways ask. Some append the client's own path, and no path leads out of here.
fn forward_auth_routes() -> Router<App> {
    let paths = [
        "/forward-auth",
        "/forward-auth/",
        "/forward-auth/{profile}",
        "/forward-auth/{profile}/",
        "/forward-auth/{profile}/{*path}",
    ];
    let routes = paths.iter().fold(Router::new(), |routes, path| {
        routes.route(path, any(forward_auth::forward_auth))
    });
    routes.layer(CatchPanicLayer::custom(forward_auth::answer_panic))
}

/// What operators reach.
pub fn operations(app: &App) -> Router {
    let routes = Router::new()
        .route("/livez", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics));
    wrapped(routes, app)
}

/// A handler that answers with tokens: one address may not ask too often, and the keys here have to
/// be the newest.
fn issuing(app: &App, what: Shielded, handler: MethodRouter<App>) -> MethodRouter<App> {
    let state = (app.clone(), what);
    handler
        .layer(from_fn_with_state(state.clone(), guard::newest_keys))
        .layer(from_fn_with_state(state, shield))
}

/// The last layer is the outermost: everything is observed.
fn wrapped(routes: Router<App>, app: &App) -> Router {
    routes
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(guard::deadline))
        .layer(CatchPanicLayer::custom(guard::answer_panic))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app.clone())
}

async fn not_found(_: Request) -> ApiError {
    Code::NotFound.into()
}

async fn oauth_method_not_allowed(_: Request) -> OAuthError {
    Code::MethodNotAllowed.into()
}

async fn method_not_allowed(_: Request) -> ApiError {
    Code::MethodNotAllowed.into()
}
