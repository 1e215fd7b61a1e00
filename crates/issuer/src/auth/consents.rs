//! `GET /auth/consents` and `DELETE /auth/consents/{client_id}`: what the caller has allowed clients.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use signet_core::names::ClientId;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;

use crate::app::App;
use crate::error::ApiResult;
use crate::extract::PathValue;
use crate::openapi::shapes;
use crate::views::ConsentList;

/// Lists what the caller has allowed clients.
///
/// Answers 200 with the consents that have not expired, by the id of the client. Clients of the
/// operator ask for no consent, so they are not in the list.
#[utoipa::path(
    get,
    path = "/auth/consents",
    tag = "Accounts",
    security(("bearer" = [])),
    responses((status = 200, description = "The consents", body = ConsentList))
)]
pub(crate) async fn list_consents(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<ConsentList>> {
    let consents = app.flows.own_consents(bearer).await?;
    Ok(Json(consents.into()))
}

/// Withdraws what the caller has allowed a client.
///
/// Answers 204. The sessions of the client end, and it must ask again. The error is `not_found` if
/// the caller has allowed this client nothing.
#[utoipa::path(
    delete,
    path = "/auth/consents/{client_id}",
    tag = "Accounts",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Withdrawn"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn withdraw_consent(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    PathValue(client_id): PathValue<ClientId>,
) -> ApiResult<StatusCode> {
    let withdrawn = app.flows.withdraw_own_consent(bearer, &client_id, &origin);
    withdrawn.await?;
    Ok(StatusCode::NO_CONTENT)
}
