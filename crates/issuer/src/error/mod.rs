//! The one place that maps errors to HTTP: RFC 9457 problem documents.
//!
//! The client gets a code and a sentence; the cause stays here and goes to the log, once, by the
//! middleware. This module must not know routes, nor ever show the text of a cause to a client.

mod chain;
mod code;
mod render;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use signet_flows::hashing::HashError;
use signet_store::StoreError;
use signet_verifier::Category;
use utoipa::ToSchema;

pub(crate) use chain::Chain;
pub use code::Code;
pub use render::Failure;
pub(crate) use render::Problem;

/// What a handler gives: an answer, or an error that renders itself.
pub type ApiResult<T> = Result<T, ApiError>;

/// An error on its way to a client.
///
/// Make one from a [`Code`] with `?` or `.into()`; add what is known with the methods.
#[derive(Debug)]
pub struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    challenge: Option<String>,
    retry_after: Option<Duration>,
    headers: HeaderMap,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// What is wrong with one field of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// A stable name of the fault, `snake_case`.
    pub code: &'static str,
    /// The fault in words; never holds what was sent.
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
}

impl ApiError {
    /// The fields that are not what they have to be; all of one request at once.
    pub fn validation(fields: Vec<FieldError>) -> Self {
        let mut error = Self::from(Code::ValidationFailed);
        error.0.fields = fields;
        error
    }

    /// A token that is good, and not for this: answered as RFC 6750 section 3.1 says.
    pub(crate) fn insufficient_scope() -> Self {
        let challenge = format!("Bearer realm=\"{REALM}\", error=\"insufficient_scope\"");
        Self::from(Code::Forbidden).challenge(challenge)
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence that the client reads.
    pub fn text(&self) -> &str {
        &self.0.detail
    }

    /// What is wrong with which fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Says it in these words, which the client reads.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.cause = Some(Arc::from(cause.into()));
        self
    }

    /// Says when to try again, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds a header to the answer, beside others of that name.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// Answers with this RFC 6750 challenge instead of the one that goes with the code.
    #[must_use]
    pub fn challenge(mut self, challenge: String) -> Self {
        self.0.challenge = Some(challenge);
        self
    }
}

impl From<Code> for ApiError {
    fn from(code: Code) -> Self {
        Self(Box::new(Parts {
            code,
            detail: code.detail().into(),
            fields: Vec::new(),
            challenge: None,
            retry_after: None,
            headers: HeaderMap::new(),
            cause: None,
        }))
    }
}

/// A broken store is never the client's fault, and worth another try.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(Code::Unavailable).because(error)
    }
}

/// Keeps the verifier's challenge and tells expired tokens from invalid ones, so that a client
/// knows whether to refresh or to sign in again.
impl From<signet_verifier::Error> for ApiError {
    fn from(error: signet_verifier::Error) -> Self {
        let code = match (&error, error.category()) {
            (signet_verifier::Error::SeveralCredentials, _) => Code::InvalidRequest,
            (signet_verifier::Error::TokenMissing, _) => Code::TokenMissing,
            (_, Category::Permission) => Code::Forbidden,
            (_, Category::Unavailable) => Code::Unavailable,
            _ if error.is_expired() => Code::TokenExpired,
            _ => Code::TokenInvalid,
        };
        let mut api_error = Self::from(code);
        if code == Code::InvalidRequest {
            api_error = api_error.detail(error.to_string());
        }
        if let Some(challenge) = error.www_authenticate(REALM) {
            api_error = api_error.challenge(challenge);
        }
        if let Some(seconds) = error.retry_after_seconds() {
            api_error = api_error.retry_after(Duration::from_secs(seconds));
        }
        api_error.because(error)
    }
}

/// A full queue is shed before it spreads; a broken job is a fault of ours.
impl From<HashError> for ApiError {
    fn from(error: HashError) -> Self {
        let code = match error {
            HashError::Full => Code::Overloaded,
            HashError::Broken => Code::InternalError,
        };
        Self::from(code).because(error)
    }
}

/// The realm of bearer challenges.
pub(crate) const REALM: &str = "signet";
