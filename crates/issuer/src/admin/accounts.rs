//! `/admin/accounts`: lists, shows, disables and enables accounts.

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use signet_core::account::{Account, AccountClaims, AccountStatus, Email};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_store::AccountFilter;
use utoipa::ToSchema;

use super::page::{Page, PageLimit, parameter};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, PathValue};
use crate::openapi::shapes;
use crate::views::{AccountView, AuthenticatorsView};

/// One page of accounts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountList {
    accounts: Vec<AccountForOperators>,
    /// The value of `after` for the next page; null on the last page.
    #[schema(value_type = Option<shapes::AccountId>, required = true)]
    next: Option<AccountId>,
}

/// An account as operators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountForOperators {
    #[serde(flatten)]
    account: AccountView,
    #[schema(value_type = shapes::AccountStatus)]
    status: &'static str,
    /// What services read in access tokens of clients that ask for it.
    #[schema(value_type = shapes::AccountClaims)]
    claims: AccountClaims,
    /// Whether the account must have a second factor.
    #[schema(value_type = shapes::MfaPolicy)]
    mfa_policy: &'static str,
}

impl From<Account> for AccountForOperators {
    fn from(account: Account) -> Self {
        Self {
            status: account.standing.status.as_str(),
            claims: account.claims.clone(),
            mfa_policy: account.mfa.as_str(),
            account: account.into(),
        }
    }
}

/// An account as operators see it, and what it signs in with.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccountWithAuthenticators {
    #[serde(flatten)]
    account: AccountForOperators,
    authenticators: AuthenticatorsView,
}

/// Lists accounts in the order of their ids, all or those that match every filter.
#[utoipa::path(
    get,
    path = "/admin/accounts",
    tag = "Accounts",
    params(
        (
            "after" = Option<shapes::AccountId>, Query, nullable = false,
            description = "The last id of the page before"
        ),
        ("limit" = inline(Option<PageLimit>), Query, nullable = false, description = "The most rows of the page"),
        (
            "email" = Option<shapes::Email>, Query, nullable = false,
            description = "Only the account with this email address"
        ),
        (
            "role" = Option<shapes::Role>, Query, nullable = false,
            description = "Only accounts with this role"
        ),
        (
            "status" = Option<shapes::AccountStatus>, Query, nullable = false,
            description = "Only accounts with this status"
        ),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "One page of accounts", body = AccountList),
        (status = 400, description = "validation_failed"),
    )
)]
pub(crate) async fn list_accounts(
    State(app): State<App>,
    admin: AdminRequest,
    page: Page<AccountId>,
    RawQuery(query): RawQuery,
) -> ApiResult<Json<AccountList>> {
    let query = query.unwrap_or_default();
    let filter = AccountFilter {
        email: parameter(&query, "email", |text| text.parse::<Email>().ok())?,
        role: parameter(&query, "role", |text| text.parse::<Role>().ok())?,
        status: parameter(&query, "status", |text| text.parse::<AccountStatus>().ok())?,
    };
    let (after, limit) = (page.after, page.limit);
    let found = app
        .flows
        .list_accounts(&filter, after, limit, admin.caller())
        .await?;
    Ok(Json(AccountList {
        next: page.next(&found, |account| account.id),
        accounts: found.into_iter().map(AccountForOperators::from).collect(),
    }))
}

/// Shows an account.
#[utoipa::path(
    get,
    path = "/admin/accounts/{account_id}",
    tag = "Accounts",
    params(("account_id" = shapes::AccountId, Path, description = "The account")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The account", body = AccountWithAuthenticators),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn show_account(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<AccountId>,
) -> ApiResult<Json<AccountWithAuthenticators>> {
    let account = app.flows.read_account(id, admin.caller()).await?;
    let authenticators = app.flows.find_authenticators(id).await?;
    Ok(Json(AccountWithAuthenticators {
        account: account.into(),
        authenticators: authenticators.into(),
    }))
}
