//! One page of a list: its size and where it begins.

use std::borrow::Cow;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{Object, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::error::{ApiError, ApiResult, FieldError};

/// The page that a query requests: `?after=ID&limit=50`. Unknown parameters are ignored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<C> {
    /// The last id of the page before.
    pub(super) after: Option<C>,
    /// The most rows of the page.
    pub(super) limit: u32,
}

impl<C> Page<C> {
    /// The cursor of the next page: the last id of a full page.
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
/// `validation_failed` if it appears twice or `parse` refuses it.
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
        (_, Some(_)) => Err(refused(name, "repeated", "appears more than once")),
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

/// The schema of the parameter `limit`.
#[derive(Clone, Copy, Debug)]
pub(super) enum PageLimit {}

impl PartialSchema for PageLimit {
    fn schema() -> RefOr<Schema> {
        let limit = ObjectBuilder::new().schema_type(Type::Integer);
        let limit = limit.minimum(Some(1)).maximum(Some(MAX_LIMIT));
        let limit = limit.default(Some(USUAL_LIMIT.into()));
        let limit: Object = limit.description(Some("The most rows of a page.")).build();
        limit.into()
    }
}

impl ToSchema for PageLimit {}

fn limit(text: &str) -> Option<u32> {
    let limit = text.parse().ok()?;
    (1..=MAX_LIMIT).contains(&limit).then_some(limit)
}

const USUAL_LIMIT: u32 = 50;
/// A page is read and sent as a whole.
const MAX_LIMIT: u32 = 100;
