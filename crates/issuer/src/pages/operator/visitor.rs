//! Who asks for the operator page, and the forms that it sends.

use std::convert::Infallible;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use signet_core::secret::SecretText;
use signet_flows::operator::Operator;
use signet_flows::origin::{RequestOrigin, ShownWork};
use url::form_urlencoded;

use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::Form;
use crate::pages::answer::see_other;
use crate::pages::cookies::{PageCookie, new_form_secret};

/// A browser that asks for the operator page.
#[derive(Debug)]
pub(crate) struct Visitor {
    pub(super) origin: RequestOrigin,
    headers: HeaderMap,
    query: String,
}

/// A browser in which an operator is signed in. All others are sent to the sign-in.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(super) visitor: Visitor,
    pub(super) operator: Operator,
}

/// A form that the operator page has sent, and who sent it.
#[derive(Debug)]
pub(crate) struct Sent<Sender> {
    pub(super) sender: Sender,
    form: Form,
}

/// A form of a browser, whether an operator is signed in there or not.
pub(crate) type VisitorForm = Sent<Visitor>;

/// A form of an operator who is signed in.
pub(crate) type SignedForm = Sent<Signed>;

impl Visitor {
    /// A parameter of the query; `None` if it is absent or empty.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        let (_, value) = pairs.find(|(key, value)| key == name && !value.is_empty())?;
        Some(value.trim().to_owned())
    }

    /// The secret that a form must repeat, and whether the browser must be given it first.
    pub(super) fn form_secret(&self, app: &App) -> (SecretText, bool) {
        match PageCookie::OperatorForm.read(app, &self.headers) {
            Some(secret) => (secret, false),
            None => (new_form_secret(), true),
        }
    }

    /// The operator who is signed in.
    pub(super) async fn operator(&self, app: &App) -> ApiResult<Option<Operator>> {
        let cookie = PageCookie::Operator.read(app, &self.headers);
        Ok(app.flows.operator(cookie.as_ref(), &self.origin).await?)
    }

    /// Whether a request comes from a page of this listener, or from no browser. Browsers leave out
    /// `Sec-Fetch-Site` where the listener has neither a certificate nor a loopback address.
    fn is_own_page(&self) -> bool {
        let value = |name: HeaderName| {
            let mut values = self.headers.get_all(name).iter();
            let value = values
                .next()
                .map(|value| value.to_str().unwrap_or_default());
            (value, values.next().is_some())
        };
        match (value(SEC_FETCH_SITE), value(ORIGIN), value(HOST)) {
            ((Some(site), false), _, _) => site == "same-origin",
            ((None, _), (None, _), _) => true,
            ((None, _), (Some(origin), false), (Some(host), false)) => {
                origin.split_once("://").is_some_and(|(_, of)| of == host)
            }
            _ => false,
        }
    }
}

impl Signed {
    async fn of(app: &App, visitor: Visitor) -> Result<Self, Response> {
        let found = visitor.operator(app).await;
        let operator = found.map_err(ApiError::into_response)?;
        let operator = operator.ok_or_else(|| see_other("/console/sign-in"))?;
        Ok(Self { visitor, operator })
    }
}

impl<Sender> Sent<Sender> {
    /// The value of a field without spaces around it; empty if there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default().trim()
    }

    /// A field that is a secret, as it was typed.
    pub(super) fn secret(&self, name: &str) -> SecretText {
        SecretText::new(self.form.get(name).unwrap_or_default().to_owned())
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let origin = RequestOrigin::from_request_parts(parts, app).await?;
        Ok(Self {
            // Only operators reach the listener of these pages, and the pages have no script.
            origin: RequestOrigin {
                proof_of_work: ShownWork::Exempt,
                ..origin
            },
            headers: parts.headers.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
        })
    }
}

impl FromRequestParts<App> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(visitor) = Visitor::from_request_parts(parts, app).await;
        Self::of(app, visitor).await
    }
}

impl FromRequest<App> for VisitorForm {
    type Rejection = ApiError;

    /// Takes a form only from a page of this listener, which repeats the cookie of the browser.
    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let (mut parts, body) = request.into_parts();
        let Ok(visitor) = Visitor::from_request_parts(&mut parts, app).await;
        let form = Form::from_request(Request::from_parts(parts, body), app).await;
        let form = form.map_err(|_| ApiError::from(Code::InvalidRequest))?;
        let kept = PageCookie::OperatorForm.read(app, &visitor.headers);
        let repeats = kept.is_some_and(|kept| Some(kept.expose()) == form.get("form"));
        if repeats && visitor.is_own_page() {
            Ok(Self {
                sender: visitor,
                form,
            })
        } else {
            Err(Code::CsrfRejected.into())
        }
    }
}

impl FromRequest<App> for SignedForm {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let sent = VisitorForm::from_request(request, app).await;
        let Sent { sender, form } = sent.map_err(ApiError::into_response)?;
        let sender = Signed::of(app, sender).await?;
        Ok(Self { sender, form })
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
