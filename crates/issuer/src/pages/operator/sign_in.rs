//! `/console/sign-in`: operators sign in with a password, and a code if the account has an
//! authenticator app. `/console/sign-out` ends the sign-in.

use axum::extract::State;
use axum::response::Response;
use signet_core::account::Email;
use signet_core::admin::AdminScope;
use signet_core::client::Client;
use signet_core::password::Password;
use signet_core::secret::SecretText;
use signet_core::session::SignInPlace;
use signet_flows::authenticate::{
    Authenticated, PasswordSignIn, PasswordSignInError, PendingSecondFactor, SecondFactorError,
    SignInError,
};
use signet_flows::operator::Operator;
use signet_flows::second_factor::FactorError;

use super::described::{OperatorForm, OperatorSignInForm};
use super::frame::{form, show_to};
use super::visitor::{SignedForm, Visitor, VisitorForm};
use crate::app::App;
use crate::error::ApiResult;
use crate::pages::answer::{PageAnswers, see_other, with_cookie};
use crate::pages::cookies::PageCookie;
use crate::pages::factor::given;
use crate::pages::markup::Field;

/// Asks an operator to sign in.
#[utoipa::path(
    get,
    path = "/console/sign-in",
    tag = "Operator page",
    responses(
        (status = 200, description = "A page with a form", body = String, content_type = "text/html"),
        PageAnswers
    )
)]
pub(crate) async fn operator_sign_in_page(State(app): State<App>, visitor: Visitor) -> Response {
    ask(&app, &visitor, ("", None))
}

/// Signs an operator in.
#[utoipa::path(
    post,
    path = "/console/sign-in",
    tag = "Operator page",
    request_body(content = OperatorSignInForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the overview"), PageAnswers)
)]
pub(crate) async fn operator_sign_in(
    State(app): State<App>,
    form: VisitorForm,
) -> ApiResult<Response> {
    let (visitor, typed) = (&form.sender, form.value("email"));
    let refuse = |problem| Ok(ask(&app, visitor, (typed, Some(problem))));
    let (Ok(email), Ok(password)) = (
        typed.parse::<Email>(),
        Password::typed(&form.secret("password")),
    ) else {
        return refuse(WRONG);
    };
    let own = Client::built_in(&app.settings.audience);
    let checked = app
        .flows
        .authenticate_password(&email, password, &own, &visitor.origin);
    let authenticated = match checked.await {
        Ok(PasswordSignIn::Done(authenticated)) => authenticated,
        Ok(PasswordSignIn::SecondFactor(waiting)) => match finish(&app, &form, &waiting).await? {
            Ok(authenticated) => authenticated,
            Err(problem) => return refuse(problem),
        },
        Ok(PasswordSignIn::Enrolment(_)) => return refuse(ENROL),
        Err(PasswordSignInError::Refused(SignInError::WrongCredentials)) => return refuse(WRONG),
        Err(error) => return Err(error.into()),
    };
    if AdminScope::of_roles(&authenticated.account().roles).is_empty() {
        return refuse("This account has no role that opens the operator page.");
    }
    begin(&app, visitor, authenticated).await
}

/// Signs an operator out.
#[utoipa::path(
    post,
    path = "/console/sign-out",
    tag = "Operator page",
    request_body(content = OperatorForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "To the sign-in"), PageAnswers)
)]
pub(crate) async fn operator_sign_out(
    State(app): State<App>,
    form: SignedForm,
) -> ApiResult<Response> {
    let (browser, origin) = (form.sender.operator.browser(), &form.sender.visitor.origin);
    app.flows.sign_out_browser(browser, origin).await?;
    let response = see_other("/console/sign-in");
    Ok(with_cookie(response, PageCookie::Operator.clear(&app)))
}

/// Finishes the sign-in with the code of the form, or says what is missing.
async fn finish(
    app: &App,
    form: &VisitorForm,
    waiting: &PendingSecondFactor,
) -> ApiResult<Result<Authenticated, &'static str>> {
    let Some(given) = given(form.value("code")) else {
        return Ok(Err(CODE_MISSING));
    };
    let token = SecretText::new(waiting.token.expose().to_owned());
    let origin = &form.sender.origin;
    match app
        .flows
        .authenticate_second_factor(&token, &given, origin)
        .await
    {
        Ok(finished) => Ok(Ok(finished.authenticated)),
        Err(SecondFactorError::Over | SecondFactorError::Factor(FactorError::Wrong)) => {
            Ok(Err("The code is wrong or was used before."))
        }
        Err(error) => Err(error.into()),
    }
}

async fn begin(app: &App, visitor: &Visitor, authenticated: Authenticated) -> ApiResult<Response> {
    let replaced = visitor.operator(app).await?;
    let replaced = replaced.as_ref().map(Operator::browser);
    let (place, origin) = (SignInPlace::OperatorPage, &visitor.origin);
    let begun = app
        .flows
        .begin_browser_session(place, authenticated, replaced, origin);
    let cookie = begun.await?;
    let cookie = PageCookie::Operator.set(app, cookie.text.expose(), None);
    Ok(with_cookie(see_other("/console"), cookie))
}

fn ask(app: &App, visitor: &Visitor, (email, problem): (&str, Option<&str>)) -> Response {
    show_to(app, visitor, ("Operator sign-in", problem), |secret| {
        form(secret, "/console/sign-in")
            .problem(problem)
            .field("Email address", &Field::sign_in_email(email))
            .field("Password", &Field::PASSWORD)
            .field("Code of your authenticator app, if you have one", &CODE)
            .button("Sign in")
            .raw("</form>\n")
    })
}

const CODE: Field<'_> = Field {
    name: "code",
    attributes: "autocomplete=\"one-time-code\" autocapitalize=\"off\" spellcheck=\"false\" \
                 maxlength=\"64\"",
    value: "",
};
const WRONG: &str = "The email address or the password is wrong.";
const CODE_MISSING: &str = "This account has a second factor. Type your password again, and a code \
                            of your authenticator app or a recovery code.";
const ENROL: &str = "This account needs a second factor and has none. Sign in to your product first \
                     and set one up.";
