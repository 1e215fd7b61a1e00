//! `/signin/register`: registering an account, on a page. If registration is answered by mail, the
//! page asks for the address alone.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::{DisplayName, Email, RegistrationMode};
use signet_core::client::Client;
use signet_core::password::{Password, check_new_password};
use signet_core::proof_of_work::{WorkChallenge, WorkPurpose};
use signet_core::secret::SecretText;
use signet_flows::authenticate::{NewAccount, RegisterError};
use signet_flows::authorize::Pending;

use super::answer::PageAnswers;
use super::described::RegisterForm;
use super::error_page::forbidden;
use super::forgot::mailed;
use super::form_page::{FormPage, show_form};
use super::markup::{Field, Markup};
use super::page_form::{PageForm, Visit, hidden_fields};
use super::password::{after_password, client_of_pages, lead, link};
use super::words::Words;
use super::work::work_field;
use crate::app::App;
use crate::error::ApiResult;

/// Asks for what a new account needs.
#[utoipa::path(
    get,
    path = "/signin/register",
    tag = "Sign-in pages",
    params(("request" = Option<String>, Query, description = "The request of a client that waits here")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn register_page(State(app): State<App>, mut visit: Visit) -> ApiResult<Response> {
    let pending = visit.pending(&app).await?;
    let by_mail = match app.settings.registration {
        RegistrationMode::Open => false,
        RegistrationMode::Mail => true,
        RegistrationMode::Invite | RegistrationMode::Closed => return Ok(closed(&app, &visit)),
    };
    let hint = pending
        .as_ref()
        .and_then(|pending| pending.request.login_hint.as_deref());
    let work = app
        .flows
        .offer_work(WorkPurpose::Registration, &visit.origin);
    let typed = Typed {
        email: hint.unwrap_or_default(),
        name: "",
        by_mail,
        problem: None,
        work: work.as_ref(),
    };
    Ok(show_form(&app, &visit, |secret| {
        form_page(&visit, secret, pending.as_ref(), typed)
    }))
}

/// Registers an account and signs in.
#[utoipa::path(
    post,
    path = "/signin/register",
    tag = "Sign-in pages",
    request_body(content = RegisterForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A page that says that a mail was sent", body = String, content_type = "text/html"),
        (status = 303, description = "To what comes next"),
        PageAnswers
    )
)]
pub(crate) async fn register_on_page(
    State(app): State<App>,
    mut form: PageForm,
) -> ApiResult<Response> {
    let pending = form.pending(&app).await?;
    let client = &client_of_pages(&app, pending.as_ref());
    if app.settings.registration == RegistrationMode::Mail {
        return register_by_mail(&app, &form, (client, pending.as_ref())).await;
    }
    let words = form.visit.words();
    let new = match new_account(&form, client, words) {
        Ok(new) => new,
        Err(problem) => return Ok(refuse(&app, &form, pending.as_ref(), problem)),
    };
    match app.flows.register(new, &form.visit.origin).await {
        Ok(signed_in) => after_password(&app, &form.visit, signed_in, pending.as_ref()).await,
        Err(RegisterError::EmailTaken) => {
            Ok(refuse(&app, &form, pending.as_ref(), words.email_taken))
        }
        Err(RegisterError::NewPassword(_)) => {
            Ok(refuse(&app, &form, pending.as_ref(), words.bad_password))
        }
        Err(RegisterError::RoleRequired) => {
            Ok(refuse(&app, &form, pending.as_ref(), words.role_required))
        }
        Err(RegisterError::WorkRequired(_)) => {
            Ok(refuse(&app, &form, pending.as_ref(), words.work_required))
        }
        Err(RegisterError::Closed) => Ok(closed(&app, &form.visit)),
        Err(error) => Err(error.into()),
    }
}

/// Has a mail say how to go on, and shows the same page for every address.
async fn register_by_mail(
    app: &App,
    form: &PageForm,
    (client, pending): (&Client, Option<&Pending>),
) -> ApiResult<Response> {
    let words = form.visit.words();
    let Ok(email) = form.value("email").parse::<Email>() else {
        return Ok(refuse(app, form, pending, words.bad_email));
    };
    let origin = &form.visit.origin;
    match app.flows.request_registration(client, &email, origin).await {
        Ok(()) => Ok(mailed(app, &form.visit, pending)),
        Err(RegisterError::RoleRequired) => Ok(refuse(app, form, pending, words.role_required)),
        Err(RegisterError::WorkRequired(_)) => Ok(refuse(app, form, pending, words.work_required)),
        Err(error) => Err(error.into()),
    }
}

/// What was typed before, and what was wrong with it.
#[derive(Clone, Copy)]
struct Typed<'a> {
    email: &'a str,
    name: &'a str,
    /// Whether the page asks for the address alone.
    by_mail: bool,
    problem: Option<&'a str>,
    /// The work that the form asks for.
    work: Option<&'a WorkChallenge>,
}

/// The account that a form describes, or what is wrong with it.
fn new_account<'a>(
    form: &PageForm,
    client: &'a Client,
    words: &Words,
) -> Result<NewAccount<'a>, &'static str> {
    let email = form.value("email").parse::<Email>();
    let email = email.map_err(|_| words.bad_email)?;
    let password = Password::typed(&form.secret("password"));
    let password = password.map_err(|_| words.bad_password)?;
    check_new_password(&password, Some(&email)).map_err(|_| words.bad_password)?;
    let name = Some(form.value("name").trim()).filter(|name| !name.is_empty());
    let name = name.map(str::parse::<DisplayName>).transpose();
    Ok(NewAccount {
        client,
        email,
        password,
        name: name.map_err(|_| words.bad_name)?,
    })
}

fn form_page(
    visit: &Visit,
    secret: &SecretText,
    pending: Option<&Pending>,
    typed: Typed<'_>,
) -> FormPage {
    let words = visit.words();
    let name = Field {
        name: "name",
        attributes: "autocomplete=\"name\" maxlength=\"100\"",
        value: typed.name,
    };
    let email = Field::sign_in_email(typed.email);
    let password = Field {
        name: "password",
        attributes: "type=\"password\" autocomplete=\"new-password\" minlength=\"8\" required",
        value: "",
    };
    let content = lead(visit, pending)
        .problem(typed.problem)
        .raw("<form method=\"post\" action=\"/signin/register\">\n")
        .add(&hidden_fields(secret, pending))
        .add(&if typed.by_mail {
            Markup::new().field(words.email, &email)
        } else {
            Markup::new()
                .field(words.name, &name)
                .field(words.email, &email)
                .field(words.new_password, &password)
        })
        .add(&work_field(typed.work, words))
        .button(words.register)
        .raw("</form>\n");
    let content = link(content, "/signin", words.have_account, pending);
    FormPage {
        scripts: typed.work.is_some(),
        ..FormPage::new(words.register, content, pending)
    }
}

fn refuse(
    app: &App,
    form: &PageForm,
    pending: Option<&Pending>,
    problem: &'static str,
) -> Response {
    let origin = &form.visit.origin;
    let work = app.flows.offer_work(WorkPurpose::Registration, origin);
    let typed = Typed {
        email: form.value("email"),
        name: form.value("name"),
        by_mail: app.settings.registration == RegistrationMode::Mail,
        problem: Some(problem),
        work: work.as_ref(),
    };
    show_form(app, &form.visit, |secret| {
        form_page(&form.visit, secret, pending, typed).refused()
    })
}

fn closed(app: &App, visit: &Visit) -> Response {
    forbidden(app, visit, visit.words().error_closed)
}
