//! `/links/…`: plain pages for the links in mails, where the product has no pages of its own.
//!
//! A GET changes nothing, because mail scanners follow links; the form on the page does. The pages
//! load nothing and run nothing. This module must not know what a link does.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use signet_core::password::{Password, PasswordProblem, check_new_password};
use signet_core::secret::SecretText;
use signet_flows::authenticate::{InvitedPerson, RegisterError};
use signet_flows::links::LinkError;
use signet_flows::mail::Language;
use signet_flows::origin::RequestOrigin;
use url::form_urlencoded;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{ApiResult, Code};
use crate::extract::read_body;
use crate::openapi::shapes;

/// Shows the page of a link.
///
/// The page is in English or German, as `Accept-Language` says.
#[utoipa::path(
    get,
    path = "/links/{page}",
    tag = "Accounts",
    params(
        ("page" = String, Path, description = "`reset`, `verify`, `invite` or `email`"),
        ("token" = Option<String>, Query, description = "The token of the link"),
    ),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn show_link_page(
    Path(page): Path<String>,
    RawQuery(query): RawQuery,
    origin: RequestOrigin,
) -> ApiResult<Response> {
    let page = Page::named(&page).ok_or(Code::NotFound)?;
    let token = parameter(query.unwrap_or_default().as_bytes(), "token");
    let words = page.words(origin.language.unwrap_or_default());
    Ok(rendered(
        StatusCode::OK,
        &words,
        &form(page, &words, &token, None),
    ))
}

/// Does what a link is for.
#[utoipa::path(
    post,
    path = "/links/{page}",
    tag = "Accounts",
    params(("page" = String, Path, description = "`reset`, `verify`, `invite` or `email`")),
    request_body(content = LinkForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "Done", body = String, content_type = "text/html"),
        (status = 400, description = "The link is unknown, used or expired, or the password is refused", body = String, content_type = "text/html"),
        (status = 404, description = "not_found"),
        (status = 429, description = "rate_limited"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn use_link_page(
    State(app): State<App>,
    Path(page): Path<String>,
    origin: RequestOrigin,
    headers: HeaderMap,
    body: Body,
) -> ApiResult<Response> {
    let page = Page::named(&page).ok_or(Code::NotFound)?;
    let body = read_body(&headers, body).await?;
    let token = parameter(&body, "token");
    let words = page.words(origin.language.unwrap_or_default());
    match page.use_link(&app, &token, &body, &origin).await? {
        Outcome::Done => {
            let done = paragraph(words.done);
            let to = words.sign_in;
            let done = format!("{done}<p><a href=\"/signin/continue\">{to}</a></p>\n");
            Ok(rendered(StatusCode::OK, &words, &done))
        }
        Outcome::InvalidLink => {
            let invalid = paragraph(words.invalid);
            Ok(rendered(StatusCode::BAD_REQUEST, &words, &invalid))
        }
        Outcome::InvalidPassword => {
            let again = form(page, &words, &token, Some(words.refused));
            Ok(rendered(StatusCode::BAD_REQUEST, &words, &again))
        }
    }
}

/// What became of a form that was sent.
enum Outcome {
    Done,
    InvalidLink,
    InvalidPassword,
}

impl Page {
    /// Does what the link is for.
    async fn use_link(
        self,
        app: &App,
        token: &SecretText,
        body: &[u8],
        origin: &RequestOrigin,
    ) -> ApiResult<Outcome> {
        match self {
            Self::Verify => outcome(app.flows.verify_email(token, origin).await),
            Self::Email => outcome(app.flows.change_email(token, origin).await),
            Self::Reset => match new_password(body) {
                Err(_) => Ok(Outcome::InvalidPassword),
                Ok(password) => outcome(app.flows.reset_password(token, password, origin).await),
            },
            Self::Invite => match new_password(body) {
                Err(_) => Ok(Outcome::InvalidPassword),
                Ok(password) => accept(app, token, password, origin).await,
            },
        }
    }
}

fn outcome(done: Result<(), LinkError>) -> ApiResult<Outcome> {
    match done {
        Ok(()) => Ok(Outcome::Done),
        Err(LinkError::Invalid | LinkError::EmailTaken) => Ok(Outcome::InvalidLink),
        Err(LinkError::NewPassword(_)) => Ok(Outcome::InvalidPassword),
        Err(error) => Err(error.into()),
    }
}

/// Sets an account up. Its owner signs in later, where the product says.
async fn accept(
    app: &App,
    token: &SecretText,
    password: Password,
    origin: &RequestOrigin,
) -> ApiResult<Outcome> {
    let person = InvitedPerson {
        token,
        email: None,
        password,
        name: None,
        client: None,
    };
    match app.flows.accept_invitation(person, origin).await {
        Ok(_) => Ok(Outcome::Done),
        Err(RegisterError::InvalidInvitation | RegisterError::EmailTaken) => {
            Ok(Outcome::InvalidLink)
        }
        Err(RegisterError::NewPassword(_)) => Ok(Outcome::InvalidPassword),
        Err(error) => Err(error.into()),
    }
}

/// The form of a page, as the document shows it.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "it says which parameters exist; nothing is read into it"
)]
pub(crate) struct LinkForm {
    /// The token of the link.
    #[schema(value_type = shapes::LinkToken)]
    token: String,
    /// With `reset` and `invite`: the new password.
    #[schema(value_type = Option<shapes::NewPassword>, nullable = false)]
    new_password: Option<String>,
}

/// The pages that there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Reset,
    Verify,
    Invite,
    Email,
}

/// The words of a page.
struct Words {
    language: Language,
    title: &'static str,
    button: &'static str,
    done: &'static str,
    invalid: &'static str,
    password: &'static str,
    refused: &'static str,
    sign_in: &'static str,
}

impl Page {
    fn named(name: &str) -> Option<Self> {
        match name {
            "reset" => Some(Self::Reset),
            "verify" => Some(Self::Verify),
            "invite" => Some(Self::Invite),
            "email" => Some(Self::Email),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Verify => "verify",
            Self::Invite => "invite",
            Self::Email => "email",
        }
    }

    fn words(self, language: Language) -> Words {
        let (title, button, done) = match (self, language) {
            (Self::Reset, Language::English) => (
                "Set a new password",
                "Set password",
                "The new password is set. Sign in with it; every earlier session has ended.",
            ),
            (Self::Reset, Language::German) => (
                "Neues Passwort setzen",
                "Passwort setzen",
                "Das neue Passwort ist gesetzt. Melden Sie sich damit an; alle früheren Sitzungen sind beendet.",
            ),
            (Self::Verify | Self::Email, Language::English) => (
                "Confirm your address",
                "Confirm",
                "Your address is confirmed.",
            ),
            (Self::Verify | Self::Email, Language::German) => (
                "Adresse bestätigen",
                "Bestätigen",
                "Ihre Adresse ist bestätigt.",
            ),
            (Self::Invite, Language::English) => (
                "Set up your account",
                "Set up",
                "Your account is ready. Sign in with your address and the password.",
            ),
            (Self::Invite, Language::German) => (
                "Konto einrichten",
                "Einrichten",
                "Ihr Konto ist bereit. Melden Sie sich mit Ihrer Adresse und dem Passwort an.",
            ),
        };
        let (invalid, password, refused) = match language {
            Language::English => (
                "This link is unknown, used or expired. Ask for a new one.",
                "New password",
                "Choose another password: 8 to 256 characters, not a common one, and without the \
                 name in your address.",
            ),
            Language::German => (
                "Dieser Link ist unbekannt, benutzt oder abgelaufen. Fordern Sie einen neuen an.",
                "Neues Passwort",
                "Wählen Sie ein anderes Passwort: 8 bis 256 Zeichen, kein häufiges, und ohne den \
                 Namen in Ihrer Adresse.",
            ),
        };
        let sign_in = match language {
            Language::English => "Sign in",
            Language::German => "Anmelden",
        };
        Words {
            language,
            title,
            button,
            done,
            invalid,
            password,
            refused,
            sign_in,
        }
    }
}

fn new_password(body: &[u8]) -> Result<Password, PasswordProblem> {
    let password = Password::typed(&parameter(body, "new_password"))?;
    check_new_password(&password, None)?;
    Ok(password)
}

/// The first value of a parameter; empty if there is none.
fn parameter(text: &[u8], name: &str) -> SecretText {
    let mut parameters = form_urlencoded::parse(text);
    let found = parameters.find(|(known, _)| known == name);
    SecretText::new(found.map_or_else(String::new, |(_, value)| value.into_owned()))
}

fn form(page: Page, words: &Words, token: &SecretText, problem: Option<&str>) -> String {
    let problem = problem.map(paragraph).unwrap_or_default();
    let field = match page {
        Page::Verify | Page::Email => String::new(),
        Page::Reset | Page::Invite => format!(
            "<p><label>{} <input type=\"password\" name=\"new_password\" required \
             minlength=\"8\" autocomplete=\"new-password\"></label></p>\n",
            words.password
        ),
    };
    format!(
        "{problem}<form method=\"post\" action=\"/links/{}\">\n\
         <input type=\"hidden\" name=\"token\" value=\"{}\">\n{field}\
         <p><button>{}</button></p>\n</form>\n",
        page.name(),
        token_text(token),
        words.button
    )
}

/// A token as it is spelled; anything else is left out of the page.
fn token_text(token: &SecretText) -> Cow<'_, str> {
    let text = token.expose();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if text.bytes().all(is_token) {
        Cow::Borrowed(text)
    } else {
        Cow::Borrowed("")
    }
}

fn paragraph(text: &str) -> String {
    format!("<p role=\"status\">{text}</p>\n")
}

fn rendered(status: StatusCode, words: &Words, content: &str) -> Response {
    let title = words.title;
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n{content}</main>\n</body>\n</html>\n",
        words.language.tag()
    );
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        // The address of the page holds the token.
        (REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, page).into_response()
}

/// Nothing is loaded, nothing runs, and the form leads here.
const POLICY: &str =
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
