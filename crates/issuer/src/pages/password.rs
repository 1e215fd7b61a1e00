//! `POST /signin/password`: signing in with a password, on a page.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::{DisplayName, Email, RegistrationMode};
use signet_core::client::Client;
use signet_core::password::Password;
use signet_core::proof_of_work::{WorkChallenge, WorkPurpose};
use signet_core::secret::SecretText;
use signet_core::session::SignInPlace;
use signet_flows::authenticate::{Authenticated, PasswordSignIn, PasswordSignInError, SignInError};
use signet_flows::authorize::Pending;
use signet_flows::origin::ShownWork;

use super::answer::{PageAnswers, to_page, with_cookie};
use super::cookies::{PageCookie, keep_sign_in};
use super::described::PasswordForm;
use super::form_page::{FormPage, show_form};
use super::markup::{Field, Markup};
use super::page_form::{PageForm, Visit, hidden_fields};
use super::passkey_form::with_passkey;
use super::work::work_field;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::device_cookie;

/// Signs in with a password.
#[utoipa::path(
    post,
    path = "/signin/password",
    tag = "Sign-in pages",
    request_body(content = PasswordForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To what comes next"), PageAnswers)
)]
pub(crate) async fn sign_in_by_password(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let (Ok(email), Ok(password)) = (
        form.value("email").parse::<Email>(),
        Password::typed(&form.secret("password")),
    ) else {
        return Ok(refuse_password(&app, &form, pending.as_ref()));
    };
    let client = client_of_pages(&app, pending.as_ref());
    let origin = &form.visit.origin;
    let signed_in = app
        .flows
        .authenticate_password(&email, password, &client, origin);
    match signed_in.await {
        Ok(signed_in) => after_password(&app, &form.visit, signed_in, pending.as_ref()).await,
        Err(PasswordSignInError::Refused(SignInError::WrongCredentials)) => {
            Ok(refuse_password(&app, &form, pending.as_ref()))
        }
        Err(PasswordSignInError::WorkRequired(required)) => {
            let problem = form.visit.words().work_required;
            Ok(refuse(
                &app,
                &form,
                pending.as_ref(),
                (problem, Some(&required.challenge)),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// The client that a browser sign-in is for. A browser sign-in is for every client, so it is the
/// built-in one, with the rules of the client that waits.
pub(super) fn client_of_pages(app: &App, pending: Option<&Pending>) -> Client {
    let own = Client::built_in(&app.settings.audience);
    match pending {
        None => own,
        Some(pending) => own.changed(|own| own.sign_in = pending.client.sign_in.clone()),
    }
}

/// Goes on after a right password: with the request, or with the second factor.
pub(super) async fn after_password(
    app: &App,
    visit: &Visit,
    signed_in: PasswordSignIn,
    pending: Option<&Pending>,
) -> ApiResult<Response> {
    let (path, token, expires_in) = match signed_in {
        PasswordSignIn::Done(authenticated) => {
            return keep(app, visit, authenticated, pending).await;
        }
        PasswordSignIn::SecondFactor(waiting) => {
            ("/signin/factor", waiting.token, waiting.expires_in)
        }
        PasswordSignIn::Enrolment(waiting) => ("/signin/enrol", waiting.token, waiting.expires_in),
    };
    let request = pending.map(|pending| pending.token.expose());
    let cookie = PageCookie::Factor.set(app, token.expose(), Some(expires_in));
    Ok(with_cookie(to_page(path, request), cookie))
}

/// What was typed before, and what was wrong with it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Typed<'a> {
    pub(super) email: &'a str,
    pub(super) problem: Option<&'a str>,
    /// The work that the form asks for.
    pub(super) work: Option<&'a WorkChallenge>,
}

/// Keeps a sign-in at the browser and goes on with its request.
pub(super) async fn keep(
    app: &App,
    visit: &Visit,
    authenticated: Authenticated,
    pending: Option<&Pending>,
) -> ApiResult<Response> {
    let request = pending.map(|pending| pending.token.expose());
    let response = to_page(next_path(pending), request);
    keep_with(app, visit, authenticated, response).await
}

/// Keeps a sign-in at the browser, with the cookies of an answer.
pub(super) async fn keep_with(
    app: &App,
    visit: &Visit,
    authenticated: Authenticated,
    response: Response,
) -> ApiResult<Response> {
    let replaced = visit.browser(app).await?;
    let account_id = authenticated.account().id;
    let device = app.flows.device_token(account_id, &visit.origin);
    let (place, replaced) = (SignInPlace::Pages, replaced.as_ref());
    let begun = app
        .flows
        .begin_browser_session(place, authenticated, replaced, &visit.origin);
    let cookie = begun.await?;
    let response = with_cookie(response, keep_sign_in(app, &cookie));
    Ok(match device_cookie(&device, app) {
        Some(cookie) => with_cookie(response, cookie),
        None => response,
    })
}

/// Where a person goes on after signing in. Without a client that waits, the person has come to see
/// the account.
pub(super) fn next_path(pending: Option<&Pending>) -> &'static str {
    match pending {
        None => "/account",
        Some(_) => "/signin",
    }
}

/// The page with the form.
pub(super) fn password_page(
    app: &App,
    visit: &Visit,
    secret: &SecretText,
    (pending, typed): (Option<&Pending>, Typed<'_>),
) -> FormPage {
    let words = visit.words();
    let email = Field::sign_in_email(typed.email);
    let content = lead(visit, pending)
        .problem(typed.problem)
        .raw("<form method=\"post\" action=\"/signin/password\">\n")
        .add(&hidden_fields(secret, pending))
        .field(words.email, &email)
        .field(words.password, &Field::PASSWORD)
        .add(&work_field(typed.work, words))
        .button(words.sign_in)
        .raw("</form>\n");
    let content = match app.settings.registration {
        RegistrationMode::Open | RegistrationMode::Mail => {
            link(content, "/signin/register", words.register, pending)
        }
        RegistrationMode::Invite | RegistrationMode::Closed => content,
    };
    let content = if app.flows.sends_mail() {
        link(content, "/signin/forgot", words.forgot_question, pending)
    } else {
        content
    };
    let page = FormPage {
        scripts: typed.work.is_some(),
        ..FormPage::new(words.sign_in, content, pending)
    };
    with_passkey(app, visit, secret, (page, pending))
}

/// A link to another page of the same request.
pub(super) fn link(
    content: Markup,
    path: &'static str,
    text: &str,
    pending: Option<&Pending>,
) -> Markup {
    let content = content.raw("<p><a href=\"").raw(path);
    let content = match pending {
        None => content,
        Some(pending) => content.raw("?request=").text(pending.token.expose()),
    };
    content.raw("\">").text(text).raw("</a></p>\n")
}

/// Says to which client the person goes on.
pub(super) fn lead(visit: &Visit, pending: Option<&Pending>) -> Markup {
    let Some(pending) = pending else {
        return Markup::new();
    };
    Markup::new()
        .raw("<p class=\"lead\">")
        .text(visit.words().to_continue)
        .raw("<strong>")
        .text(client_name(pending))
        .raw("</strong></p>\n")
}

/// The name of the client for people.
pub(super) fn client_name(pending: &Pending) -> &str {
    let client = &pending.client;
    let name = client.name.as_ref().map(DisplayName::as_str);
    name.unwrap_or(client.id.as_str())
}

/// Shows the form again after a wrong password. If the form had work to do, it has new work, so that
/// the next attempt is not refused because the work is missing.
fn refuse_password(app: &App, form: &PageForm, pending: Option<&Pending>) -> Response {
    let origin = &form.visit.origin;
    let work = match origin.proof_of_work {
        ShownWork::Shown(_) => app.flows.offer_work(WorkPurpose::SignIn, origin),
        ShownWork::Missing | ShownWork::Captcha(_) | ShownWork::Exempt => None,
    };
    let problem = form.visit.words().wrong_credentials;
    refuse(app, form, pending, (problem, work.as_ref()))
}

fn refuse(
    app: &App,
    form: &PageForm,
    pending: Option<&Pending>,
    (problem, work): (&str, Option<&WorkChallenge>),
) -> Response {
    let typed = Typed {
        email: form.value("email"),
        problem: Some(problem),
        work,
    };
    show_form(app, &form.visit, |secret| {
        password_page(app, &form.visit, secret, (pending, typed)).refused()
    })
}
