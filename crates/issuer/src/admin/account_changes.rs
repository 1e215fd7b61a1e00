//! `/admin/accounts`: adding, changing and deleting accounts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::ids::AccountId;
use signet_flows::accounts::AddedAccount;
use utoipa::ToSchema;

use super::account_requests::{AccountChangeFields, AccountChangeRequest, NewAccountRequest};
use super::accounts::AccountForOperators;
use super::invitations::InvitationView;
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, JsonBody, PathValue};
use crate::openapi::shapes;

/// The account that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedAccountView {
    #[serde(flatten)]
    account: AccountForOperators,
    /// The invitation of its owner, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    invitation: Option<InvitationView>,
}

impl From<AddedAccount> for AddedAccountView {
    fn from(added: AddedAccount) -> Self {
        Self {
            account: added.account.into(),
            invitation: added.invited.map(InvitationView::from),
        }
    }
}

/// Adds an account.
///
/// An account without a password is `invited`: sign-in is impossible until its owner accepts an
/// invitation.
#[utoipa::path(
    post,
    path = "/admin/accounts",
    tag = "Accounts",
    request_body = NewAccountRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "The account", body = AddedAccountView),
        (status = 409, description = "email_taken"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn add_account(
    State(app): State<App>,
    admin: AdminRequest,
    JsonBody(request): JsonBody<NewAccountRequest>,
) -> ApiResult<(StatusCode, Json<AddedAccountView>)> {
    let added = app
        .flows
        .add_account(request.into(), admin.caller())
        .await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Changes an account.
///
/// Fields that are left out stay as they are. A role that is added reaches access tokens at the
/// next refresh. When a role is removed, the access tokens of the account are denied. A new status
/// ends every session.
#[utoipa::path(
    patch,
    path = "/admin/accounts/{account_id}",
    tag = "Accounts",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    request_body = AccountChangeFields,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account", body = AccountForOperators),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn change_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
    JsonBody(AccountChangeRequest(change)): JsonBody<AccountChangeRequest>,
) -> ApiResult<Json<AccountForOperators>> {
    let account = app
        .flows
        .update_account(id, &change, admin.caller())
        .await?;
    Ok(Json(account.into()))
}

/// Deletes an account and ends its sessions.
#[utoipa::path(
    delete,
    path = "/admin/accounts/{account_id}",
    tag = "Accounts",
    operation_id = "remove_account",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn remove_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<StatusCode> {
    app.flows.remove_account(id, admin.caller()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Disables an account and ends its sessions.
#[utoipa::path(
    post,
    path = "/admin/accounts/{account_id}/disable",
    tag = "Accounts",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account", body = AccountForOperators),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn disable_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<Json<AccountForOperators>> {
    let account = app.flows.disable_account(id, admin.caller()).await?;
    Ok(Json(account.into()))
}

/// Enables an account again.
#[utoipa::path(
    post,
    path = "/admin/accounts/{account_id}/enable",
    tag = "Accounts",
    params(("account_id" = shapes::AccountId, Path, description = "Which account")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account", body = AccountForOperators),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn enable_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<Json<AccountForOperators>> {
    let account = app.flows.enable_account(id, admin.caller()).await?;
    Ok(Json(account.into()))
}
