//! `/admin/clients`: registers, shows, changes and deletes clients, as `signet client` does.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::client::ClientStatus;
use signet_core::names::ClientId;
use signet_flows::clients::{self, Rotate};
use signet_flows::origin::Caller;
use utoipa::ToSchema;

use super::new_client::NewClientRequest;
use super::page::{Page, PageLimit};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{AdminRequest, Fields, FromFields, Invalid, JsonBody, PathValue};
use crate::openapi::shapes;
use crate::views::{ClientView, Issued};

/// One page of clients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientList {
    clients: Vec<ClientView>,
    /// The value of `after` for the next page; null on the last page.
    #[schema(value_type = Option<shapes::ClientId>, required = true)]
    next: Option<ClientId>,
}

/// `{mode?, deny_tokens?}`
#[derive(Debug, ToSchema)]
pub(crate) struct RotateSecretRequest {
    /// Default `begin`, or `at_once` with `deny_tokens`.
    mode: Option<RotateMode>,
    /// Deny the access tokens that the client has. Only with the mode `at_once`. Default false.
    #[schema(value_type = Option<bool>)]
    deny_tokens: bool,
}

impl RotateSecretRequest {
    fn rotate(&self) -> Rotate {
        match self.mode {
            _ if self.deny_tokens => Rotate::AtOnceDenyingTokens,
            None | Some(RotateMode::Begin) => Rotate::Begin,
            Some(RotateMode::AtOnce) => Rotate::AtOnce,
            Some(RotateMode::Finish) => Rotate::Finish,
        }
    }
}

/// What happens to the older secrets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ToSchema)]
#[schema(rename_all = "snake_case")]
enum RotateMode {
    /// Create a new secret; the newest one until now stays valid.
    Begin,
    /// Create a new secret; all older ones become invalid.
    AtOnce,
    /// Create no secret; all but the newest become invalid.
    Finish,
}

impl FromFields for RotateSecretRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let mode = fields.optional("mode", |text| match text {
            "begin" => Ok(RotateMode::Begin),
            "at_once" => Ok(RotateMode::AtOnce),
            "finish" => Ok(RotateMode::Finish),
            _ => Err(Invalid::new("invalid", "must be begin, at_once or finish")),
        });
        let deny_tokens = fields.flag("deny_tokens");
        let (mode, deny_tokens) = (mode?, deny_tokens?.unwrap_or(false));
        if deny_tokens && !matches!(mode, None | Some(RotateMode::AtOnce)) {
            let invalid = Invalid::new("invalid", "needs the mode at_once");
            return fields.reject("deny_tokens", invalid);
        }
        Some(Self { mode, deny_tokens })
    }
}

/// Lists clients in the order of their ids.
#[utoipa::path(
    get,
    path = "/admin/clients",
    tag = "Clients",
    params(
        (
            "after" = Option<shapes::ClientId>, Query, nullable = false,
            description = "The last id of the page before"
        ),
        ("limit" = inline(Option<PageLimit>), Query, nullable = false, description = "The most rows of the page"),
    ),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "One page of clients", body = ClientList),
        (status = 400, description = "validation_failed"),
    )
)]
pub(crate) async fn list_clients(
    State(app): State<App>,
    _: AdminRequest,
    page: Page<ClientId>,
) -> ApiResult<Json<ClientList>> {
    let found = app
        .flows
        .stores
        .clients
        .list(page.after.as_ref(), page.limit);
    let found = found.await?;
    Ok(Json(ClientList {
        clients: found.iter().map(ClientView::from).collect(),
        next: page.next(&found, |client| client.id.clone()),
    }))
}

/// Registers a client.
///
/// If the client has a secret, only this response shows it.
#[utoipa::path(
    post,
    path = "/admin/clients",
    tag = "Clients",
    request_body = NewClientRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Registered", body = Issued),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn add_client(
    State(app): State<App>,
    admin: AdminRequest,
    JsonBody(request): JsonBody<NewClientRequest>,
) -> ApiResult<(StatusCode, Json<Issued>)> {
    let (clock, ttl) = (app.flows.clock.as_ref(), app.settings.access_token_ttl);
    let (stores, caller) = (&app.flows.stores, admin.caller());
    let issued = clients::register(stores, request.into(), ttl, clock, caller).await?;
    let issued = Issued::from(issued);
    Ok((StatusCode::CREATED, Json(issued)))
}

/// Shows a client.
#[utoipa::path(
    get,
    path = "/admin/clients/{client_id}",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The client", body = ClientView),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn show_client(
    State(app): State<App>,
    _: AdminRequest,
    PathValue(id): PathValue<ClientId>,
) -> ApiResult<Json<ClientView>> {
    let client = clients::find(&app.flows.stores, &id).await?;
    Ok(Json(ClientView::from(&client)))
}

/// Creates another secret for a client, or ends the rotation.
#[utoipa::path(
    post,
    path = "/admin/clients/{client_id}/rotate-secret",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    request_body = RotateSecretRequest,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The client and its new secret", body = Issued),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn rotate_client_secret(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<ClientId>,
    JsonBody(request): JsonBody<RotateSecretRequest>,
) -> ApiResult<Json<Issued>> {
    let (stores, caller) = (&app.flows.stores, admin.caller());
    let (clock, rotate) = (app.flows.clock.as_ref(), request.rotate());
    let issued = clients::rotate_secret(stores, &id, rotate, clock, caller).await?;
    Ok(Json(issued.into()))
}

/// Disables a client and denies its access tokens.
#[utoipa::path(
    post,
    path = "/admin/clients/{client_id}/disable",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The client", body = ClientView),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn disable_client(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<ClientId>,
) -> ApiResult<Json<ClientView>> {
    switch(&app, &id, ClientStatus::Disabled, admin.caller()).await
}

/// Enables a client again.
#[utoipa::path(
    post,
    path = "/admin/clients/{client_id}/enable",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The client", body = ClientView),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn enable_client(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<ClientId>,
) -> ApiResult<Json<ClientView>> {
    switch(&app, &id, ClientStatus::Active, admin.caller()).await
}

/// Deletes a client and denies its access tokens.
#[utoipa::path(
    delete,
    path = "/admin/clients/{client_id}",
    tag = "Clients",
    params(("client_id" = shapes::ClientId, Path, description = "The client")),
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn delete_client(
    State(app): State<App>,
    admin: AdminRequest,
    PathValue(id): PathValue<ClientId>,
) -> ApiResult<StatusCode> {
    let (stores, caller) = (&app.flows.stores, admin.caller());
    clients::delete(stores, &id, app.flows.clock.as_ref(), caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn switch(
    app: &App,
    id: &ClientId,
    status: ClientStatus,
    caller: Caller<'_>,
) -> ApiResult<Json<ClientView>> {
    let (stores, clock) = (&app.flows.stores, app.flows.clock.as_ref());
    let client = clients::set_status(stores, id, status, clock, caller).await?;
    Ok(Json(ClientView::from(&client)))
}
