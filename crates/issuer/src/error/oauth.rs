//! Errors under `/oauth`: the JSON of RFC 6749 section 5.2, in one place.
//!
//! Errors that OAuth does not define (a body too long, a store that is down) keep their status and
//! headers, with this JSON as their body.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::client::{ExchangeProblem, InvalidScope, InvalidTarget};
use signet_flows::authenticate_client::AuthenticateClientError;
use signet_flows::bearer::BearerError;
use signet_flows::grants::GrantError;
use signet_flows::issue::IssueError;
use signet_flows::own_account::OwnAccountError;
use signet_flows::refresh::RefreshError;
use signet_flows::revoke::RevokeError;
use signet_store::StoreError;
use utoipa::ToSchema;

use super::{ApiError, Code, Failure};

/// The result of a handler under `/oauth`.
pub(crate) type OAuthResult<T> = Result<T, OAuthError>;

/// An error for a client.
#[derive(Debug)]
pub(crate) struct OAuthError(Box<Kind>);

#[derive(Debug)]
enum Kind {
    Protocol(ProtocolError, Cow<'static, str>),
    Other(ApiError),
}

/// The errors of RFC 6749 section 5.2, and those that other RFCs add.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProtocolError {
    /// A parameter is missing, malformed or repeated.
    InvalidRequest,
    /// The client is not authenticated.
    InvalidClient,
    /// The refresh token or the subject token is invalid.
    InvalidGrant,
    /// The client may not use this grant or endpoint.
    UnauthorizedClient,
    /// The server does not support this grant.
    UnsupportedGrantType,
    /// The client may not have a requested scope.
    InvalidScope,
    /// The client may not have a token for a requested service; RFC 8707 section 2.
    InvalidTarget,
    /// The server issues codes only.
    UnsupportedResponseType,
    /// The server reads no request objects; OpenID Connect Core 1.0 section 3.1.2.6.
    RequestNotSupported,
    /// The server fetches no request objects; OpenID Connect Core 1.0 section 3.1.2.6.
    RequestUriNotSupported,
    /// The person has not decided about a device; RFC 8628 section 3.5.
    AuthorizationPending,
    /// The same, and the device asks too often.
    SlowDown,
    /// The person has denied it.
    AccessDenied,
    /// The person took too long.
    ExpiredToken,
}

impl ProtocolError {
    /// Every error.
    const ALL: [Self; 14] = [
        Self::InvalidRequest,
        Self::InvalidClient,
        Self::InvalidGrant,
        Self::UnauthorizedClient,
        Self::UnsupportedGrantType,
        Self::InvalidScope,
        Self::InvalidTarget,
        Self::UnsupportedResponseType,
        Self::RequestNotSupported,
        Self::RequestUriNotSupported,
        Self::AuthorizationPending,
        Self::SlowDown,
        Self::AccessDenied,
        Self::ExpiredToken,
    ];

    /// The default description.
    fn meaning(self) -> &'static str {
        match self {
            Self::InvalidRequest => "a parameter is missing, malformed or repeated",
            Self::InvalidClient => "client authentication failed",
            Self::InvalidGrant => {
                "the refresh token is invalid, expired, revoked or issued to another client"
            }
            Self::UnauthorizedClient => "the client may not do this",
            Self::UnsupportedGrantType => "the server does not support this grant type",
            Self::InvalidScope => "the client may not have this scope",
            Self::InvalidTarget => "the client may not have tokens for this service",
            Self::UnsupportedResponseType => "response_type must be code",
            Self::RequestNotSupported => "request objects are not supported",
            Self::RequestUriNotSupported => "only the URI of a pushed request is supported",
            Self::AuthorizationPending => "the person has not decided yet",
            Self::SlowDown => "the person has not decided yet, and the device asks too often",
            Self::AccessDenied => "the person has denied the request",
            Self::ExpiredToken => "the device_code has expired",
        }
    }

    /// The HTTP status.
    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Its name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
        }
    }

    /// The error with this description: printable ASCII without `"` and `\`.
    pub(crate) fn because(self, description: impl Into<Cow<'static, str>>) -> OAuthError {
        OAuthError(Box::new(Kind::Protocol(self, description.into())))
    }
}

impl OAuthError {
    /// The client is not authenticated. The sentence is the same for every reason.
    pub(crate) fn invalid_client() -> Self {
        ProtocolError::InvalidClient.because("client authentication failed")
    }
}

impl From<ExchangeProblem> for OAuthError {
    /// RFC 8693 section 2.2.2: an invalid subject token is `invalid_request`.
    fn from(problem: ExchangeProblem) -> Self {
        match problem {
            ExchangeProblem::Scope(error) => error.into(),
            ExchangeProblem::Target(error) => error.into(),
            problem => ProtocolError::InvalidRequest.because(problem.to_string()),
        }
    }
}

/// RFC 7009 section 2.1: a token of another client is refused, and the client is told.
impl From<RevokeError> for OAuthError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::NotIssuedToClient => {
                ProtocolError::UnauthorizedClient.because(error.to_string())
            }
            RevokeError::Store(error) => error.into(),
        }
    }
}

impl From<AuthenticateClientError> for OAuthError {
    fn from(error: AuthenticateClientError) -> Self {
        match error {
            AuthenticateClientError::NotAuthenticated => Self::invalid_client(),
            AuthenticateClientError::GrantNotAllowed | AuthenticateClientError::Document(_) => {
                ProtocolError::UnauthorizedClient.because(error.to_string())
            }
            AuthenticateClientError::TooMany(error) => ApiError::from(error).into(),
            AuthenticateClientError::Store(error) => error.into(),
        }
    }
}

/// RFC 8693 section 2.2.2: `invalid_request` for every fault of the subject token.
impl From<GrantError> for OAuthError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::Scope(error) => error.into(),
            GrantError::Target(error) => error.into(),
            GrantError::BadSubject => ProtocolError::InvalidRequest.because(error.to_string()),
            GrantError::Exchange(problem) => problem.into(),
            GrantError::Issue(error) => error.into(),
            GrantError::Store(error) => error.into(),
        }
    }
}

/// One sentence for an ended session, for every reason.
impl From<RefreshError> for OAuthError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::SessionEnded => {
                let error = ProtocolError::InvalidGrant;
                error.because(error.meaning())
            }
            RefreshError::Scope(error) => error.into(),
            RefreshError::Target(error) => error.into(),
            RefreshError::RoleRequired => ProtocolError::InvalidGrant.because(error.to_string()),
            RefreshError::Issue(error) => error.into(),
            error => ApiError::from(error).into(),
        }
    }
}

/// A client that has changed is authenticated no longer.
impl From<IssueError> for OAuthError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::ClientChanged => Self::invalid_client(),
            error => ApiError::from(error).into(),
        }
    }
}

impl From<BearerError> for OAuthError {
    fn from(error: BearerError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<OwnAccountError> for OAuthError {
    fn from(error: OwnAccountError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for OAuthError {
    fn from(error: ApiError) -> Self {
        Self(Box::new(Kind::Other(error)))
    }
}

impl From<Code> for OAuthError {
    fn from(code: Code) -> Self {
        ApiError::from(code).into()
    }
}

impl From<StoreError> for OAuthError {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<InvalidScope> for OAuthError {
    fn from(error: InvalidScope) -> Self {
        ProtocolError::InvalidScope.because(error.to_string())
    }
}

impl From<InvalidTarget> for OAuthError {
    fn from(error: InvalidTarget) -> Self {
        ProtocolError::InvalidTarget.because(error.to_string())
    }
}

/// RFC 6749 section 5.2.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct ErrorBody<'a> {
    /// The stable code, for programs.
    error: &'a str,
    /// A sentence for people.
    error_description: &'a str,
}

/// An error under `/oauth` in the OpenAPI document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct OAuthFault {
    /// How handlers declare it: the name on the wire, or the code of an error that OAuth does not define.
    pub(crate) declared: &'static str,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What it means.
    pub(crate) meaning: &'static str,
    error: &'static str,
}

impl OAuthFault {
    /// The error with this name.
    pub(crate) fn named(declared: &str) -> Option<Self> {
        let is_meant = |error: &ProtocolError| error.name() == declared;
        if let Some(error) = ProtocolError::ALL.into_iter().find(is_meant) {
            return Some(Self {
                declared: error.name(),
                status: error.status().as_u16(),
                meaning: error.meaning(),
                error: error.name(),
            });
        }
        let code = Code::ALL.into_iter().find(|code| code.name() == declared)?;
        Some(Self {
            declared: code.name(),
            status: code.status().as_u16(),
            meaning: code.detail(),
            error: name_of(code),
        })
    }

    /// An example of the body.
    pub(crate) fn example(self) -> serde_json::Value {
        let body = ErrorBody {
            error: self.error,
            error_description: self.meaning,
        };
        serde_json::to_value(body).unwrap_or_default()
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        match *self.0 {
            Kind::Protocol(error, description) => protocol_response(error, &description),
            Kind::Other(error) => {
                let (name, detail) = (name_of(error.code()), error.text().to_owned());
                with_body(error.into_response(), name, &detail)
            }
        }
    }
}

fn protocol_response(error: ProtocolError, description: &str) -> Response {
    let is_client = error == ProtocolError::InvalidClient;
    let code = if is_client {
        Code::InvalidCredentials
    } else {
        Code::InvalidRequest
    };
    let mut response = with_body(error.status().into_response(), error.name(), description);
    if is_client {
        let headers = response.headers_mut();
        headers.insert(WWW_AUTHENTICATE, CHALLENGE);
    }
    response.extensions_mut().insert(Failure {
        code,
        name: error.name(),
        cause: None,
    });
    response
}

/// The same response with an OAuth body.
fn with_body(mut response: Response, error: &'static str, error_description: &str) -> Response {
    let body = ErrorBody {
        error,
        error_description,
    };
    *response.body_mut() = Body::from(serde_json::to_vec(&body).unwrap_or_default());
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// The OAuth name of each code: RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750 section 3.1.
fn name_of(code: Code) -> &'static str {
    match code {
        Code::TokenMissing | Code::TokenExpired | Code::TokenInvalid | Code::SessionEnded => {
            "invalid_token"
        }
        Code::Forbidden => "insufficient_scope",
        Code::RateLimited | Code::Overloaded | Code::Unavailable => "temporarily_unavailable",
        Code::InternalError => "server_error",
        _ => "invalid_request",
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 7617 section 2.1: user-id and password are UTF-8.
const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"signet\", charset=\"UTF-8\"");
