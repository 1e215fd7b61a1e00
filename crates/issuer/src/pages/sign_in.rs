//! `GET /signin`: the page of what comes next for a request, or of the person who is signed in.

use axum::extract::State;
use axum::response::Response;
use signet_core::authorization::Step;
use signet_flows::authorize::{Pending, Progress};
use signet_flows::browser::BrowserSession;

use super::answer::PageAnswers;
use super::authorize::after;
use super::consent::{account_page, consent_page};
use super::form_page::show_form;
use super::logout::signed_in_page;
use super::page_form::Visit;
use super::password::{Typed, password_page};
use crate::app::App;
use crate::error::ApiResult;

/// Shows what comes next in a sign-in by redirect.
#[utoipa::path(
    get,
    path = "/signin",
    tag = "Sign-in pages",
    params(
        ("request" = Option<String>, Query, description = "The request of a client that waits here"),
        ("other" = Option<String>, Query, description = "Sign in with another account"),
    ),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "To the client"),
        PageAnswers
    )
)]
pub(crate) async fn sign_in_page(State(app): State<App>, mut visit: Visit) -> ApiResult<Response> {
    let browser = visit.browser(&app).await?;
    let pending = visit.pending(&app).await?;
    let shown = match (pending, browser) {
        (pending, _) if visit.other => show_sign_in(&app, &visit, pending.as_ref(), None),
        (Some(pending), browser) => {
            let progress = app.flows.advance_request(pending, browser.as_ref());
            match (progress.await?, browser) {
                (Progress::Waiting(step, pending), browser) => {
                    show_step(&app, &visit, step, (&pending, browser.as_ref()))
                }
                (progress, _) => return Ok(after(&app, &visit, progress)),
            }
        }
        (None, Some(browser)) => show_form(&app, &visit, |secret| {
            signed_in_page(&visit, secret, &browser)
        }),
        (None, None) => show_sign_in(&app, &visit, None, None),
    };
    Ok(shown)
}

fn show_sign_in(
    app: &App,
    visit: &Visit,
    pending: Option<&Pending>,
    browser: Option<&BrowserSession>,
) -> Response {
    let hint = pending.and_then(|pending| pending.request.login_hint.as_deref());
    let own = browser.map(|browser| browser.account().email.as_str());
    let typed = Typed {
        email: hint.or(own).unwrap_or_default(),
        problem: None,
        work: None,
    };
    show_form(app, visit, |secret| {
        password_page(app, visit, secret, (pending, typed))
    })
}

fn show_step(
    app: &App,
    visit: &Visit,
    step: Step,
    (pending, browser): (&Pending, Option<&BrowserSession>),
) -> Response {
    match (step, browser) {
        (Step::ChooseAccount, Some(browser)) => show_form(app, visit, |secret| {
            account_page(visit, secret, pending, browser)
        }),
        (Step::Consent, Some(browser)) => show_form(app, visit, |secret| {
            consent_page(visit, secret, pending, browser)
        }),
        _ => show_sign_in(app, visit, Some(pending), browser),
    }
}
