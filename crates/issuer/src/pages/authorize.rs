//! `/oauth/authorize`: where clients send browsers (RFC 6749 section 4.1.1, OpenID Connect Core 1.0
//! section 3.1.2.1).

use std::collections::HashSet;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use signet_core::authorization::AuthorizationRequest;
use signet_flows::authorize::{Progress, ReturnAddress, UnknownClient};

use super::answer::{PageAnswers, refusal_name, see_other, to_page, with_code, with_error};
use super::described::AuthorizeForm;
use super::error_page::{answered, bad_request, refused};
use super::page_form::Visit;
use crate::app::App;
use crate::error::{ApiResult, ProtocolError};
use crate::extract::{Form, PUSHED_PREFIX, REPEATED, read_body};

/// Begins a sign-in by redirect.
///
/// Sends the browser to the redirect URI with a code or an error, or to a page first. If the client
/// or the redirect URI is not known, the answer is a page.
#[utoipa::path(
    get,
    path = "/oauth/authorize",
    tag = "Sign-in pages",
    params(
        ("client_id" = String, Query, description = "The client"),
        ("redirect_uri" = String, Query, description = "One of the client's redirect URIs"),
        ("response_type" = String, Query, description = "`code`"),
        ("code_challenge" = String, Query, description = "RFC 7636 section 4.2"),
        ("code_challenge_method" = String, Query, description = "`S256`"),
        ("scope" = Option<String>, Query, description = "Scopes, separated by spaces"),
        ("state" = Option<String>, Query, description = "Returned with the answer"),
        ("nonce" = Option<String>, Query, description = "Repeated in the ID token"),
        ("prompt" = Option<String>, Query, description = "`none`, or some of `login`, `consent` and `select_account`"),
        ("max_age" = Option<u64>, Query, description = "The longest time since the sign-in, in seconds"),
        ("login_hint" = Option<String>, Query, description = "The address that the form shows"),
        ("id_token_hint" = Option<String>, Query, description = "An ID token of the client: the person must be its subject"),
        ("ui_locales" = Option<String>, Query, description = "Languages of the pages, the preferred one first"),
        ("resource" = Option<Vec<String>>, Query, description = "The services that the tokens are for, each as an absolute URI; RFC 8707"),
        ("audience" = Option<Vec<String>>, Query, description = "The services that the tokens are for, by name"),
        ("request_uri" = Option<String>, Query, description = "A request that was pushed to `/oauth/par`; besides it only `client_id` counts"),
    ),
    responses((status = 303, description = "To the client, or to a page"), PageAnswers)
)]
pub(crate) async fn authorize(
    State(app): State<App>,
    mut visit: Visit,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let read = Form::read_repeated(query.unwrap_or_default().as_bytes());
    let Some((form, repeated)) = read.ok().filter(|(_, repeated)| names_one_client(repeated))
    else {
        return Ok(refused(&app, &visit, visit.words().error_parameters));
    };
    visit.speak_one_of(form.get("ui_locales"));
    let uri = form.get("request_uri").unwrap_or_default();
    if let Some(token) = uri.strip_prefix(PUSHED_PREFIX) {
        let client_id = form.get("client_id").unwrap_or_default();
        return authorize_pushed(&app, &visit, client_id, token).await;
    }
    let known = app
        .flows
        .client_of_request(form.get("client_id"), form.get("redirect_uri"));
    let (client, uri) = match known.await {
        Ok(known) => known,
        Err(UnknownClient::Store(error)) => return Err(error.into()),
        Err(unknown) => {
            let words = visit.words();
            let text = match unknown {
                UnknownClient::Client => words.error_client.to_owned(),
                UnknownClient::Document(error) => {
                    format!("{}{}.", words.error_document, error.told())
                }
                _ => words.error_redirect.to_owned(),
            };
            return Ok(refused(&app, &visit, &text));
        }
    };
    let state = form.get("state").filter(|_| !repeated.contains("state"));
    let to = ReturnAddress {
        uri: uri.clone(),
        state: AuthorizationRequest::readable_state(state).map(str::to_owned),
    };
    if !repeated.is_empty() {
        let name = ProtocolError::InvalidRequest.name();
        return Ok(with_error(&app, &to, (name, REPEATED)));
    }
    let targets = form.targets();
    let hint = form.get("id_token_hint");
    let hint = hint.map(|token| app.flows.subject_hint(&client.id, token));
    let sent = form.authorization(&targets, hint);
    let now = app.flows.clock.now();
    match AuthorizationRequest::read(&client, uri, &sent, now) {
        Err(problem) => {
            let (name, description) = (ProtocolError::from(problem).name(), problem.to_string());
            Ok(with_error(&app, &to, (name, &description)))
        }
        Ok(request) => {
            let browser = visit.browser(&app).await?;
            let progress = app.flows.begin_request(request, client, browser.as_ref());
            Ok(after(&app, &visit, progress.await?))
        }
    }
}

/// Whether a request says once which client sent the browser, and where the answer goes. A repeated
/// parameter of another name is told to that client (RFC 6749 section 4.1.2.1).
fn names_one_client(repeated: &HashSet<String>) -> bool {
    let mut names = ["client_id", "redirect_uri", "request_uri"].into_iter();
    !names.any(|name| repeated.contains(name))
}

/// Begins a sign-in by redirect whose request the client has pushed. Other parameters are ignored
/// (RFC 9126 section 4).
async fn authorize_pushed(
    app: &App,
    visit: &Visit,
    client_id: &str,
    token: &str,
) -> ApiResult<Response> {
    let browser = visit.browser(app).await?;
    let pushed = (client_id, token);
    let begun = app.flows.begin_pushed_request(pushed, browser.as_ref());
    Ok(match begun.await? {
        Some(progress) => after(app, visit, progress),
        None => bad_request(app, visit),
    })
}

/// Begins a sign-in by redirect, for clients that send a form.
///
/// The browser repeats the request with GET, because it sends its cookie only then.
#[utoipa::path(
    post,
    path = "/oauth/authorize",
    tag = "Sign-in pages",
    request_body(content = AuthorizeForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "The same request with GET"), PageAnswers)
)]
pub(crate) async fn post_authorize(headers: HeaderMap, body: Body) -> ApiResult<Response> {
    let body = read_body(&headers, body).await?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(url::form_urlencoded::parse(&body));
    let path = format!("/oauth/authorize?{}", query.finish());
    Ok(see_other(&path))
}

/// Carries out what comes next for a request.
pub(super) fn after(app: &App, visit: &Visit, progress: Progress) -> Response {
    match progress {
        Progress::Waiting(_, pending) => to_page("/signin", Some(pending.token.expose())),
        Progress::Issued(to, code) => with_code(app, &to, &code),
        Progress::Refused(to, refusal) => {
            let description = refusal.to_string();
            with_error(app, &to, (refusal_name(refusal), &description))
        }
        Progress::DeviceConnected => see_other("/device/connected"),
        Progress::DeviceRefused => see_other("/device/refused"),
        Progress::Answered => answered(app, visit.language()),
        Progress::Gone => bad_request(app, visit),
    }
}
