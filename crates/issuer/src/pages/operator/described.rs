//! The forms of the operator page as the document shows them. Nothing is read into these types.

use utoipa::ToSchema;

/// A sign-in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorSignInForm {
    /// The value of the form cookie.
    form: String,
    email: String,
    password: String,
    /// A code of the authenticator app, or a recovery code; empty without a second factor.
    code: String,
}

/// A form without a field of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorForm {
    /// The value of the form cookie.
    form: String,
}

/// A proof.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorProofForm {
    /// The value of the form cookie.
    form: String,
    /// The page that asked for the proof.
    to: String,
    /// For accounts without a second factor.
    #[schema(nullable = false)]
    password: Option<String>,
    /// A code of the authenticator app, or a recovery code.
    #[schema(nullable = false)]
    code: Option<String>,
}

/// A change of an account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorAccountForm {
    /// The value of the form cookie.
    form: String,
    account: String,
    /// `disable`, `enable`, `end-sessions` or `lift-lockout`
    action: String,
}

/// A session to be ended.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorSessionForm {
    /// The value of the form cookie.
    form: String,
    account: String,
    session: String,
}

/// A change of a client.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OperatorClientForm {
    /// The value of the form cookie.
    form: String,
    client: String,
    /// `disable` or `enable`
    action: String,
}
