//! The forms of pages as the document shows them. Nothing is read into these types.

use utoipa::ToSchema;

/// The parameters of an authorization request, as in the query.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct AuthorizeForm {
    client_id: String,
    redirect_uri: String,
    /// `code`
    response_type: String,
    /// RFC 7636 section 4.2
    code_challenge: String,
    /// `S256`
    code_challenge_method: String,
}

/// A sign-in with a password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct PasswordForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    email: String,
    password: String,
    /// What the script of the page has solved.
    #[schema(nullable = false)]
    proof_of_work: Option<String>,
}

/// A sign-in with a passkey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct PasskeyForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    /// The id of the challenge of `/auth/login/passkey/options`.
    challenge_id: String,
    /// The credential in JSON.
    credential: String,
}

/// A second factor.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct FactorForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    /// A code of the authenticator app, or a recovery code.
    code: String,
}

/// The beginning of an enrolment.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct EnrolForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
}

/// A new passkey of a person who is signing in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct EnrolPasskeyForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    /// The id of the challenge of the page.
    challenge_id: String,
    /// The credential in JSON.
    credential: String,
}

/// A new account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct RegisterForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    email: String,
    /// Required, unless registration is answered by mail.
    #[schema(nullable = false)]
    password: Option<String>,
    #[schema(nullable = false)]
    name: Option<String>,
    /// What the script of the page has solved.
    #[schema(nullable = false)]
    proof_of_work: Option<String>,
}

/// The address of an account whose password was forgotten.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct ForgotForm {
    /// The value of the form cookie.
    form: String,
    /// The request of a client that waits.
    #[schema(nullable = false)]
    request: Option<String>,
    email: String,
}

/// What a person allows a client.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct ConsentForm {
    /// The value of the form cookie.
    form: String,
    /// The request of the client.
    request: String,
    /// The account that the page showed.
    account: String,
    /// `allow` or `deny`
    decision: String,
}

/// The code of a device.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct DeviceForm {
    /// The value of the form cookie.
    form: String,
    /// The code that the device shows.
    user_code: String,
}

/// With which account a person goes on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct AccountForm {
    /// The value of the form cookie.
    form: String,
    /// The request of the client.
    request: String,
    /// `continue` or `other`
    choice: String,
}

/// Signing out.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct LogoutForm {
    /// The value of the form cookie.
    form: String,
    #[schema(nullable = false)]
    client_id: Option<String>,
    #[schema(nullable = false)]
    post_logout_redirect_uri: Option<String>,
    #[schema(nullable = false)]
    state: Option<String>,
}
