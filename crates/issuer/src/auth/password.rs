//! `POST /auth/password`: a new password, and the end of every other session. The caller's own is
//! kept by the same write that sets the password.

use axum::extract::State;
use axum::http::StatusCode;
use signet_core::password::{Password, check_new_password};
use signet_flows::end;
use signet_flows::random::random_bytes;
use signet_store::Change;
use utoipa::ToSchema;

use super::bearer::EndingBearer;
use super::ending;
use super::fields::typed_password;
use super::password_check::check_password;
use crate::app::App;
use crate::error::{ApiError, ApiResult, FieldError};
use crate::extract::{Fields, FromFields, JsonBody};
use crate::openapi::shapes;

/// `{current_password, new_password}`
#[derive(Debug, ToSchema)]
pub(crate) struct ChangePasswordRequest {
    #[schema(value_type = shapes::Password)]
    current_password: Password,
    #[schema(value_type = shapes::NewPassword)]
    new_password: Password,
}

impl FromFields for ChangePasswordRequest {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let current_password = typed_password(fields, "current_password");
        let new_password = typed_password(fields, "new_password");
        if let Some(Err(problem)) = new_password.as_ref().map(|p| check_new_password(p, None)) {
            fields.reject::<()>("new_password", problem.into());
        }
        Some(Self {
            current_password: current_password?,
            new_password: new_password?,
        })
    }
}

/// Changes the password and ends every other session.
///
/// 204, or `invalid_credentials` when the current password is wrong.
#[utoipa::path(
    post,
    path = "/auth/password",
    tag = "Accounts",
    request_body = ChangePasswordRequest,
    security(("bearer" = [])),
    responses(
        (status = 204, description = "Changed"),
        (status = 401, description = "invalid_credentials"),
        (status = 503, description = "overloaded"),
    )
)]
pub(crate) async fn change_password(
    State(app): State<App>,
    EndingBearer(bearer): EndingBearer,
    JsonBody(request): JsonBody<ChangePasswordRequest>,
) -> ApiResult<StatusCode> {
    let found = bearer.account(&app).await?;
    check_new_password(&request.new_password, Some(&found.account.email)).map_err(|problem| {
        ApiError::validation(vec![FieldError {
            field: "new_password",
            code: problem.code(),
            message: problem.to_string().into(),
        }])
    })?;
    let credentials = check_password(&app, Some(found), request.current_password).await?;
    let (new_password, salt) = (request.new_password, random_bytes());
    let hash = app
        .flows
        .hashing
        .run(move |hasher| hasher.hash(&new_password, salt))
        .await?;
    let kept = credentials.account.standing.keeping(bearer.session_id);
    let change = Change::Password { hash, kept };
    let pending = ending::change_by_password(&app, bearer, &credentials, &change).await?;
    end::finish_or_leave(&app.flows, pending).await;
    tracing::info!(
        event.name = "account.password_changed", account.id = %bearer.account_id,
        "a password was changed"
    );
    Ok(StatusCode::NO_CONTENT)
}
