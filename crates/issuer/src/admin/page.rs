//! One page of a list: how many at most, and behind which.

use std::borrow::Cow;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::error::{ApiError, ApiResult, FieldError};

/// What the query asks for: `?after=ID&limit=50`. Unknown parameters are ignored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<C> {
    /// The last one of the page before.
    pub(super) after: Option<C>,
    /// How many at most.
    pub(super) limit: u32,
}

impl<C> Page<C> {
    /// The cursor of the next page: the last one of a page that is full.
    pub(super) fn next<T>(&self, items: &[T], cursor: impl Fn(&T) -> C) -> Option<C> {
        let is_full = items.len() >= usize::try_from(self.limit).unwrap_or(usize::MAX);
        items.last().filter(|_| is_full).map(cursor)
    }
}

impl<C: FromStr + Send, S: Send + Sync> FromRequestParts<S> for Page<C> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            after: parameter(query, "after", |text| text.parse().ok())?,
            limit: parameter(query, "limit", limit)?.unwrap_or(USUAL_LIMIT),
        })
    }
}

/// A parameter of a query that may be left out.
///
/// # Errors
///
/// `validation_failed` when it is there twice, or `parse` takes nothing of it.
pub(super) fn parameter<T>(
    query: &str,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> ApiResult<Option<T>> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let Some((_, value)) = values.next() else {
        return Ok(None);
    };
    match (parse(&value), values.next()) {
        (Some(value), None) => Ok(Some(value)),
        (_, Some(_)) => Err(refused(name, "repeated", "is there more than once")),
        (None, None) => Err(refused(name, "invalid", "is invalid")),
    }
}

fn refused(field: &'static str, code: &'static str, message: &'static str) -> ApiError {
    let message = Cow::Borrowed(message);
    ApiError::validation(vec![FieldError {
        field,
        code,
        message,
    }])
}

fn limit(text: &str) -> Option<u32> {
    let limit = text.parse().ok()?;
    (1..=MAX_LIMIT).contains(&limit).then_some(limit)
}

const USUAL_LIMIT: u32 = 50;
/// A page is read and sent at once.
const MAX_LIMIT: u32 = 100;
