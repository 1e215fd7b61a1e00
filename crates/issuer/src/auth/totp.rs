//! `POST` and `DELETE /auth/mfa/totp`, `POST /auth/mfa/totp/confirm`: the authenticator app.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use signet_core::second_factor::TotpCode;
use signet_flows::bearer::SessionBearer;
use signet_flows::origin::RequestOrigin;
use signet_flows::second_factor::TotpOffer;
use utoipa::ToSchema;

use super::proof::{ProofFields, ProofRequest};
use super::recovery_codes::RecoveryCodeList;
use crate::app::App;
use crate::error::{ApiError, ApiResult, Code};
use crate::extract::{Fields, FromFields, JsonBody};
use crate::qr;

/// `{secret, otpauth_uri, qr_svg}`
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpOfferView {
    /// The secret in base32 (RFC 4648), for people who type it.
    secret: String,
    /// The address that the QR code shows.
    otpauth_uri: String,
    /// A QR code as an SVG image.
    qr_svg: String,
}

impl TotpOfferView {
    pub(super) fn of(offer: &TotpOffer) -> ApiResult<Self> {
        let qr_svg = qr::svg(offer.uri.expose());
        Ok(Self {
            secret: offer.secret.expose().to_owned(),
            otpauth_uri: offer.uri.expose().to_owned(),
            qr_svg: qr_svg.map_err(|error| ApiError::from(Code::InternalError).because(error))?,
        })
    }
}

/// `{code}`
#[derive(Debug, ToSchema)]
pub(crate) struct ConfirmTotpRequest {
    /// The code that the app shows.
    #[schema(value_type = String)]
    code: TotpCode,
}

impl FromFields for ConfirmTotpRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            code: fields.required("code", str::parse)?,
        })
    }
}

/// Begins to enrol an authenticator app.
///
/// Answers 200 with a new secret. The app is active when a code of it is confirmed; until then,
/// another request replaces the secret. The error is `conflict` if an app is active already.
#[utoipa::path(
    post,
    path = "/auth/mfa/totp",
    tag = "Second factors",
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The secret, not active yet", body = TotpOfferView),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
        (status = 409, description = "conflict"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn begin_totp(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<Json<TotpOfferView>> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    let offer = app.flows.begin_own_totp(bearer, proof, &origin).await?;
    TotpOfferView::of(&offer).map(Json)
}

/// Confirms an authenticator app by a code of it.
///
/// Answers 200 with ten recovery codes, which are shown this once. The error is
/// `invalid_credentials` for a wrong code, `not_found` if no enrolment was begun, `conflict` if the
/// app is active already.
#[utoipa::path(
    post,
    path = "/auth/mfa/totp/confirm",
    tag = "Second factors",
    request_body = ConfirmTotpRequest,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "Active", body = RecoveryCodeList),
        (status = 401, description = "invalid_credentials"),
        (status = 404, description = "not_found"),
        (status = 409, description = "conflict"),
    )
)]
pub(crate) async fn confirm_totp(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    JsonBody(request): JsonBody<ConfirmTotpRequest>,
) -> ApiResult<Json<RecoveryCodeList>> {
    let confirmed = app.flows.confirm_own_totp(bearer, &request.code, &origin);
    Ok(Json(RecoveryCodeList::of(&confirmed.await?)))
}

/// Removes the authenticator app.
///
/// Answers 204, or `not_found` without one. The error is `last_authenticator` if the account must
/// have a second factor and has no other one. Without another second factor, the recovery codes go
/// too.
#[utoipa::path(
    delete,
    path = "/auth/mfa/totp",
    tag = "Second factors",
    request_body = Option<ProofFields>,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Removed"),
        (status = 401, description = "invalid_credentials"),
        (status = 403, description = "step_up_required"),
        (status = 404, description = "not_found"),
        (status = 409, description = "last_authenticator"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn remove_totp(
    State(app): State<App>,
    bearer: SessionBearer,
    origin: RequestOrigin,
    body: Option<JsonBody<ProofRequest>>,
) -> ApiResult<StatusCode> {
    let ProofRequest(proof) = body.map(|JsonBody(body)| body).unwrap_or_default();
    app.flows.remove_own_totp(bearer, proof, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}
