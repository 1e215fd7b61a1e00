//! `GET /auth/export`: everything that is stored about the caller.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use signet_core::account::AccountClaims;
use signet_core::ids::SessionId;
use signet_flows::bearer::SessionBearer;
use signet_flows::own_account::OwnData;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::ApiResult;
use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;
use crate::views::{AccountView, AuthenticatorsView, ConsentList, SessionList};

/// Everything that is stored about an account. Secrets are not shown, only that they exist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    account: AccountView,
    /// When the owner of the address showed that it is theirs.
    #[schema(required = true)]
    email_verified_at: Option<Rfc3339>,
    /// What administrators say of the account, for services.
    #[schema(value_type = shapes::AccountClaims)]
    claims: AccountClaims,
    authenticators: AuthenticatorsView,
    #[serde(flatten)]
    sessions: SessionList,
    #[serde(flatten)]
    consents: ConsentList,
}

impl Export {
    fn of(data: OwnData, current: SessionId) -> Self {
        let account = data.account;
        Self {
            email_verified_at: account.email_verified_at.map(Rfc3339),
            claims: account.claims.clone(),
            account: account.into(),
            authenticators: data.authenticators.into(),
            sessions: SessionList::of(data.sessions, Some(current)),
            consents: data.consents.into(),
        }
    }
}

/// Shows everything that is stored about the caller.
///
/// 200 with the account, what it signs in with, its sessions and its consents.
#[utoipa::path(
    get,
    path = "/auth/export",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "Everything that is stored", body = Export))
)]
pub(crate) async fn export(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<Export>> {
    let data = app.flows.own_data(bearer).await?;
    Ok(Json(Export::of(data, bearer.session_id())))
}
