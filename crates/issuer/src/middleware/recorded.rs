//! The audit trail of a request: it is answered when its events are durable.

use axum::response::{IntoResponse as _, Response};
use signet_flows::audit::AuditUnavailable;
use tracing::Instrument as _;

use crate::app::App;
use crate::error::{ApiError, Code, OAuthError};

/// Answers 503 if the events of the request cannot be made durable.
///
/// The request runs on a task of its own, so that a client that goes away leaves no change without
/// its event.
pub(crate) async fn recorded(
    app: &App,
    is_oauth: bool,
    answer: impl Future<Output = Response> + Send + 'static,
) -> Response {
    let audit = app.flows.audit.clone();
    let work = async move { audit.recording(answer).await };
    let failure = match tokio::spawn(work.in_current_span()).await {
        Ok(Ok(response)) => return response,
        Ok(Err(AuditUnavailable)) => {
            ApiError::from(Code::Unavailable).because(AuditUnavailable.to_string())
        }
        Err(stopped) => ApiError::from(Code::InternalError).because(stopped.to_string()),
    };
    if is_oauth {
        return OAuthError::from(failure).into_response();
    }
    failure.into_response()
}
