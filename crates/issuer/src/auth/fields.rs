//! The fields that several requests have in common.

use std::str::FromStr;

use signet_core::captcha::CaptchaAnswer;
use signet_core::names::ClientId;
use signet_core::password::{Password, PasswordProblem};
use signet_core::second_factor::{RecoveryCode, TotpCode};
use signet_core::secret::SecretText;
use signet_flows::origin::ShownWork;
use signet_flows::second_factor::GivenFactor;
use utoipa::ToSchema;

use crate::extract::{Fields, Invalid};
use crate::openapi::shapes;

/// A password that is to be checked, as typed.
pub(super) fn typed_password(fields: &mut Fields<'_>, name: &'static str) -> Option<Password> {
    fields.required(name, typed)
}

/// A password as typed.
pub(super) fn typed(text: &str) -> Result<Password, PasswordProblem> {
    Password::typed(&SecretText::new(text.to_owned()))
}

/// A second factor: `code` or `recovery_code`, not both. The outer `None` says that something was
/// wrong.
#[expect(
    clippy::option_option,
    reason = "as for every optional field: wrong, left out, or there"
)]
pub(super) fn factor(fields: &mut Fields<'_>) -> Option<Option<GivenFactor>> {
    let code = fields.optional("code", str::parse::<TotpCode>);
    let recovery_code = fields.optional("recovery_code", RecoveryCode::read);
    match (code?, recovery_code?) {
        (Some(_), Some(_)) => {
            let both = Invalid::new("conflict", "cannot be combined with code");
            fields.reject("recovery_code", both)
        }
        (Some(code), None) => Some(Some(GivenFactor::Totp(code))),
        (None, Some(code)) => Some(Some(GivenFactor::RecoveryCode(code))),
        (None, None) => Some(None),
    }
}

/// What a request shows where work is required: `proof_of_work` or `captcha`, not both.
pub(super) fn shown_work(fields: &mut Fields<'_>) -> Option<ShownWork> {
    let solution = fields.optional("proof_of_work", |text| Ok::<_, Invalid>(text.to_owned()));
    let captcha = fields.optional("captcha", str::parse::<CaptchaAnswer>);
    match (solution?, captcha?) {
        (Some(_), Some(_)) => {
            let both = Invalid::new("conflict", "cannot be combined with proof_of_work");
            fields.reject("captcha", both)
        }
        (solution, None) => Some(ShownWork::in_field(solution)),
        (None, Some(answer)) => Some(ShownWork::Captcha(answer)),
    }
}

/// What is sent where work is required.
// What `ShownWork` is in the document.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands in for a type that knows nothing of the document"
)]
pub(super) struct WorkFields {
    /// The solution that `proof_of_work_required` asks for.
    #[schema(nullable = false)]
    proof_of_work: Option<String>,
    #[schema(value_type = Option<shapes::CaptchaAnswer>, nullable = false)]
    captcha: Option<CaptchaAnswer>,
}

/// How the refresh token is delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
pub(super) enum TokenDelivery {
    /// In a cookie that scripts cannot read; the default.
    Cookie,
    /// In the body, for clients that are not browsers.
    Body,
}

impl TokenDelivery {
    /// Takes `token_delivery`.
    pub(super) fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let delivery = fields.optional("token_delivery", str::parse)?;
        Some(delivery.unwrap_or(Self::Cookie))
    }
}

impl FromStr for TokenDelivery {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "cookie" => Ok(Self::Cookie),
            "body" => Ok(Self::Body),
            _ => Err(Invalid::new("invalid", "must be \"cookie\" or \"body\"")),
        }
    }
}

/// The optional fields of every sign-in request.
#[derive(Clone, Debug, ToSchema)]
pub(super) struct SignInChoice {
    /// How the refresh token is delivered; default `cookie`.
    #[schema(rename = "token_delivery", value_type = Option<TokenDelivery>)]
    pub(super) delivery: TokenDelivery,
    /// The client that the session is bound to; default the server's own client.
    #[schema(value_type = Option<shapes::ClientId>)]
    pub(super) client_id: ClientId,
}

impl SignInChoice {
    /// Takes `token_delivery` and `client_id`.
    pub(super) fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let delivery = TokenDelivery::from_fields(fields);
        let client_id = fields.optional("client_id", str::parse::<ClientId>);
        Some(Self {
            delivery: delivery?,
            client_id: client_id?.unwrap_or_else(ClientId::built_in),
        })
    }
}
