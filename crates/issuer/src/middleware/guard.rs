//! The guard around handlers: a deadline, and an answer if a handler panics.

use std::any::Any;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use signet_core::limits::Limit;
use signet_core::session::REQUEST_DEADLINE;
use signet_verifier::Error;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::error::{ApiError, Code};
use crate::limits;

/// Puts the guard around routes that write errors as an `E`.
pub(crate) fn guarded<E, S>(routes: Router<S>) -> Router<S>
where
    E: From<ApiError> + IntoResponse + 'static,
    S: Clone + Send + Sync + 'static,
{
    routes
        .layer(from_fn(deadline::<E>))
        .layer(CatchPanicLayer::custom(answer_panic::<E>))
}

/// Refuses two `Authorization` headers, also on routes that read none: a proxy in front may have
/// checked the other one.
pub(crate) async fn one_credential(request: Request, next: Next) -> Response {
    if request
        .headers()
        .get_all(AUTHORIZATION)
        .iter()
        .nth(1)
        .is_some()
    {
        return ApiError::from(Error::SeveralCredentials).into_response();
    }
    next.run(request).await
}

/// Answers 503 before the handler runs if other replicas have newer keys: they may have revoked the
/// key that would sign here.
pub(crate) async fn newest_keys(
    State((app, what)): State<(App, Limit)>,
    request: Request,
    next: Next,
) -> Response {
    match app.flows.ring_lag() {
        None => next.run(request).await,
        Some(lag) => limits::refuse(
            what,
            ApiError::from(Code::Unavailable)
                .detail("this replica does not have the newest signing keys; try again later")
                .because(lag.to_string()),
        ),
    }
}

/// Answers 503 if the handler has not answered by the deadline. Every step of a request has a
/// shorter limit of its own; this one bounds their sum.
async fn deadline<E>(request: Request, next: Next) -> Response
where
    E: From<ApiError> + IntoResponse,
{
    match tokio::time::timeout(REQUEST_DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(elapsed) => E::from(ApiError::from(Code::Unavailable).because(elapsed)).into_response(),
    }
}

/// Answers 500 if a handler panics. The panic hook has logged the place.
fn answer_panic<E>(_: Box<dyn Any + Send>) -> Response
where
    E: From<ApiError> + IntoResponse,
{
    E::from(ApiError::from(Code::InternalError).because("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests;
