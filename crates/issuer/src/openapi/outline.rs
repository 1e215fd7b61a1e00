//! The general part of the document: title, description, server URL, tags and credentials.

use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, HttpBuilder, SecurityScheme,
};
use utoipa::openapi::server::Server;
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, InfoBuilder, LicenseBuilder, OpenApi};
use utoipa::{PartialSchema, ToSchema};

use crate::app::App;
use crate::error::ErrorBody;
use crate::error::Problem;
use crate::extract::RefreshCookie;

/// The listener that an interface belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Listener {
    /// The public listener.
    Public,
    /// The operations listener.
    Operations,
}

/// Adds the general part to the document of a listener.
pub(crate) fn outline(mut document: OpenApi, listener: Listener, app: &App) -> OpenApi {
    document.info = InfoBuilder::new()
        .title(listener.title())
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(listener.description()))
        .license(Some(
            LicenseBuilder::new().name("MIT OR Apache-2.0").build(),
        ))
        .build();
    document.tags = Some(listener.tags());
    if listener == Listener::Public {
        document.servers = Some(vec![Server::new(app.settings.public_url.as_str())]);
    }
    let components = document.components.get_or_insert_with(Components::new);
    add_schema::<Problem<'_>>(components);
    if listener == Listener::Public {
        add_schema::<ErrorBody<'_>>(components);
    }
    for (name, scheme) in listener.schemes(app) {
        components
            .security_schemes
            .insert(name.to_owned(), scheme.into());
    }
    document
}

fn add_schema<T: ToSchema>(components: &mut Components) {
    let mut schemas = Vec::new();
    T::schemas(&mut schemas);
    schemas.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    components.schemas.extend(schemas);
}

impl Listener {
    fn title(self) -> &'static str {
        match self {
            Self::Public => "Signet",
            Self::Operations => "Signet, for operators",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Public => PUBLIC,
            Self::Operations => OPERATIONS,
        }
    }

    fn tags(self) -> Vec<Tag> {
        let tags: &[(&str, &str)] = match self {
            Self::Public => &[
                ("Accounts", "Accounts of people, and their sessions."),
                (
                    "Second factors",
                    "Authenticator apps and recovery codes of the caller's account.",
                ),
                (
                    "OAuth 2.0",
                    "Tokens for clients, RFC 6749 and related RFCs.",
                ),
                (
                    "Sign-in pages",
                    "Pages for people whom clients send here, OpenID Connect Core 1.0.",
                ),
                (
                    "Account pages",
                    "Pages on which people see and change their own account.",
                ),
                ("Gateways", "Checks of requests for gateways."),
                ("Discovery", "Documents for verifiers and clients."),
                ("Health", "Health of the server."),
            ],
            Self::Operations => &[
                ("Clients", "Registered clients."),
                ("Accounts", "Registered accounts."),
                ("Sessions", "Sessions of accounts."),
                ("Keys", "The key ring."),
                ("Events", "The audit trail."),
                (
                    "Operator page",
                    "Pages on which administrators see and change the server.",
                ),
                ("Sign-in pages", "The style sheet of the pages."),
                ("Discovery", "This document."),
                ("Health", "Health of the server."),
            ],
        };
        let tag = |&(name, text): &(&str, &str)| {
            TagBuilder::new().name(name).description(Some(text)).build()
        };
        tags.iter().map(tag).collect()
    }

    fn schemes(self, app: &App) -> Vec<(&'static str, SecurityScheme)> {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some("An access token, RFC 6750 section 2.1"))
            .build();
        let mut schemes = vec![("bearer", SecurityScheme::Http(bearer))];
        if self == Self::Public {
            let cookie = RefreshCookie::of(&app.settings.public_url).name();
            let cookie = ApiKeyValue::with_description(cookie, "The newest refresh token");
            schemes.push((
                "refresh_cookie",
                SecurityScheme::ApiKey(ApiKey::Cookie(cookie)),
            ));
            let basic = Http::new(HttpAuthScheme::Basic);
            schemes.push(("client_secret_basic", SecurityScheme::Http(basic)));
        }
        schemes
    }
}

const PUBLIC: &str = "Signs in people and programs, and issues RS256 access tokens that \
    services verify by themselves.\n\nEvery answer carries `X-Request-Id`: the one of the request if \
    it is 1 to 64 characters of `[A-Za-z0-9._-]`, else a new one. A path that is not listed here is \
    answered with 404, another method with 405 and `Allow`. If a request is not valid \
    HTTP/1.1, its answer has no body and no `X-Request-Id`: 400 if it cannot be parsed or does not \
    have exactly one valid `Host`, 431 if its headers are longer than 32 KiB. Request bodies have at most \
    16 KiB; unknown fields are ignored. If rate limits are on, routes that can answer 429 send \
    `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10), and \
    `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` of its version 05.";
const OPERATIONS: &str = "The listener for operators, on a port of its own.\n\nEvery answer has \
    `X-Request-Id`, except a bare 400 or 431 to a request that is not HTTP/1.1. An unknown path is \
    answered with 404, another method with 405 and `Allow`.\n\nThe `Host` of every request must \
    be an IP address, `localhost`, or a name in `ops_hosts`. Requests under `/admin` need a token \
    with audience `signet:admin` and one scope of the operation: `signet admin token` prints the first one, and \
    clients that are registered for it get more.";
