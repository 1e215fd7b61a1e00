//! `/signin/consent` and `/signin/account`: what a person allows a client, and as whom.

use axum::extract::State;
use axum::response::Response;
use signet_core::authorization::{Reply, StepRefusal};
use signet_core::client::{KnownBy, LogoUri};
use signet_core::names::{Audience, Scope};
use signet_core::secret::SecretText;
use signet_flows::authorize::{Pending, Progress};
use signet_flows::browser::BrowserSession;

use super::answer::{PageAnswers, see_other, to_page};
use super::authorize::after;
use super::described::{AccountForm, ConsentForm};
use super::form_page::FormPage;
use super::markup::Markup;
use super::page_form::{PageForm, Visit, hidden_fields};
use super::password::{client_name, lead};
use super::words::Words;
use crate::app::App;
use crate::error::{ApiResult, Code};

/// Allows or denies a client what it asks for.
#[utoipa::path(
    post,
    path = "/signin/consent",
    tag = "Sign-in pages",
    request_body(content = ConsentForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the client, or to what comes next"), PageAnswers)
)]
pub(crate) async fn decide_consent(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let pending = pending.ok_or(Code::InvalidToken)?;
    let token = pending.token.expose().to_owned();
    let browser = form.visit.browser(&app).await?;
    // Another tab may have signed in with another account, whose owner has seen another page.
    let same = browser.filter(|browser| browser.account().id.to_string() == form.value("account"));
    let Some(browser) = same else {
        return Ok(to_page("/signin", Some(&token)));
    };
    if form.value("decision") != "allow" {
        let progress = match app.flows.deny_request(pending, &browser).await? {
            None => Progress::Answered,
            Some(denied) => {
                app.flows
                    .refuse_request(denied, StepRefusal::Denied)
                    .await?
            }
        };
        return Ok(after(&app, &form.visit, progress));
    }
    let origin = &form.visit.origin;
    let is_allowed = app.flows.allow_request(pending, &browser, origin).await?;
    Ok(if is_allowed {
        to_page("/signin", Some(&token))
    } else {
        after(&app, &form.visit, Progress::Answered)
    })
}

/// Goes on with the account that is signed in, or with another one.
#[utoipa::path(
    post,
    path = "/signin/account",
    tag = "Sign-in pages",
    request_body(content = AccountForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To what comes next"), PageAnswers)
)]
pub(crate) async fn choose_account(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let pending = pending.ok_or(Code::InvalidToken)?;
    let token = pending.token.expose().to_owned();
    if form.value("choice") == "other" {
        let path = format!("/signin?other=1&request={token}");
        return Ok(see_other(&path));
    }
    app.flows.choose_account(pending).await?;
    Ok(to_page("/signin", Some(&token)))
}

/// Asks whether a client may have what it asks for.
pub(super) fn consent_page(
    visit: &Visit,
    secret: &SecretText,
    pending: &Pending,
    browser: &BrowserSession,
) -> FormPage {
    let words = visit.words();
    let request = &pending.request;
    let (title, lead) = match &request.reply {
        Reply::Redirect(_) => (words.consent, words.consent_lead),
        Reply::Device(_) => (words.device_consent, words.device_consent_lead),
    };
    let logo = pending.client.sign_in.by_redirect.logo_uri.clone();
    let mut content = picture(logo.as_ref())
        .raw("<p class=\"lead\"><strong>")
        .text(client_name(pending))
        .raw("</strong>")
        .text(lead)
        .raw("</p>\n<ul>\n");
    for scope in &request.scope {
        content = content
            .raw("<li>")
            .text(scope_text(scope, words))
            .raw("</li>\n");
    }
    content = content.raw("</ul>\n");
    content = circumstances(content, words, pending);
    content = note(
        content,
        words.signed_in_as,
        browser.account().email.as_str(),
    );
    let content = content
        .raw("<form method=\"post\" action=\"/signin/consent\">\n")
        .add(&hidden_fields(secret, Some(pending)))
        .hidden("account", &browser.account().id.to_string())
        .raw("<button type=\"submit\" name=\"decision\" value=\"allow\">")
        .text(words.allow)
        .raw(
            "</button>\n<button class=\"second\" type=\"submit\" name=\"decision\" value=\"deny\">",
        )
        .text(words.deny)
        .raw("</button>\n</form>\n");
    FormPage {
        logo,
        ..FormPage::new(title, content, Some(pending))
    }
}

/// Adds who asks, for which services, and what comes afterwards.
fn circumstances(mut content: Markup, words: &Words, pending: &Pending) -> Markup {
    let (request, client) = (&pending.request, &pending.client);
    if client.known_by == KnownBy::MetadataDocument {
        content = note(content, words.consent_unregistered, client.id.as_str());
    }
    let services: Vec<_> = request.audience.iter().map(Audience::as_str).collect();
    content = note(content, words.consent_services, &services.join(", "));
    match &request.reply {
        Reply::Redirect(reply) => {
            let back = reply.redirect_uri.policy_source();
            note(content, words.consent_back, &back)
        }
        Reply::Device(reply) => {
            let code = reply.user_code.to_string();
            note(content, words.device_warning, &code)
        }
    }
}

/// Asks with which account the person goes on.
pub(super) fn account_page(
    visit: &Visit,
    secret: &SecretText,
    pending: &Pending,
    browser: &BrowserSession,
) -> FormPage {
    let words = visit.words();
    let content = lead(visit, Some(pending))
        .raw("<form method=\"post\" action=\"/signin/account\">\n")
        .add(&hidden_fields(secret, Some(pending)))
        .raw("<button type=\"submit\" name=\"choice\" value=\"continue\">")
        .text(words.continue_as)
        .text(browser.account().email.as_str())
        .raw("</button>\n<button class=\"second\" type=\"submit\" name=\"choice\" value=\"other\">")
        .text(words.other_account)
        .raw("</button>\n</form>\n");
    FormPage::new(words.choose_account, content, Some(pending))
}

/// The picture of a client. Its name stands beside it, so it needs no text of its own.
fn picture(logo: Option<&LogoUri>) -> Markup {
    match logo {
        None => Markup::new(),
        Some(logo) => Markup::new()
            .raw("<img class=\"logo\" width=\"64\" height=\"64\" alt=\"\" src=\"")
            .text(logo.as_str())
            .raw("\">\n"),
    }
}

/// Adds a label and a value.
pub(super) fn note(content: Markup, label: &str, value: &str) -> Markup {
    content
        .raw("<p class=\"quiet\">")
        .text(label)
        .text(value)
        .raw("</p>\n")
}

/// What a scope means to a person; its name, if only services know.
pub(super) fn scope_text<'a>(scope: &'a Scope, words: &'a Words) -> &'a str {
    match scope.as_str() {
        "openid" => words.scope_openid,
        "profile" => words.scope_profile,
        "email" => words.scope_email,
        "offline_access" => words.scope_offline_access,
        other => other,
    }
}
