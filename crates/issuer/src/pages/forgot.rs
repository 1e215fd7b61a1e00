//! `/signin/forgot` mails a link for a new password. `/signin/continue` then resumes the request of
//! the client.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::Email;
use signet_core::secret::SecretText;
use signet_flows::authorize::{FoundRequest, Pending, REQUEST_TTL};
use signet_flows::links::LinkError;

use super::answer::{PageAnswers, to_page, with_cookie};
use super::cookies::PageCookie;
use super::described::ForgotForm;
use super::error_page::forbidden;
use super::form_page::{FormPage, show_form};
use super::frame::Page;
use super::markup::Field;
use super::page_form::{PageForm, Visit, hidden_fields};
use super::password::{lead, link};
use crate::app::App;
use crate::error::ApiResult;

/// Asks for the address of the account.
#[utoipa::path(
    get,
    path = "/signin/forgot",
    tag = "Sign-in pages",
    params(("request" = Option<String>, Query, description = "The request of a client that waits here")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 403, description = "The server sends no mail", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn forgot_page(State(app): State<App>, mut visit: Visit) -> ApiResult<Response> {
    let pending = visit.pending(&app).await?;
    if !app.flows.sends_mail() {
        return Ok(no_mail(&app, &visit));
    }
    Ok(show_form(&app, &visit, |secret| {
        form_page(&visit, secret, pending.as_ref(), None)
    }))
}

/// Mails a link to set another password, and shows the same page for every address.
#[utoipa::path(
    post,
    path = "/signin/forgot",
    tag = "Sign-in pages",
    request_body(content = ForgotForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page that says that a mail was sent", body = String, content_type = "text/html"),
        (status = 403, description = "The server sends no mail", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn mail_reset_link(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let Ok(email) = form.value("email").trim().parse::<Email>() else {
        let problem = Some(form.visit.words().bad_email);
        return Ok(show_form(&app, &form.visit, |secret| {
            form_page(&form.visit, secret, pending.as_ref(), problem).refused()
        }));
    };
    let origin = &form.visit.origin;
    match app.flows.request_password_reset(&email, origin).await {
        Ok(()) => Ok(mailed(&app, &form.visit, pending.as_ref())),
        Err(LinkError::NoMail) => Ok(no_mail(&app, &form.visit)),
        Err(error) => Err(error.into()),
    }
}

/// Goes on with the request that waits in this browser.
///
/// The pages behind mailed links lead here.
#[utoipa::path(
    get,
    path = "/signin/continue",
    tag = "Sign-in pages",
    responses((status = 303, description = "To the sign-in page"), PageAnswers)
)]
pub(crate) async fn continue_sign_in(State(app): State<App>, visit: Visit) -> ApiResult<Response> {
    let waiting = match PageCookie::Request.read(&app, &visit.headers) {
        Some(token) => app.flows.pending_request(token.expose()).await?,
        None => FoundRequest::Gone,
    };
    Ok(match &waiting {
        FoundRequest::Waiting(pending) => to_page("/signin", Some(pending.token.expose())),
        FoundRequest::Answered | FoundRequest::Gone => to_page("/signin", None),
    })
}

/// Says that a mail was sent. The browser keeps the request that waits, so that the page behind the
/// link can lead back to it.
pub(super) fn mailed(app: &App, visit: &Visit, pending: Option<&Pending>) -> Response {
    let words = visit.words();
    let page = Page::saying(visit.language(), words.mailed, words.mailed_lead);
    let response = page.render(app);
    match pending {
        None => response,
        Some(pending) => {
            let token = pending.token.expose();
            with_cookie(
                response,
                PageCookie::Request.set(app, token, Some(REQUEST_TTL)),
            )
        }
    }
}

fn no_mail(app: &App, visit: &Visit) -> Response {
    forbidden(app, visit, visit.words().error_no_mail)
}

fn form_page(
    visit: &Visit,
    secret: &SecretText,
    pending: Option<&Pending>,
    problem: Option<&str>,
) -> FormPage {
    let words = visit.words();
    let hint = pending.and_then(|pending| pending.request.login_hint.as_deref());
    let email = Field::sign_in_email(hint.unwrap_or_default());
    let content = lead(visit, pending)
        .problem(problem)
        .paragraph("quiet", words.forgot_lead)
        .raw("<form method=\"post\" action=\"/signin/forgot\">\n")
        .add(&hidden_fields(secret, pending))
        .field(words.email, &email)
        .button(words.confirm)
        .raw("</form>\n");
    let content = link(content, "/signin", words.sign_in, pending);
    FormPage::new(words.forgot, content, pending)
}
