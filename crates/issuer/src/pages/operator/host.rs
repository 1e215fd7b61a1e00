//! The host rule of the operations listener, with a page as its answer.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::refused::says;
use crate::app::App;
use crate::middleware::host::has_expected_host;

/// Refuses requests to a name that is not configured, before anything else.
pub(crate) async fn operator_host(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Response {
    if has_expected_host(&app, request.headers()) {
        return next.run(request).await;
    }
    let text = "This name is not expected here. Use an IP address or localhost, or add the name to ops_hosts.";
    says(&app, StatusCode::FORBIDDEN, text)
}
