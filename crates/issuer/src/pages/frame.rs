//! The frame of every page: its head, its headers, and its content security policy.

use axum::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::client::{LogoUri, RedirectUri};
use signet_flows::mail::Language;

use super::markup::Markup;
use crate::app::App;

/// A page before it is written.
pub(super) struct Page<'a> {
    pub(super) status: StatusCode,
    pub(super) language: Language,
    pub(super) title: &'a str,
    pub(super) content: Markup,
    /// Where the forms of the page may lead besides this server: browsers compare every redirect
    /// that follows a form with it.
    pub(super) leads_to: Option<&'a RedirectUri>,
    /// Whether the page has a script of ours, which asks this server.
    pub(super) scripts: bool,
    /// The picture of a client that the page shows.
    pub(super) logo: Option<&'a LogoUri>,
}

impl<'a> Page<'a> {
    /// A page that says one thing and has no form.
    pub(super) fn saying(language: Language, title: &'a str, text: &str) -> Self {
        Self {
            status: StatusCode::OK,
            language,
            title,
            content: Markup::new().paragraph("lead", text),
            leads_to: None,
            scripts: false,
            logo: None,
        }
    }

    /// Writes the page.
    pub(super) fn render(self, app: &App) -> Response {
        let name = app.settings.pages.name.as_str();
        let page = Markup::new()
            .raw("<!DOCTYPE html>\n<html lang=\"")
            .raw(self.language.tag())
            .raw("\">\n<head>\n<meta charset=\"utf-8\">\n")
            .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
            .raw("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
            .text(self.title)
            .raw(" \u{b7} ")
            .text(name)
            .raw(
                "</title>\n<link rel=\"stylesheet\" href=\"/signin/style.css\">\n</head>\n<body>\n",
            )
            .raw("<main>\n<p class=\"brand\">")
            .text(name)
            .raw("</p>\n<h1>")
            .text(self.title)
            .raw("</h1>\n")
            .add(&self.content)
            .raw("</main>\n</body>\n</html>\n");
        let html = page.as_str().to_owned();
        (self.status, self.headers(), html).into_response()
    }

    fn headers(&self) -> [(HeaderName, HeaderValue); 5] {
        let source = self.leads_to.map(|uri| format!(" {}", uri.policy_source()));
        let source = source.unwrap_or_default();
        let scripts = if self.scripts { SCRIPTS } else { "" };
        let logo = self
            .logo
            .map(|logo| format!("; img-src {}", logo.policy_source()));
        let logo = logo.unwrap_or_default();
        let policy = format!("{POLICY}{scripts}{logo}; form-action 'self'{source}");
        // An origin or a scheme always fits a header.
        let policy = HeaderValue::try_from(policy);
        let policy = policy.unwrap_or(HeaderValue::from_static(POLICY));
        let fixed = HeaderValue::from_static;
        [
            (CONTENT_TYPE, fixed("text/html; charset=utf-8")),
            (CONTENT_SECURITY_POLICY, policy),
            (REFERRER_POLICY, fixed("same-origin")),
            (X_FRAME_OPTIONS, fixed("DENY")),
            (X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        ]
    }
}

const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What a page with a script of ours may do besides.
const SCRIPTS: &str = "; script-src 'self'; connect-src 'self'";
