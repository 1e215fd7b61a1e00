//! A value in the path: one that does not parse is a path where nothing is.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::error::{ApiError, ApiResult, Code};

/// The one parameter of a path, parsed; `not_found` when it does not parse.
#[derive(Clone, Copy, Debug)]
pub struct PathValue<T>(pub T);

impl<T: FromStr + Send, S: Send + Sync> FromRequestParts<S> for PathValue<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let value = text.ok().and_then(|Path(text)| text.parse().ok());
        value.map(Self).ok_or_else(|| Code::NotFound.into())
    }
}
