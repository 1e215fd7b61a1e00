//! The forms of the account's pages as the document shows them. Nothing is read into these types.

use utoipa::ToSchema;

/// A form without a field of its own.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct OwnAccountForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
}

/// Another name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct NameForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// Empty for no name.
    name: String,
}

/// Another address.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct EmailForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    email: String,
}

/// Another password.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct NewPasswordForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    new_password: String,
}

/// A code of an authenticator app.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct CodeForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    code: String,
}

/// A new passkey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct NewPasskeyForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// The id of the challenge that the page holds.
    challenge_id: String,
    /// The credential in JSON.
    credential: String,
    #[schema(nullable = false)]
    name: Option<String>,
}

/// Another name of a passkey.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct NamePasskeyForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// The id of the passkey.
    passkey: String,
    /// Empty for no name.
    name: String,
}

/// A passkey that goes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct RemovePasskeyForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// The id of the passkey.
    passkey: String,
}

/// A session that ends.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct EndSessionForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// The id of the session.
    session: String,
}

/// A consent that is withdrawn.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct WithdrawForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    client_id: String,
}

/// The deletion of the account.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct DeleteForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// `yes`
    sure: String,
}

/// A proof: one of `password`, `code`, and `challenge_id` with `credential`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it says which parameters exist")]
pub(crate) struct ProofForm {
    /// The value of the form cookie.
    form: String,
    /// The account that the page showed.
    account: String,
    /// The page that asked.
    to: String,
    #[schema(nullable = false)]
    password: Option<String>,
    /// A code of the authenticator app, or a recovery code.
    #[schema(nullable = false)]
    code: Option<String>,
    /// The id of the challenge that the page holds.
    #[schema(nullable = false)]
    challenge_id: Option<String>,
    /// The credential in JSON.
    #[schema(nullable = false)]
    credential: Option<String>,
}
