//! The guard around handlers: a deadline, and an answer if a handler panics.

use std::error::Error;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use signet_core::session::REQUEST_DEADLINE;
use tokio::time::timeout;

use crate::error::{ApiError, Code, GatewayRefusal, OAuthError};

/// The form in which the guard writes its errors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guard {
    /// A problem document.
    Problem,
    /// An error of OAuth.
    OAuth,
    /// A refusal for a gateway.
    Gateway,
}

impl Guard {
    /// Returns the answer, or 503 at the deadline, or 500 if a handler panics. Every step of a
    /// request has a shorter limit of its own; the deadline bounds their sum.
    pub(crate) async fn around(self, answer: impl Future<Output = Response>) -> Response {
        match timeout(REQUEST_DEADLINE, caught(answer)).await {
            Ok(Some(response)) => response,
            // The panic hook has logged the place.
            Ok(None) => self.failure(Code::InternalError, "a handler panicked"),
            Err(elapsed) => self.failure(Code::Unavailable, elapsed),
        }
    }

    fn failure(self, code: Code, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Response {
        match self {
            Self::Problem => ApiError::from(code).because(cause).into_response(),
            Self::OAuth => OAuthError::from(ApiError::from(code).because(cause)).into_response(),
            Self::Gateway => GatewayRefusal::unavailable(cause).into_response(),
        }
    }
}

/// Puts the guard around routes whose errors get another form outside of it.
pub(crate) fn guarded<S>(routes: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    routes.layer(from_fn(problem))
}

async fn problem(request: Request, next: Next) -> Response {
    Guard::Problem.around(next.run(request)).await
}

/// The output of a future; none if it panics.
async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        match polled {
            Ok(polled) => polled.map(Some),
            Err(_message) => Poll::Ready(None),
        }
    })
    .await
}

#[cfg(test)]
mod tests;
