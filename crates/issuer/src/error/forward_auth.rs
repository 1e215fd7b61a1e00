//! Errors of forward auth for gateways: fixed texts that hold no part of the token.

use std::error::Error as StdError;
use std::sync::Arc;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_verifier::{Category, Error};
use utoipa::ToSchema;

use super::{Code, Failure, REALM};

/// The answer that refuses a request.
#[derive(Debug)]
pub(crate) struct GatewayRefusal {
    code: Code,
    /// The code of RFC 6750 section 3.1 if there is one, else the reason.
    error: &'static str,
    /// A stable name, `snake_case`.
    reason: &'static str,
    challenge: Option<String>,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

/// The body of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = GatewayRefusal)]
pub(crate) struct GatewayRefusalBody {
    /// The code of RFC 6750 section 3.1 if there is one, else the reason.
    error: &'static str,
    /// The stable name of the reason.
    reason: &'static str,
}

impl GatewayRefusal {
    /// The refusal of a token by the verifier.
    pub(crate) fn of_token(error: Error) -> Self {
        let code = match error.category() {
            Category::Permission => Code::Forbidden,
            Category::Unavailable => Code::Unavailable,
            _ => Code::TokenInvalid,
        };
        let reason = error.reason();
        Self {
            code,
            error: error.oauth_error().unwrap_or(reason),
            reason,
            challenge: error.www_authenticate(REALM),
            cause: Some(Arc::new(error)),
        }
    }

    /// There is more than one `Authorization` header.
    pub(crate) fn several_credentials() -> Self {
        Self::challenged(Code::TokenInvalid, &Error::SeveralCredentials.to_string())
            .reason(Error::SeveralCredentials.reason())
    }

    /// The token is on the deny list.
    pub(crate) fn denied() -> Self {
        Self::challenged(Code::SessionEnded, Code::SessionEnded.detail())
            .reason(Code::SessionEnded.name())
    }

    /// A header would be longer than every gateway accepts. A shortened one would name another identity.
    pub(crate) fn identity_too_long() -> Self {
        Self::challenged(
            Code::Forbidden,
            "the claims of the token are too long for headers",
        )
        .reason("identity_too_long")
    }

    /// The gateway names a profile that is not configured.
    pub(crate) fn unknown_profile() -> Self {
        Self::unavailable("a gateway names a profile that is not configured")
            .reason("unknown_profile")
    }

    /// The server cannot check whether the token is valid.
    pub(crate) fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            code: Code::Unavailable,
            error: "temporarily_unavailable",
            reason: Code::Unavailable.name(),
            challenge: None,
            cause: Some(Arc::from(cause.into())),
        }
    }

    fn challenged(code: Code, description: &str) -> Self {
        let error = match code.status() {
            StatusCode::FORBIDDEN => "insufficient_scope",
            _ => "invalid_token",
        };
        Self {
            code,
            error,
            reason: code.name(),
            challenge: Some(format!(
                "Bearer realm=\"{REALM}\", error=\"{error}\", error_description=\"{description}\""
            )),
            cause: None,
        }
    }

    fn reason(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }
}

/// For a gateway, two tokens are a refusal like any other.
impl From<Error> for GatewayRefusal {
    fn from(error: Error) -> Self {
        match error {
            Error::SeveralCredentials => Self::several_credentials(),
            error => Self::of_token(error),
        }
    }
}

impl IntoResponse for GatewayRefusal {
    fn into_response(self) -> Response {
        let body = GatewayRefusalBody {
            error: self.error,
            reason: self.reason,
        };
        let mut response = (self.code.status(), NO_STORE, Json(body)).into_response();
        let headers = response.headers_mut();
        let challenge = self.challenge.map(HeaderValue::try_from);
        if let Some(Ok(challenge)) = challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self.code == Code::Unavailable {
            headers.insert(RETRY_AFTER, SOON);
        }
        response.extensions_mut().insert(Failure {
            code: self.code,
            name: self.reason,
            cause: self.cause,
        });
        response
    }
}

const NO_STORE: [(HeaderName, HeaderValue); 1] =
    [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
/// In seconds; a store that restarts needs about this time.
const SOON: HeaderValue = HeaderValue::from_static("5");
