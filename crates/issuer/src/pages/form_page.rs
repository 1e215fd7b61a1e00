//! Pages with a form: what they show, and the cookie that the form must repeat.

use axum::http::StatusCode;
use axum::response::Response;
use signet_core::client::{LogoUri, RedirectUri};
use signet_core::secret::SecretText;
use signet_flows::authorize::Pending;

use super::answer::with_cookie;
use super::cookies::PageCookie;
use super::frame::Page;
use super::markup::Markup;
use super::page_form::Visit;
use crate::app::App;

/// Writes a page with a form. If the browser has no secret for forms, it gets one.
pub(super) fn show_form(
    app: &App,
    visit: &Visit,
    page: impl FnOnce(&SecretText) -> FormPage,
) -> Response {
    let (secret, is_new) = visit.form_secret(app);
    let page = page(&secret);
    let response = Page {
        status: page.status,
        language: visit.language(),
        title: page.title,
        content: page.content,
        leads_to: page.leads_to.as_ref(),
        scripts: page.scripts,
        logo: page.logo.as_ref(),
    }
    .render(app);
    if is_new {
        let cookie = PageCookie::Form.set(app, secret.expose(), None);
        return with_cookie(response, cookie);
    }
    response
}

/// A page with a form, before it is framed.
pub(super) struct FormPage {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) content: Markup,
    pub(super) leads_to: Option<RedirectUri>,
    /// Whether the page has a script of ours.
    pub(super) scripts: bool,
    /// The picture that the page shows.
    pub(super) logo: Option<LogoUri>,
}

impl FormPage {
    /// A page whose forms may lead to the client of a request.
    pub(super) fn new(title: &'static str, content: Markup, pending: Option<&Pending>) -> Self {
        Self {
            status: StatusCode::OK,
            title,
            content,
            leads_to: pending.and_then(|pending| pending.request.redirect_uri().cloned()),
            scripts: false,
            logo: None,
        }
    }

    /// The same page as the answer to a form that was refused.
    pub(super) fn refused(self) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            ..self
        }
    }
    /// The same page, as the answer to a refused form if it names a problem.
    pub(super) fn refused_for(self, problem: Option<&str>) -> Self {
        match problem {
            None => self,
            Some(_) => self.refused(),
        }
    }
}
