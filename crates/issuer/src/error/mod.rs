//! The one place that maps errors to HTTP: RFC 9457 problem documents.
//!
//! The client gets a code and a sentence. The middleware logs the cause once. This module must not
//! know routes, and must not show the text of a cause to a client.

mod authorization;
mod bearer;
mod chain;
mod code;
mod device;
mod forward_auth;
mod oauth;
mod problem;
mod proofs;
mod reasons;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use signet_core::proof_of_work::WorkChallenge;
use signet_core::secret::SecretText;
use utoipa::ToSchema;

pub(crate) use bearer::REALM;
pub(crate) use chain::Chain;
pub(crate) use code::Code;
pub(crate) use forward_auth::{GatewayRefusal, GatewayRefusalBody};
pub(crate) use oauth::{ErrorBody, OAuthError, OAuthFault, OAuthResult, ProtocolError};
pub(crate) use problem::{Failure, Problem};

use crate::passkey_options::PasskeyRequestView;

/// The result of a handler: an answer, or an error that renders itself.
pub(crate) type ApiResult<T> = Result<T, ApiError>;

/// An error for a client.
///
/// Make one from a [`Code`] with `?` or `.into()`; the methods add details.
#[derive(Debug)]
pub struct ApiError(Box<Parts>);

#[derive(Debug)]
struct Parts {
    code: Code,
    detail: Cow<'static, str>,
    fields: Vec<FieldError>,
    demand: ProofDemand,
    challenge: Option<String>,
    retry_after: Option<Duration>,
    headers: HeaderMap,
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// The proof that an error asks for.
#[derive(Clone, Debug, Default)]
pub struct ProofDemand {
    /// The methods that are accepted; empty for errors that ask for no proof.
    pub methods: Vec<&'static str>,
    /// The token that continues a sign-in.
    pub mfa_token: Option<SecretText>,
    /// How long the token is valid.
    pub expires_in: Option<Duration>,
    /// The challenge of a proof of work.
    pub work: Option<WorkChallenge>,
    /// The request for a passkey.
    pub(crate) passkey: Option<PasskeyRequestView>,
}

/// One invalid field of a request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The name of the field.
    pub field: &'static str,
    /// The stable name of the fault, `snake_case`.
    pub code: &'static str,
    /// The fault as a sentence that follows the name; it never holds the value.
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
}

impl ApiError {
    /// All invalid fields of a request.
    pub fn validation(fields: Vec<FieldError>) -> Self {
        let mut error = Self::from(Code::ValidationFailed);
        error.0.fields = fields;
        error
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The sentence that the client reads.
    pub fn text(&self) -> &str {
        &self.0.detail
    }

    /// The invalid fields.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Sets the sentence that the client reads.
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

    /// Sets when the client should try again, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds a header to the answer; others of that name stay.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.append(name, value);
        self
    }

    /// Says which proof is required.
    #[must_use]
    pub fn demand(mut self, demand: ProofDemand) -> Self {
        self.0.demand = demand;
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
            demand: ProofDemand::default(),
            challenge: None,
            retry_after: None,
            headers: HeaderMap::new(),
            cause: None,
        }))
    }
}
