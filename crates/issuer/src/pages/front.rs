//! `GET /` of both listeners: a page for browsers, JSON for programs.
//!
//! This module must not know what the addresses that it names do.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, VARY};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use signet_flows::mail::Language;
use signet_flows::origin::RequestOrigin;
use utoipa::ToSchema;

use super::answer::PageAnswers;
use super::frame::Page;
use super::markup::Markup;
use crate::app::App;

/// Says what this server is, and where its pages and documents are.
///
/// Browsers (`Accept: text/html`) get a page in English or German. Other callers get JSON.
#[utoipa::path(
    get,
    path = "/",
    tag = "Discovery",
    responses(
        (status = 200, description = "What this server is", content(
            (FrontPage = "application/json"),
            (String = "text/html"),
        )),
        PageAnswers
    )
)]
pub(crate) async fn front_page(
    State(app): State<App>,
    headers: HeaderMap,
    origin: RequestOrigin,
) -> Response {
    let language = origin.language.unwrap_or_default();
    answer(&app, &headers, language, &PUBLIC)
}

/// Says what this listener is, and where its pages and documents are.
///
/// Browsers (`Accept: text/html`) get a page. Other callers get JSON.
#[utoipa::path(
    get,
    path = "/",
    tag = "Discovery",
    responses(
        (status = 200, description = "What this listener is", content(
            (FrontPage = "application/json"),
            (String = "text/html"),
        )),
        PageAnswers
    )
)]
pub(crate) async fn operator_front_page(State(app): State<App>, headers: HeaderMap) -> Response {
    answer(&app, &headers, Language::English, &OPERATIONS)
}

/// What a listener is.
#[derive(Serialize, ToSchema)]
pub(crate) struct FrontPage {
    /// `Signet`, or `Signet, for operators`.
    name: &'static str,
    /// What the listener does.
    description: &'static str,
    /// Addresses on this listener.
    links: Vec<FrontLink>,
}

/// An address on this listener.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct FrontLink {
    /// The name of the address, which stays the same.
    name: &'static str,
    /// The path, such as `/signin`.
    path: &'static str,
}

/// A listener: its name, its description, and its addresses.
struct Front {
    name: &'static str,
    description: fn(&Words) -> &'static str,
    links: &'static [(&'static str, &'static str, Title)],
}

/// What the page calls an address.
type Title = fn(&Words) -> &'static str;

fn answer(app: &App, headers: &HeaderMap, language: Language, front: &Front) -> Response {
    let shown = if is_browser(headers) {
        Page {
            content: content(Words::of(language), front),
            ..Page::saying(language, front.name, "")
        }
        .render(app)
    } else {
        Json(FrontPage::of(front)).into_response()
    };
    let caching = [
        (VARY, "Accept, Accept-Language"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (caching, shown).into_response()
}

fn content(words: &Words, front: &Front) -> Markup {
    let mut page = Markup::new()
        .paragraph("lead", (front.description)(words))
        .raw("<ul class=\"sections\">\n");
    for &(_, path, title) in front.links {
        page = page
            .raw("<li><a href=\"")
            .raw(path)
            .raw("\">")
            .text(title(words))
            .raw("</a> <code>")
            .raw(path)
            .raw("</code></li>\n");
    }
    page.raw("</ul>\n")
}

impl FrontPage {
    fn of(front: &Front) -> Self {
        let links = front.links.iter();
        Self {
            name: front.name,
            description: (front.description)(Words::of(Language::English)),
            links: links
                .map(|&(name, path, _)| FrontLink { name, path })
                .collect(),
        }
    }
}

/// Whether the caller accepts HTML by name, RFC 9110 section 12.5.1. Programs send `*/*` or JSON.
fn is_browser(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let mut ranges = values.flat_map(|value| value.as_bytes().split(|&byte| byte == b','));
    ranges.any(|range| {
        let mut parts = range.split(|&byte| byte == b';').map(<[u8]>::trim_ascii);
        let is_html = parts
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(b"text/html"));
        is_html && !parts.any(is_refusal)
    })
}

/// Whether a weight is zero, RFC 9110 section 12.4.2.
fn is_refusal(parameter: &[u8]) -> bool {
    let weight = parameter
        .strip_prefix(b"q=")
        .or(parameter.strip_prefix(b"Q="));
    weight.is_some_and(|weight| weight.iter().all(|byte| matches!(byte, b'0' | b'.')))
}

const PUBLIC: Front = Front {
    name: "Signet",
    description: |words| words.public,
    links: &[
        ("sign_in", "/signin", |words| words.sign_in),
        ("account", "/account", |words| words.account),
        ("documentation", "/docs/", |words| words.documentation),
        ("api", "/docs", |words| words.api),
        ("openapi", "/openapi.json", |words| words.openapi),
        ("metadata", "/.well-known/openid-configuration", |words| {
            words.metadata
        }),
        ("jwks", "/.well-known/jwks.json", |words| words.jwks),
    ],
};

const OPERATIONS: Front = Front {
    name: "Signet, for operators",
    description: |words| words.operations,
    links: &[
        ("console", "/console", |words| words.console),
        ("readiness", "/readyz", |words| words.readiness),
        ("metrics", "/metrics", |words| words.metrics),
        ("documentation", "/docs/", |words| words.documentation),
        ("api", "/docs", |words| words.admin_api),
        ("openapi", "/openapi.json", |words| words.openapi),
    ],
};

words! {
    public: "This server signs in people and programs for other services.",
        "Dieser Server meldet Personen und Programme bei anderen Diensten an.";
    operations: "This listener is for the people who run the server.",
        "Dieser Zugang ist für die Betreiber des Servers.";
    sign_in: "Sign in", "Anmelden";
    account: "Your account", "Ihr Konto";
    documentation: "Documentation", "Dokumentation (englisch)";
    api: "The API", "Die Schnittstelle";
    admin_api: "The administration API", "Die Schnittstelle zur Verwaltung";
    openapi: "The API as OpenAPI 3.1", "Die Schnittstelle als OpenAPI 3.1";
    metadata: "Metadata of OpenID Connect", "Metadaten von OpenID Connect";
    jwks: "Public keys (JWKS)", "Öffentliche Schlüssel (JWKS)";
    console: "Operator page", "Seite für Betreiber";
    readiness: "Readiness", "Bereitschaft";
    metrics: "Metrics", "Messwerte";
}
