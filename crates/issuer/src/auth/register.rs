//! `POST /auth/register`: registers an account and signs in, or mails how to go on.

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use signet_core::account::{DisplayName, Email, RegistrationMode};
use signet_core::password::{Password, check_new_password};
use signet_core::secret::SecretText;
use signet_flows::authenticate::{InvitedPerson, NewAccount, PasswordSignIn};
use signet_flows::origin::ShownWork;
use utoipa::ToSchema;

use super::fields::{SignInChoice, WorkFields, shown_work, typed};
use super::sign_in::SignInRequest;
use super::token_response::TokenResponse;
use crate::app::App;
use crate::error::{ApiError, ApiResult, FieldError};
use crate::extract::{Fields, FromFields, JsonBody, secret};
use crate::openapi::shapes;

/// `{email, password?, name?, invitation?, proof_of_work?, captcha?, token_delivery?, client_id?}`
#[derive(Debug)]
pub(crate) struct RegisterRequest {
    entry: Entry,
    /// Missing in requests that are answered by mail.
    password: Option<Password>,
    name: Option<DisplayName>,
    work: ShownWork,
    choice: SignInChoice,
}

/// How the person gets in.
#[derive(Debug)]
enum Entry {
    /// With an address of their own choice.
    Open(Email),
    /// By an invitation, for this address if it was typed.
    Invited {
        token: SecretText,
        email: Option<Email>,
    },
}

/// A registration.
// What `RegisterRequest` is in the document.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands in for a type that knows nothing of the document"
)]
pub(crate) struct RegisterFields {
    /// Required without `invitation`. With it, the invited address, or left out.
    #[schema(value_type = Option<shapes::Email>)]
    email: (),
    /// Required, unless registration is answered by mail: then it is chosen behind the mailed link,
    /// and a password here is ignored.
    #[schema(value_type = Option<shapes::NewPassword>, nullable = false)]
    password: (),
    /// What the account pages and mails call the person.
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: (),
    /// The token of an invitation. The account has the roles of the invitation, and its address is
    /// verified.
    #[schema(value_type = Option<shapes::LinkToken>)]
    invitation: (),
    #[serde(flatten)]
    work: WorkFields,
    #[serde(flatten)]
    choice: SignInChoice,
}

/// A request that is not answered by mail, so it needs a password.
struct WithPassword(RegisterRequest);

impl FromRequest<App> for RegisterRequest {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        if app.settings.registration == RegistrationMode::Mail {
            let JsonBody(request) = JsonBody::<Self>::from_request(request, app).await?;
            return Ok(request);
        }
        let JsonBody(WithPassword(request)) = JsonBody::from_request(request, app).await?;
        Ok(request)
    }
}

impl FromFields for RegisterRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Self::read(fields, false)
    }
}

impl FromFields for WithPassword {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        RegisterRequest::read(fields, true).map(Self)
    }
}

impl RegisterRequest {
    fn read(fields: &mut Fields<'_>, needs_password: bool) -> Option<Self> {
        let entry = Entry::from_fields(fields);
        let is_invited = matches!(entry, Some(Entry::Invited { .. }));
        let password = if needs_password {
            fields.required("password", typed).map(Some)
        } else if is_invited {
            fields.optional("password", typed)
        } else {
            // It is chosen behind the mailed link.
            Some(None)
        };
        let email = entry.as_ref().and_then(Entry::email);
        let given = password.as_ref().and_then(Option::as_ref);
        if let Some(Err(problem)) = given.map(|given| check_new_password(given, email)) {
            fields.reject::<()>("password", problem.into());
        }
        let name = fields.optional("name", str::parse::<DisplayName>);
        let work = shown_work(fields);
        let choice = SignInChoice::from_fields(fields);
        Some(Self {
            entry: entry?,
            password: password?,
            name: name?,
            work: work?,
            choice: choice?,
        })
    }
}

impl Entry {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        match fields.optional("invitation", secret)? {
            None => fields
                .required("email", str::parse::<Email>)
                .map(Self::Open),
            Some(token) => Some(Self::Invited {
                token,
                email: fields.optional("email", str::parse::<Email>)?,
            }),
        }
    }

    fn email(&self) -> Option<&Email> {
        match self {
            Self::Open(email) => Some(email),
            Self::Invited { email, .. } => email.as_ref(),
        }
    }
}

/// Registers an account and signs in, or mails how to go on.
///
/// Answers 201 with a token response, or `email_taken`. If the first answer was 503, the same request
/// within 10 minutes signs in to the account that the first one made. An invitation can be accepted
/// again with the same password for 10 minutes. With `registration = "mail"` and no `invitation`, it answers 202 for
/// every address, after the same work. The mail has a link with an invitation, or says that the
/// address has an account. Without `invitation`, the error is `registration_closed` unless
/// registration is open or answered by mail. The error is `proof_of_work_required` if a proof of
/// work is configured; with an invitation none is needed. The error is `invalid_token` if the
/// invitation is unknown, used, expired or for another address.
#[utoipa::path(
    post,
    path = "/auth/register",
    tag = "Accounts",
    request_body = RegisterFields,
    responses(
        (
            status = 201,
            description = "Registered and signed in",
            body = TokenResponse<'_>,
            headers(("Set-Cookie" = String, description = "The refresh token, if it is delivered in the cookie"))
        ),
        (status = 202, description = "Accepted, whether the address has an account or not"),
        (status = 400, description = "invalid_token"),
        (status = 401, description = "invalid_credentials, mfa_required"),
        (
            status = 403,
            description = "csrf_rejected, registration_closed, role_required, proof_of_work_required"
        ),
        (status = 409, description = "email_taken"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn register(
    State(app): State<App>,
    sign_in: SignInRequest,
    request: RegisterRequest,
) -> ApiResult<Response> {
    let mut pending = sign_in.choose(&app, request.choice).await?;
    pending.answer.origin.proof_of_work = request.work;
    let (client, origin) = (&pending.client, &pending.answer.origin);
    let signed_in = match request.entry {
        Entry::Open(email) if app.settings.registration == RegistrationMode::Mail => {
            let requested = app.flows.request_registration(client, &email, origin);
            requested.await?;
            return Ok(StatusCode::ACCEPTED.into_response());
        }
        Entry::Open(email) => {
            let new = NewAccount {
                client,
                email,
                password: request.password.ok_or_else(password_required)?,
                name: request.name,
            };
            app.flows.register(new, origin).await?
        }
        Entry::Invited { token, email } => {
            let person = InvitedPerson {
                token: &token,
                email,
                password: request.password.ok_or_else(password_required)?,
                name: request.name,
                client: Some(client),
            };
            app.flows.accept_invitation(person, origin).await?
        }
    };
    match signed_in {
        PasswordSignIn::Done(authenticated) => {
            pending
                .begin(&app, authenticated, StatusCode::CREATED)
                .await
        }
        PasswordSignIn::SecondFactor(required) => Err(required.into()),
        PasswordSignIn::Enrolment(required) => Err(required.into()),
    }
}

fn password_required() -> ApiError {
    ApiError::validation(vec![FieldError {
        field: "password",
        code: "required",
        message: "is required".into(),
    }])
}
