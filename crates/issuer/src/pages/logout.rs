//! `/oauth/logout`: signing out at this server, for people and for clients that send them here
//! (OpenID Connect RP-Initiated Logout 1.0).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use signet_core::secret::SecretText;
use signet_flows::authorize::ReturnAddress;
use signet_flows::browser::BrowserSession;

use super::answer::{PageAnswers, see_other, with_cookie};
use super::cookies::PageCookie;
use super::described::LogoutForm;
use super::error_page::bad_request;
use super::form_page::{FormPage, show_form};
use super::frame::Page;
use super::markup::Markup;
use super::page_form::{PageForm, Visit, hidden_fields};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::Form;

/// Asks whether to sign out.
///
/// A client sends browsers here with `client_id` or `id_token_hint`, `post_logout_redirect_uri` and
/// `state`. If the `id_token_hint` is of the person who is signed in, nothing is asked.
#[utoipa::path(
    get,
    path = "/oauth/logout",
    tag = "Sign-in pages",
    params(
        ("client_id" = Option<String>, Query, description = "The client"),
        ("id_token_hint" = Option<String>, Query, description = "An ID token of the client; it may have expired"),
        ("post_logout_redirect_uri" = Option<String>, Query, description = "Where the browser goes afterwards: one of the client's"),
        ("state" = Option<String>, Query, description = "Returned to the client"),
        ("ui_locales" = Option<String>, Query, description = "Languages of the page, the preferred one first"),
    ),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 303, description = "Signed out: to the client or to a page"),
        PageAnswers
    )
)]
pub(crate) async fn logout_page(
    State(app): State<App>,
    mut visit: Visit,
    RawQuery(query): RawQuery,
) -> ApiResult<Response> {
    let Ok(form) = Form::read(query.unwrap_or_default().as_bytes()) else {
        return Ok(bad_request(&app, &visit));
    };
    visit.speak_one_of(form.get("ui_locales"));
    let mut wanted = Wanted::of(&form);
    let hint = form
        .get("id_token_hint")
        .and_then(|hint| app.flows.read_id_token(hint));
    let hinted = hint.as_ref().map(|hint| hint.client_id.as_str());
    let to = match wanted.address(&app, hinted).await? {
        Ok(to) => to,
        Err(BadAddress) => return Ok(bad_request(&app, &visit)),
    };
    if let Some(hinted) = hinted {
        hinted.clone_into(&mut wanted.client_id);
    }
    let browser = visit.browser(&app).await?;
    let Some(browser) = browser else {
        return Ok(signed_out(&app, to.as_ref()));
    };
    let is_own = hint.is_some_and(|hint| hint.account_id == browser.account().id);
    if is_own {
        app.flows.sign_out_browser(&browser, &visit.origin).await?;
        return Ok(signed_out(&app, to.as_ref()));
    }
    Ok(show_form(&app, &visit, |secret| {
        question(&visit, secret, &wanted, to)
    }))
}

/// Signs out at this browser.
///
/// Clients may send the parameters of `GET /oauth/logout` as a form: the browser repeats them with GET,
/// because it sends its cookie only then.
#[utoipa::path(
    post,
    path = "/oauth/logout",
    tag = "Sign-in pages",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Signed out: to the client or to a page"), PageAnswers)
)]
pub(crate) async fn sign_out(
    State(app): State<App>,
    visit: Visit,
    form: Form,
) -> ApiResult<Response> {
    if !form.has("form") {
        return Ok(repeated(&form));
    }
    let form = PageForm::of(&app, visit, form)?;
    let wanted = Wanted {
        client_id: form.value("client_id").to_owned(),
        uri: form.value("post_logout_redirect_uri").to_owned(),
        state: form.value("state").to_owned(),
    };
    let Ok(to) = wanted.address(&app, None).await? else {
        return Ok(bad_request(&app, &form.visit));
    };
    if let Some(browser) = form.visit.browser(&app).await? {
        let origin = &form.visit.origin;
        app.flows.sign_out_browser(&browser, origin).await?;
    }
    Ok(signed_out(&app, to.as_ref()))
}

/// Sends the browser to the question with the parameters that a client has sent as a form.
fn repeated(form: &Form) -> Response {
    let sent = PARAMETERS
        .iter()
        .filter_map(|&name| Some((name, form.get(name)?)));
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(sent);
    see_other(&format!("/oauth/logout?{}", query.finish()))
}

/// Says that the person is signed out.
#[utoipa::path(
    get,
    path = "/signin/signed-out",
    tag = "Sign-in pages",
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn signed_out_page(State(app): State<App>, visit: Visit) -> Response {
    let words = visit.words();
    Page::saying(visit.language(), words.signed_out, words.signed_out_lead).render(&app)
}

/// Says who is signed in, where no client waits.
pub(super) fn signed_in_page(
    visit: &Visit,
    secret: &SecretText,
    browser: &BrowserSession,
) -> FormPage {
    let words = visit.words();
    let content = Markup::new()
        .raw("<p class=\"lead\">")
        .text(words.signed_in_as)
        .text(browser.account().email.as_str())
        .raw("</p>\n<p><a href=\"/account\">")
        .text(words.your_account)
        .raw("</a></p>\n<form method=\"post\" action=\"/oauth/logout\">\n")
        .add(&hidden_fields(secret, None))
        .button(words.sign_out)
        .raw("</form>\n");
    FormPage::new(words.signed_in, content, None)
}

/// Where a client wants the browser to go afterwards.
struct Wanted {
    client_id: String,
    uri: String,
    state: String,
}

/// The address is not one of the client's.
struct BadAddress;

impl Wanted {
    fn of(form: &Form) -> Self {
        let value = |name| form.get(name).unwrap_or_default().to_owned();
        Self {
            client_id: value("client_id"),
            uri: value("post_logout_redirect_uri"),
            state: value("state"),
        }
    }

    /// Where the browser goes afterwards; `None` if the client names nothing. `hinted` is the client
    /// of the ID token; another `client_id` beside it is refused.
    async fn address(
        &self,
        app: &App,
        hinted: Option<&str>,
    ) -> ApiResult<Result<Option<ReturnAddress>, BadAddress>> {
        let own = Some(self.client_id.as_str()).filter(|id| !id.is_empty());
        if own.is_some() && hinted.is_some() && own != hinted {
            return Ok(Err(BadAddress));
        }
        if self.uri.is_empty() {
            return Ok(Ok(None));
        }
        let found = app.flows.address_after_logout(own.or(hinted), &self.uri);
        let state = Some(self.state.clone()).filter(|state| !state.is_empty());
        Ok(match found.await? {
            Some(uri) => Ok(Some(ReturnAddress { uri, state })),
            None => Err(BadAddress),
        })
    }
}

fn question(
    visit: &Visit,
    secret: &SecretText,
    wanted: &Wanted,
    to: Option<ReturnAddress>,
) -> FormPage {
    let words = visit.words();
    let mut fields = hidden_fields(secret, None);
    if to.is_some() {
        fields = fields
            .hidden("client_id", &wanted.client_id)
            .hidden("post_logout_redirect_uri", &wanted.uri)
            .hidden("state", &wanted.state);
    }
    let content = Markup::new()
        .paragraph("lead", words.sign_out_lead)
        .raw("<form method=\"post\" action=\"/oauth/logout\">\n")
        .add(&fields)
        .button(words.sign_out)
        .raw("</form>\n");
    FormPage {
        leads_to: to.map(|to| to.uri),
        ..FormPage::new(words.sign_out_question, content, None)
    }
}

fn signed_out(app: &App, to: Option<&ReturnAddress>) -> Response {
    let response = match to {
        None => see_other("/signin/signed-out"),
        Some(to) => {
            let state = to.state.iter().map(|state| ("state", state.as_str()));
            let state: Vec<_> = state.collect();
            if state.is_empty() {
                see_other(to.uri.as_str())
            } else {
                see_other(&to.uri.with_parameters(&state))
            }
        }
    };
    with_cookie(response, PageCookie::SignIn.clear(app))
}

/// OpenID Connect RP-Initiated Logout 1.0 section 2.
const PARAMETERS: [&str; 5] = [
    "id_token_hint",
    "client_id",
    "post_logout_redirect_uri",
    "state",
    "ui_locales",
];
