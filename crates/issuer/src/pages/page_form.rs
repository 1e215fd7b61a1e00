//! The forms of pages: only those that a page of ours sent to the same browser are accepted.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use serde::Deserialize;
use signet_core::secret::SecretText;
use signet_core::session::SignInPlace;
use signet_flows::authorize::{FoundRequest, Pending};
use signet_flows::browser::BrowserSession;
use signet_flows::mail::Language;
use signet_flows::origin::{RequestOrigin, ShownWork};
use std::convert::Infallible;

use super::answered_before::AnsweredBefore;
use super::cookies::{PageCookie, new_form_secret};
use super::markup::Markup;
use super::words::Words;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Form;
use crate::extract::TrustedOrigin;

/// The browser that asks for a page: where it is and what it keeps.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(super) origin: RequestOrigin,
    pub(super) headers: HeaderMap,
    /// The value of `request` in the query.
    pub(super) request: Option<String>,
    /// Whether the person wants another account.
    pub(super) other: bool,
    /// The code of a device in the query.
    pub(super) user_code: Option<String>,
}

#[derive(Default, Deserialize)]
struct VisitQuery {
    request: Option<String>,
    other: Option<String>,
    user_code: Option<String>,
}

impl Visit {
    /// The language of its pages.
    pub(super) fn language(&self) -> Language {
        self.origin.language.unwrap_or_default()
    }

    /// The words of its language.
    pub(super) fn words(&self) -> &'static Words {
        Words::of(self.language())
    }

    /// The request that the address names; `None` if it names none.
    ///
    /// # Errors
    ///
    /// `invalid_token` if the request is finished or too old.
    pub(super) async fn pending(&mut self, app: &App) -> ApiResult<Option<Pending>> {
        let found = pending(app, self.request.as_deref()).await?;
        self.speak(found.as_ref());
        Ok(found)
    }

    /// Takes the first language that a client asks for and that pages are written in.
    pub(super) fn speak_one_of(&mut self, ui_locales: Option<&str>) {
        let asked = ui_locales.and_then(Language::of_locales);
        self.origin.language = asked.or(self.origin.language);
    }

    fn speak(&mut self, pending: Option<&Pending>) {
        let asked = pending.and_then(|pending| pending.request.ui_locales.as_deref());
        self.speak_one_of(asked);
    }

    /// Who is signed in at the browser.
    pub(super) async fn browser(&self, app: &App) -> ApiResult<Option<BrowserSession>> {
        let cookie = PageCookie::SignIn.read(app, &self.headers);
        let (place, cookie) = (SignInPlace::Pages, cookie.as_ref());
        let found = app.flows.browser_session(place, cookie, &self.origin);
        Ok(found.await?)
    }

    /// The secret that a form must repeat, and whether the browser must be given it first.
    pub(super) fn form_secret(&self, app: &App) -> (SecretText, bool) {
        match PageCookie::Form.read(app, &self.headers) {
            Some(secret) => (secret, false),
            None => (new_form_secret(), true),
        }
    }
}

/// The hidden fields of a form.
pub(super) fn hidden_fields(secret: &SecretText, pending: Option<&Pending>) -> Markup {
    let fields = Markup::new().hidden("form", secret.expose());
    match pending {
        None => fields,
        Some(pending) => fields.hidden("request", pending.token.expose()),
    }
}

/// A form that a page of ours has sent.
#[derive(Debug)]
pub(crate) struct PageForm {
    pub(super) visit: Visit,
    form: Form,
}

impl PageForm {
    /// Takes a form only from a page of ours: the origin must be ours, and the form must repeat the
    /// cookie. A page of another site can send neither.
    ///
    /// # Errors
    ///
    /// `csrf_rejected`
    pub(super) fn of(app: &App, mut visit: Visit, form: Form) -> ApiResult<Self> {
        TrustedOrigin::check(&visit.headers, &app.settings)?;
        let secret = PageCookie::Form.read(app, &visit.headers);
        let sent = form.get("form").unwrap_or_default();
        if !secret.is_some_and(|secret| secret.expose() == sent && !sent.is_empty()) {
            return Err(Code::CsrfRejected.into());
        }
        visit.origin.proof_of_work =
            ShownWork::in_field(form.get("proof_of_work").map(str::to_owned));
        Ok(Self { visit, form })
    }

    /// The value of a field; empty if there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default()
    }

    /// The browser, and the fields.
    pub(super) fn into_parts(self) -> (Visit, Form) {
        (self.visit, self.form)
    }

    /// A field that is a secret.
    pub(super) fn secret(&self, name: &str) -> SecretText {
        SecretText::new(self.value(name).to_owned())
    }

    /// The request that the form belongs to; `None` if it names none.
    ///
    /// # Errors
    ///
    /// `invalid_token` if the request is finished or too old.
    pub(super) async fn pending(&mut self, app: &App) -> ApiResult<Option<Pending>> {
        let found = pending(app, self.form.get("request")).await?;
        self.visit.speak(found.as_ref());
        Ok(found)
    }
}

/// The request with this name; `None` without a name.
///
/// # Errors
///
/// `invalid_token` if the request is finished or too old.
async fn pending(app: &App, name: Option<&str>) -> ApiResult<Option<Pending>> {
    let Some(name) = name else {
        return Ok(None);
    };
    match app.flows.pending_request(name).await? {
        FoundRequest::Waiting(pending) => Ok(Some(*pending)),
        FoundRequest::Answered => Err(ApiError::from(Code::InvalidToken).because(AnsweredBefore)),
        FoundRequest::Gone => Err(Code::InvalidToken.into()),
    }
}

impl FromRequestParts<App> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let query = Query::<VisitQuery>::try_from_uri(&parts.uri);
        let query = query.map(|Query(query)| query).unwrap_or_default();
        Ok(Self {
            origin: RequestOrigin::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
            request: query.request,
            other: query.other.is_some(),
            user_code: query.user_code,
        })
    }
}

impl FromRequest<App> for PageForm {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let (mut parts, body) = request.into_parts();
        let Ok(visit) = Visit::from_request_parts(&mut parts, app).await;
        let form = Form::from_request(Request::from_parts(parts, body), app).await;
        let form = form.map_err(|_| ApiError::from(Code::InvalidRequest))?;
        Self::of(app, visit, form)
    }
}
