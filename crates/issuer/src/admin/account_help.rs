//! `/admin/accounts/{id}/…`: helping people who cannot sign in.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::AccountId;
use signet_flows::accounts::{ResetDelivery, StartedReset};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, Fields, FromFields, Invalid, JsonBody, PathValue, PathValues};
use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// `{deliver?}`
#[derive(Clone, Copy, Debug, ToSchema)]
pub(crate) struct AccountResetRequest {
    /// `mail`, the default, or `link`.
    #[schema(value_type = Option<String>)]
    deliver: ResetDelivery,
}

impl FromFields for AccountResetRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let deliver = fields.optional("deliver", |text| match text {
            "mail" => Ok(ResetDelivery::Mail),
            "link" => Ok(ResetDelivery::Link),
            _ => Err(Invalid::new("invalid", "must be \"mail\" or \"link\"")),
        });
        Some(Self {
            deliver: deliver?.unwrap_or(ResetDelivery::Mail),
        })
    }
}

/// A link to set a new password.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountReset {
    /// The link, if it was not mailed. It is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    url: Option<String>,
    expires_at: Rfc3339,
}

impl From<StartedReset> for AccountReset {
    fn from(started: StartedReset) -> Self {
        Self {
            url: started.url.map(|url| url.expose().to_owned()),
            expires_at: Rfc3339(started.until),
        }
    }
}

/// Makes a link by which the owner of an account sets a new password.
///
/// Mails it to the address of the account, or shows it once if `deliver` is `link`. The link
/// works once, for an hour. The password and the sessions stay until it is used. `conflict` if the
/// account is not active, or if the link should be mailed and mail is not configured.
#[utoipa::path(
    post,
    path = "/admin/accounts/{account_id}/password-reset",
    tag = "Accounts",
    operation_id = "reset_account",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    request_body = AccountResetRequest,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The link", body = AccountReset),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn reset_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
    body: Option<JsonBody<AccountResetRequest>>,
) -> ApiResult<Json<AccountReset>> {
    let deliver = body.map_or(ResetDelivery::Mail, |JsonBody(request)| request.deliver);
    let started = app.flows.start_reset(id, deliver, admin.caller()).await?;
    Ok(Json(started.into()))
}

/// Removes every authenticator of a kind and ends the sessions of the account.
///
/// For people who lost a phone, for example. `not_found` if the account has no such authenticator,
/// `last_authenticator` if it could not sign in without it.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{account_id}/authenticators/{kind}",
    tag = "Accounts",
    params(
        ("account_id" = shapes::AccountId, Path, description = "Which account"),
        (
            "kind" = String, Path,
            description = "`password`, `totp`, `recovery_codes` or `passkeys`"
        ),
    ),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "not_found"),
        (status = 409, description = "last_authenticator"),
    )
)]
pub(crate) async fn remove_authenticators(
    State(app): State<App>,
    admin: AdminRequest,
    PathValues(id, kind): PathValues<AccountId, AuthenticatorKind>,
) -> ApiResult<StatusCode> {
    app.flows
        .remove_authenticators(id, kind, admin.caller())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes the budgets for wrong passwords of an account whole again.
///
/// For owners who cannot sign in while their account is under attack. The budgets of known devices
/// are whole again too. The shortest budget, of a minute, comes back by itself.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{account_id}/lockout",
    tag = "Accounts",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Whole again"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn lift_lockout(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<StatusCode> {
    app.flows.lift_lockout(id, admin.caller()).await?;
    Ok(StatusCode::NO_CONTENT)
}
