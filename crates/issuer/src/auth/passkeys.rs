//! `/auth/passkeys`: registers, lists, renames and removes the caller's passkeys.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::account::DisplayName;
use signet_core::secret::SecretText;
use signet_core::webauthn::{AttestationResponse, PasskeyId};
use signet_flows::accounts::NameChange;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use signet_flows::passkeys::PasskeyToAdd;
use utoipa::ToSchema;

use super::proof::{ProofFields, ProofRequest};
use crate::app::App;
use crate::error::ApiResult;
use crate::extract::{Fields, FromFields, Invalid, JsonBody, PathValue, name_change, secret};
use crate::openapi::shapes;
use crate::passkey_options::PasskeyCreationView;
use crate::views::PasskeyView;

/// `{passkeys: [passkey]}`
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PasskeyList {
    passkeys: Vec<PasskeyView>,
}

/// `{challenge_id, credential, name?}`
#[derive(Debug, ToSchema)]
pub(crate) struct AddPasskeyRequest {
    /// The id of the challenge.
    #[schema(value_type = String)]
    challenge_id: SecretText,
    #[schema(value_type = shapes::RegistrationCredential)]
    credential: AttestationResponse,
    #[schema(value_type = Option<shapes::DisplayName>)]
    name: Option<DisplayName>,
}

impl FromFields for AddPasskeyRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let challenge_id = fields.required("challenge_id", secret);
        let name = fields.optional("name", str::parse::<DisplayName>);
        let credential = fields.json("credential", AttestationResponse::read)?;
        let credential = credential
            .or_else(|| fields.reject("credential", Invalid::new("required", "is required")));
        Some(Self {
            challenge_id: challenge_id?,
            credential: credential?,
            name: name?,
        })
    }
}

impl From<AddPasskeyRequest> for PasskeyToAdd {
    fn from(request: AddPasskeyRequest) -> Self {
        let AddPasskeyRequest {
            challenge_id,
            credential,
            name,
        } = request;
        Self {
            challenge_id,
            credential,
            name,
        }
    }
}

/// `{name}`
#[derive(Debug, ToSchema)]
pub(crate) struct RenamePasskeyRequest {
    /// Null removes the name.
    #[schema(value_type = Option<shapes::DisplayName>, required = true)]
    name: Option<DisplayName>,
}

impl FromFields for RenamePasskeyRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        match name_change(fields)? {
            NameChange::Set(name) => Some(Self { name: Some(name) }),
            NameChange::Remove => Some(Self { name: None }),
            NameChange::Keep => fields.reject("name", Invalid::new("required", "is required")),
        }
    }
}

/// Lists the caller's passkeys.
///
/// Answers 200 with the passkeys, the oldest first.
#[utoipa::path(
    get,
    path = "/auth/passkeys",
    tag = "Second factors",
    security(("bearer" = [])),
    responses((status = 200, description = "The passkeys", body = PasskeyList))
)]
pub(crate) async fn list_passkeys(
    State(app): State<App>,
    bearer: SessionBearer,
) -> ApiResult<Json<PasskeyList>> {
    let passkeys = app.flows.own_passkeys(bearer).await?.into_iter();
    let passkeys = passkeys.map(PasskeyView::from).collect();
    Ok(Json(PasskeyList { passkeys }))
}

/// Asks for a new passkey.
///
/// Answers 200 with a challenge and the options for `navigator.credentials.create()`. The error is
/// `conflict` if the account has 10 passkeys.
#[utoipa::path(
    post,
    path = "/auth/passkeys/options",
    tag = "Second factors",
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The request for a passkey", body = PasskeyCreationView),
        (status = 401, description = "invalid_credentials, challenge_failed"),
        (status = 403, description = "step_up_required"),
        (status = 409, description = "conflict"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn passkey_options(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<Json<PasskeyCreationView>> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    let creation = app.flows.begin_own_passkey(bearer, proof, &origin).await?;
    Ok(Json(creation.into()))
}

/// Adds a passkey.
///
/// Answers 201 with the passkey. `validation_failed` names the rule that the credential breaks. The
/// error is `challenge_failed` if the challenge is used or expired. The error is `conflict` if the
/// passkey is registered already, or the account has 10 passkeys.
#[utoipa::path(
    post,
    path = "/auth/passkeys",
    tag = "Second factors",
    request_body = AddPasskeyRequest,
    security(("bearer" = [])),
    responses(
        (status = 201, description = "Added", body = PasskeyView),
        (status = 401, description = "challenge_failed"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn add_passkey(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<AddPasskeyRequest>,
) -> ApiResult<(StatusCode, Json<PasskeyView>)> {
    let new = request.into();
    let added = app.flows.add_own_passkey(bearer, new, &origin).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Renames a passkey of the caller.
///
/// Answers 200 with the passkey, or `not_found` if the account has no such passkey.
#[utoipa::path(
    patch,
    path = "/auth/passkeys/{id}",
    tag = "Second factors",
    params(("id" = shapes::PasskeyId, Path, description = "The passkey")),
    request_body = RenamePasskeyRequest,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The passkey", body = PasskeyView),
        (status = 404, description = "not_found"),
    )
)]
pub(crate) async fn rename_passkey(
    State(app): State<App>,
    bearer: SessionBearer,
    PathValue(id): PathValue<PasskeyId>,
    JsonBody(request): JsonBody<RenamePasskeyRequest>,
) -> ApiResult<Json<PasskeyView>> {
    let renamed = app.flows.rename_own_passkey(bearer, &id, request.name);
    Ok(Json(renamed.await?.into()))
}

/// Removes a passkey of the caller.
///
/// Answers 204, `not_found` if the account has no such passkey, or `last_authenticator` if the
/// account could not sign in without it. Without another second factor, the recovery codes go too.
#[utoipa::path(
    delete,
    path = "/auth/passkeys/{id}",
    tag = "Second factors",
    params(("id" = shapes::PasskeyId, Path, description = "The passkey")),
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "invalid_credentials, challenge_failed"),
        (status = 403, description = "step_up_required"),
        (status = 404, description = "not_found"),
        (status = 409, description = "last_authenticator"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn remove_passkey(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    PathValue(id): PathValue<PasskeyId>,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<StatusCode> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    let removed = app.flows.remove_own_passkey(bearer, &id, proof, &origin);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
