//! `/device`: where a person types the code that a device shows (RFC 8628 section 3.3).

use axum::extract::{Path, State};
use axum::response::Response;
use signet_core::secret::SecretText;
use signet_flows::authorize::UserCodeError;

use super::answer::{PageAnswers, see_other, to_page};
use super::described::DeviceForm;
use super::form_page::{FormPage, show_form};
use super::frame::Page;
use super::markup::{Field, Markup};
use super::page_form::{PageForm, Visit, hidden_fields};
use crate::app::App;
use crate::error::ApiResult;

/// Asks for the code that a device shows.
///
/// A code in the query only fills in the form: the person compares it with the device.
#[utoipa::path(
    get,
    path = "/device",
    tag = "Sign-in pages",
    params(("user_code" = Option<String>, Query, description = "The code that the device shows")),
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn ask_code(State(app): State<App>, visit: Visit) -> Response {
    let code = visit.user_code.as_deref().unwrap_or_default();
    show_form(&app, &visit, |secret| {
        code_page(&visit, secret, (code, None))
    })
}

/// Takes the code that a device shows, and goes on with its request.
#[utoipa::path(
    post,
    path = "/device",
    tag = "Sign-in pages",
    request_body(content = DeviceForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To what comes next"), PageAnswers)
)]
pub(crate) async fn take_code(State(app): State<App>, form: PageForm) -> ApiResult<Response> {
    let (code, visit) = (form.value("user_code"), &form.visit);
    let browser_secret = form.secret("form");
    let entered = app
        .flows
        .enter_user_code(code, &browser_secret, &visit.origin);
    match entered.await {
        Ok(pending) => Ok(to_page("/signin", Some(pending.token.expose()))),
        Err(UserCodeError::Unknown) => Ok(show_form(&app, visit, |secret| {
            let problem = Some(visit.words().device_wrong);
            code_page(visit, secret, (code, problem)).refused()
        })),
        Err(UserCodeError::TooMany(error)) => Err(error.into()),
        Err(UserCodeError::Store(error)) => Err(error.into()),
    }
}

/// Says whether the device gets tokens.
#[utoipa::path(
    get,
    path = "/device/{outcome}",
    tag = "Sign-in pages",
    params(("outcome" = String, Path, description = "`connected` or `refused`")),
    responses(
        (status = 200, description = "A page", body = String, content_type = "text/html"),
        (status = 303, description = "To the form, for another outcome"),
        PageAnswers
    )
)]
pub(crate) async fn device_outcome(
    State(app): State<App>,
    visit: Visit,
    Path(outcome): Path<String>,
) -> Response {
    let words = visit.words();
    let title = match outcome.as_str() {
        "connected" => words.device_connected,
        "refused" => words.device_refused,
        _ => return see_other("/device"),
    };
    Page::saying(visit.language(), title, words.device_done_lead).render(&app)
}

fn code_page(
    visit: &Visit,
    secret: &SecretText,
    (code, problem): (&str, Option<&str>),
) -> FormPage {
    let words = visit.words();
    let field = Field {
        name: "user_code",
        attributes: "type=\"text\" autocomplete=\"off\" autocapitalize=\"characters\" \
                     spellcheck=\"false\" maxlength=\"64\" required",
        value: code,
    };
    let content = Markup::new()
        .paragraph("lead", words.device_lead)
        .problem(problem)
        .raw("<form method=\"post\" action=\"/device\">\n")
        .add(&hidden_fields(secret, None))
        .field(words.code, &field)
        .button(words.confirm)
        .raw("</form>\n");
    FormPage::new(words.device, content, None)
}
