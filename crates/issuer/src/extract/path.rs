//! Values in the path: if one does not parse, the path does not exist.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use crate::error::{ApiError, ApiResult, Code};

/// Both parameters of a path, parsed; `not_found` if one does not parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathValues<A, B>(pub A, pub B);

impl<A, B, S> FromRequestParts<S> for PathValues<A, B>
where
    A: FromStr + Send,
    B: FromStr + Send,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((first, second)) = texts.map_err(|_| Code::NotFound)?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(Code::NotFound.into()),
        }
    }
}

/// The only parameter of a path, parsed; `not_found` if it does not parse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathValue<T>(pub T);

impl<T: FromStr + Send, S: Send + Sync> FromRequestParts<S> for PathValue<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let value = text.ok().and_then(|Path(text)| text.parse().ok());
        value.map(Self).ok_or_else(|| Code::NotFound.into())
    }
}
