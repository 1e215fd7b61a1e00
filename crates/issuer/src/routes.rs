//! Every route on one screen, and the layers around them.
//!
//! This module must not know what handlers do.

mod documentation;
mod pages;

use axum::http::header::{CACHE_CONTROL, PRAGMA};
use axum::http::{HeaderValue, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use axum::{Extension, Router};
use signet_core::admin::{AdminAccess, AdminArea};
use signet_core::limits::Limit;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{ApiError, Code, OAuthError};
use crate::health::Watched;
use crate::limits::{rate_limit, rate_limit_issuing};
use crate::middleware::guard::Guard;
use crate::middleware::private::private;
use crate::middleware::service::ListenerService;
use crate::middleware::{cors, host};
use crate::openapi::{ErrorStyle, Listener, Pages, Routes, can_answer, outline};
use crate::{
    admin, auth, browser_client, discovery, forward_auth, health, link_pages, metrics, oauth,
    status_lists,
};

/// The service of the public listener. The paths are beside the handlers.
pub fn public(app: &App) -> ListenerService {
    served(public_routes(app), app)
}

fn public_routes(app: &App) -> Routes {
    let pages = Pages::of(|app| outline(public_routes(app).document(), Listener::Public, app));
    let health = Routes::answering(ErrorStyle::Problem).routes(routes!(health::healthz));
    health
        .merge(discovery_routes(&pages))
        .merge(auth_routes(app))
        .merge(link_pages_routes(app))
        .guarded(Guard::Problem)
        .merge(forward_auth_routes().guarded(Guard::Gateway))
        .merge(oauth_routes(app).guarded(Guard::OAuth))
        .merge(pages::routes(app))
}

/// The service of the operations listener.
pub fn operations(app: &App) -> ListenerService {
    operations_of(app, None)
}

/// The service of the operations listener of a server that watches itself.
pub(crate) fn operations_of(app: &App, watched: Option<Watched>) -> ListenerService {
    served(operations_routes(app, watched), app)
}

fn operations_routes(app: &App, watched: Option<Watched>) -> Routes {
    let pages = Pages::of(|app| {
        let document = operations_routes(app, None).document();
        outline(document, Listener::Operations, app)
    });
    let readyz = for_operators(routes!(health::readyz));
    Routes::answering(ErrorStyle::Problem)
        .routes(for_operators(routes!(health::livez)))
        .routes(match watched {
            Some(watched) => layered(readyz, Extension(watched)),
            None => readyz,
        })
        .routes(for_operators(routes!(metrics::metrics)))
        .merge(documentation::routes(&pages, for_operators))
        .merge(admin_routes(app))
        .guarded(Guard::Problem)
        .wrapped(|router| {
            // The outermost layer: no handler runs if the host is not expected.
            router.layer(from_fn_with_state(app.clone(), host::expected_host))
        })
        .merge(pages::operator_routes(app))
}

/// The administration API: each row says what its handlers do, which decides the scopes that open
/// them.
fn admin_routes(app: &App) -> Routes {
    use AdminAccess::{Change, Read};
    use AdminArea::{Accounts, Clients, Events, Keys};
    let row = |access, handlers| admin::administered(app, access, handlers);
    Routes::answering(ErrorStyle::Problem)
        .routes(row(Read(Clients), routes!(admin::list_clients)))
        .routes(row(Change(Clients), routes!(admin::add_client)))
        .routes(row(Read(Clients), routes!(admin::show_client)))
        .routes(row(Change(Clients), routes!(admin::update_client)))
        .routes(row(Change(Clients), routes!(admin::delete_client)))
        .routes(row(Change(Clients), routes!(admin::rotate_client_secret)))
        .routes(row(Change(Clients), routes!(admin::disable_client)))
        .routes(row(Change(Clients), routes!(admin::enable_client)))
        .routes(row(Read(Accounts), routes!(admin::list_accounts)))
        .routes(row(Change(Accounts), routes!(admin::add_account)))
        .routes(row(Change(Accounts), routes!(admin::import_accounts)))
        // Password hashes leave the server, so a token that only reads is not enough.
        .routes(row(Change(Accounts), routes!(admin::export_accounts)))
        .routes(row(Read(Accounts), routes!(admin::show_account)))
        .routes(row(
            Change(Accounts),
            routes!(admin::change_account, admin::remove_account),
        ))
        .routes(row(Change(Accounts), routes!(admin::disable_account)))
        .routes(row(Change(Accounts), routes!(admin::enable_account)))
        .routes(row(Change(Accounts), routes!(admin::reset_account)))
        .routes(row(Change(Accounts), routes!(admin::remove_authenticators)))
        .routes(row(Change(Accounts), routes!(admin::lift_lockout)))
        .routes(row(Read(Accounts), routes!(admin::list_account_sessions)))
        .routes(row(Change(Accounts), routes!(admin::end_account_sessions)))
        .routes(row(Change(Accounts), routes!(admin::end_account_session)))
        .routes(row(Read(Accounts), routes!(admin::list_invitations)))
        .routes(row(Change(Accounts), routes!(admin::add_invitation)))
        .routes(row(Change(Accounts), routes!(admin::remove_invitation)))
        .routes(row(Read(Keys), routes!(admin::list_keys)))
        .routes(row(Read(Events), routes!(admin::list_events)))
        .wrapped(|router| {
            router
                .method_not_allowed_fallback(method_not_allowed)
                .layer(from_fn(private))
        })
}

/// Discovery documents for verifiers and clients.
fn discovery_routes(pages: &Pages) -> Routes {
    Routes::answering(ErrorStyle::Problem)
        .routes(routes!(discovery::jwks))
        .routes(routes!(discovery::openid_configuration))
        .routes(routes!(discovery::oauth_authorization_server))
        .routes(routes!(status_lists::status_list))
        .routes(routes!(status_lists::status_lists))
        .routes(routes!(browser_client::client_js))
        .routes(routes!(browser_client::redirect_js))
        .merge(documentation::routes(pages, std::convert::identity))
        .wrapped(|router| {
            router
                .method_not_allowed_fallback(method_not_allowed)
                .layer(cors::public())
        })
}

/// Accounts and sessions.
fn auth_routes(app: &App) -> Routes {
    Routes::answering(ErrorStyle::Problem)
        .routes(issuing(app, Limit::Register, routes!(auth::register)))
        .routes(issuing(app, Limit::Login, routes!(auth::login)))
        .routes(issuing(app, Limit::Login, routes!(auth::login_mfa)))
        .merge(enrolment_routes(app))
        .routes(issuing(app, Limit::Refresh, routes!(auth::refresh)))
        .routes(issuing(app, Limit::Password, routes!(auth::step_up)))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::step_up_options),
        ))
        .merge(passkey_routes(app))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::begin_totp, auth::remove_totp),
        ))
        .routes(limited(app, Limit::Password, routes!(auth::confirm_totp)))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::replace_recovery_codes),
        ))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::logout_all))
        .routes(routes!(auth::me, auth::change_me))
        .routes(routes!(auth::export))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::change_password),
        ))
        .merge(mailed_link_routes(app))
        .routes(routes!(auth::list_sessions))
        .routes(routes!(auth::delete_session))
        .routes(routes!(auth::list_consents))
        .routes(routes!(auth::withdraw_consent))
        .routes(limited(app, Limit::Password, routes!(auth::delete_account)))
        .wrapped(|router| {
            let router = router.method_not_allowed_fallback(method_not_allowed);
            // All of these answers hold tokens or personal data.
            for_web_pages(router.layer(from_fn(private)), app)
        })
}

/// Enrolling a second factor during a sign-in that requires one.
fn enrolment_routes(app: &App) -> Routes {
    let limit = Limit::Login;
    Routes::answering(ErrorStyle::Problem)
        .routes(limited(app, limit, routes!(auth::enrol_totp_at_sign_in)))
        .routes(limited(
            app,
            limit,
            routes!(auth::passkey_options_at_sign_in),
        ))
        .routes(issuing(app, limit, routes!(auth::enrol_passkey_at_sign_in)))
}

/// Passkeys: signing in with one, and the caller's own.
fn passkey_routes(app: &App) -> Routes {
    let limit = Limit::Password;
    Routes::answering(ErrorStyle::Problem)
        .routes(limited(
            app,
            Limit::Login,
            routes!(auth::login_passkey_options),
        ))
        .routes(issuing(app, Limit::Login, routes!(auth::login_passkey)))
        .routes(limited(app, limit, routes!(auth::passkey_options)))
        .routes(limited(
            app,
            limit,
            routes!(auth::list_passkeys, auth::add_passkey),
        ))
        .routes(limited(
            app,
            limit,
            routes!(auth::rename_passkey, auth::remove_passkey),
        ))
}

/// Asking for links by mail, and using them.
fn mailed_link_routes(app: &App) -> Routes {
    Routes::answering(ErrorStyle::Problem)
        .routes(limited(app, Limit::Password, routes!(auth::request_reset)))
        .routes(limited(app, Limit::Password, routes!(auth::confirm_reset)))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::request_email_change),
        ))
        .routes(routes!(auth::confirm_email_change))
        .routes(routes!(auth::verify_email))
        .routes(limited(
            app,
            Limit::Password,
            routes!(auth::resend_verification),
        ))
}

/// Where the links in mails lead.
fn link_pages_routes(app: &App) -> Routes {
    Routes::answering(ErrorStyle::Problem)
        .routes(routes!(link_pages::show_link_page))
        .routes(limited(
            app,
            Limit::Password,
            routes!(link_pages::use_link_page),
        ))
        .wrapped(|router| {
            router
                .method_not_allowed_fallback(method_not_allowed)
                .layer(SetResponseHeaderLayer::if_not_present(
                    CACHE_CONTROL,
                    NO_STORE,
                ))
        })
}

/// OAuth 2.0 for programs.
fn oauth_routes(app: &App) -> Routes {
    Routes::answering(ErrorStyle::OAuth)
        .routes(issuing(app, Limit::Token, routes!(oauth::token)))
        .routes(limited(
            app,
            Limit::Token,
            routes!(oauth::push_authorization_request),
        ))
        .routes(limited(app, Limit::Token, routes!(oauth::authorize_device)))
        .routes(limited(app, Limit::Revoke, routes!(oauth::revoke)))
        .routes(limited(app, Limit::Introspect, routes!(oauth::introspect)))
        .routes(routes!(oauth::userinfo, oauth::post_userinfo))
        .wrapped(|router| {
            let router = router
                .method_not_allowed_fallback(method_not_allowed)
                // One layer of the router, which is cheaper than two.
                .layer((
                    SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, NO_STORE),
                    SetResponseHeaderLayer::if_not_present(PRAGMA, NO_CACHE),
                ));
            for_web_pages(router, app)
        })
}

/// Forward auth. Some gateways append the client's path, so every path below is answered too.
fn forward_auth_routes() -> Routes {
    let described = routes!(forward_auth::forward_auth);
    let further = [
        "/forward-auth",
        "/forward-auth/",
        "/forward-auth/{profile}/",
        "/forward-auth/{profile}/{*path}",
    ];
    Routes::answering(ErrorStyle::Own).any_method(
        described,
        &any(forward_auth::forward_auth),
        &further,
    )
}

/// The handlers of a path, and their descriptions.
type Handlers = UtoipaMethodRouter<App>;

/// A handler that answers with tokens: it has a rate limit, and the keys must be the newest.
fn issuing(app: &App, what: Limit, (schemas, mut paths, methods): Handlers) -> Handlers {
    can_answer(&mut paths, 429, "rate_limited");
    let state = (app.clone(), what);
    let methods = methods.layer(from_fn_with_state(state, rate_limit_issuing));
    (schemas, paths, methods)
}

/// Lets the configured web pages call these routes.
fn for_web_pages(routes: Router<App>, app: &App) -> Router<App> {
    match cors::credentialed(&app.settings.allowed_origins) {
        Some(layer) => routes.layer(layer),
        None => routes,
    }
}

/// A handler that needs an expected `Host`. Handlers under `/admin` declare this error themselves.
fn for_operators((schemas, mut paths, methods): Handlers) -> Handlers {
    can_answer(&mut paths, 403, "forbidden");
    (schemas, paths, methods)
}

/// A handler with a rate limit.
fn limited(app: &App, what: Limit, (schemas, mut paths, methods): Handlers) -> Handlers {
    can_answer(&mut paths, 429, "rate_limited");
    page(app, what, (schemas, paths, methods))
}

/// A page with a rate limit. Every page says itself which errors there are.
fn page(app: &App, what: Limit, (schemas, paths, methods): Handlers) -> Handlers {
    let state = (app.clone(), what);
    let methods = methods.layer(from_fn_with_state(state, rate_limit));
    (schemas, paths, methods)
}

/// A handler that answers with the document of its listener.
fn documenting(pages: &Pages, handlers: Handlers) -> Handlers {
    layered(handlers, Extension(pages.clone()))
}

fn layered<T>((schemas, paths, methods): Handlers, extension: Extension<T>) -> Handlers
where
    T: Clone + Send + Sync + 'static,
{
    (schemas, paths, methods.layer(extension))
}

/// The routes of a listener with what happens around all of them.
fn served(all: Routes, app: &App) -> ListenerService {
    let (router, guards) = all.router();
    let router = router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(app.clone());
    ListenerService::new(app, guards, router)
}

async fn not_found(uri: Uri) -> Response {
    unserved(&uri, Code::NotFound)
}

async fn method_not_allowed(uri: Uri) -> Response {
    unserved(&uri, Code::MethodNotAllowed)
}

/// The error for a request that no handler serves, as its path demands.
fn unserved(uri: &Uri, code: Code) -> Response {
    let mut segments = uri.path().split('/').skip(1);
    match segments.next() {
        Some("oauth") => OAuthError::from(code).into_response(),
        _ => ApiError::from(code).into_response(),
    }
}

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
