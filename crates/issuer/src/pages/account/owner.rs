//! Who asks for a page of the account: the person who is signed in at the browser.

use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use signet_core::secret::SecretText;
use signet_flows::bearer::SessionBearer;
use signet_flows::browser::BrowserSession;

use super::words::Words;
use crate::app::App;
use crate::extract::Form;
use crate::pages::answer::see_other;
use crate::pages::page_form::{PageForm, Visit};

/// The owner of an account at a browser. Everybody else is sent to the sign-in page.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(super) visit: Visit,
    pub(super) browser: BrowserSession,
    /// What a form has just done.
    pub(super) done: Option<Done>,
    /// Where the person wants to go from here.
    pub(super) to: Option<String>,
}

/// What a form has just done, as the address of the next page says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Done {
    /// A change was stored.
    Saved,
    /// A mail is on its way.
    Mailed,
    /// Sessions have ended.
    Ended,
}

#[derive(Default, Deserialize)]
struct OwnerQuery {
    done: Option<Done>,
    to: Option<String>,
}

impl Owner {
    /// The words of the person's language.
    pub(super) fn words(&self) -> &'static Words {
        Words::of(self.visit.language())
    }

    /// The person as the caller of a flow.
    pub(super) fn bearer(&self) -> SessionBearer {
        self.browser.bearer()
    }

    /// The address of the account.
    pub(super) fn email(&self) -> &str {
        self.browser.account().email.as_str()
    }

    async fn of(visit: Visit, app: &App, query: OwnerQuery) -> Result<Self, Response> {
        let found = visit.browser(app).await;
        let browser = found.map_err(IntoResponse::into_response)?;
        Ok(Self {
            browser: browser.ok_or_else(|| see_other("/signin"))?,
            done: query.done,
            to: query.to,
            visit,
        })
    }
}

/// A form that a page of the account has sent.
#[derive(Debug)]
pub(crate) struct OwnerForm {
    pub(super) owner: Owner,
    form: Form,
}

impl OwnerForm {
    /// The value of a field without spaces around it; empty if there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.form.get(name).unwrap_or_default().trim()
    }

    /// A field that is a secret, as it was typed.
    pub(super) fn secret(&self, name: &str) -> SecretText {
        SecretText::new(self.form.get(name).unwrap_or_default().to_owned())
    }
}

impl FromRequestParts<App> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let query = Query::<OwnerQuery>::try_from_uri(&parts.uri);
        let query = query.map(|Query(query)| query).unwrap_or_default();
        let Ok(visit) = Visit::from_request_parts(parts, app).await;
        Self::of(visit, app, query).await
    }
}

impl FromRequest<App> for OwnerForm {
    type Rejection = Response;

    /// Another tab may have signed in with another account, whose owner has seen another page: such
    /// a form changes nothing.
    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let sent = PageForm::from_request(request, app).await;
        let (visit, form) = sent.map_err(IntoResponse::into_response)?.into_parts();
        let owner = Owner::of(visit, app, OwnerQuery::default()).await?;
        let shown = form.get("account").unwrap_or_default();
        if owner.browser.account().id.to_string() != shown {
            return Err(see_other("/account"));
        }
        Ok(Self { owner, form })
    }
}
