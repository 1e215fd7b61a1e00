//! The stable codes of the HTTP contract, each with its status, title and default detail.
//!
//! It is a table; this module must not know causes.

use axum::http::StatusCode;

/// A stable code that clients may rely on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    /// The request cannot be understood.
    InvalidRequest,
    /// A field of the request is invalid.
    ValidationFailed,
    /// The body is longer than 16 KiB.
    BodyTooLarge,
    /// The headers do not declare a JSON body.
    UnsupportedMediaType,
    /// No route has this path, or the caller has no such resource.
    NotFound,
    /// The path does not have this method.
    MethodNotAllowed,
    /// Email or password is wrong.
    InvalidCredentials,
    /// The request has no bearer token.
    TokenMissing,
    /// The access token has expired: refresh it.
    TokenExpired,
    /// The access token is malformed, forged or for another audience: sign in.
    TokenInvalid,
    /// The token of a link is unknown, used, expired or void.
    InvalidToken,
    /// The refresh token is invalid, or the session of a token has ended.
    SessionEnded,
    /// A second factor is required.
    MfaRequired,
    /// A sign-in that waits for its second step can no longer be finished.
    ChallengeFailed,
    /// The caller is authenticated and may not do this.
    Forbidden,
    /// A fresh proof by one of the account's strongest methods is required.
    StepUpRequired,
    /// The origin of the request may not use the cookie.
    CsrfRejected,
    /// The client admits people with other roles only.
    RoleRequired,
    /// The client does work before it asks again.
    ProofOfWorkRequired,
    /// Registration is closed, or needs an invitation.
    RegistrationClosed,
    /// Another account has the email address.
    EmailTaken,
    /// The account would have no way to sign in.
    LastAuthenticator,
    /// The current state does not allow this change.
    Conflict,
    /// The body did not arrive in time.
    RequestTimeout,
    /// The client sends too many requests.
    RateLimited,
    /// A queue is full.
    Overloaded,
    /// A dependency of the server does not answer.
    Unavailable,
    /// A bug of Signet or damaged data; never caused by the input of a client.
    InternalError,
}

/// The status and the texts of one code.
struct Words {
    status: StatusCode,
    name: &'static str,
    title: &'static str,
    detail: &'static str,
}

impl Code {
    /// Every code.
    pub(crate) const ALL: [Self; 28] = [
        Self::InvalidRequest,
        Self::ValidationFailed,
        Self::BodyTooLarge,
        Self::UnsupportedMediaType,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::InvalidCredentials,
        Self::TokenMissing,
        Self::TokenExpired,
        Self::TokenInvalid,
        Self::InvalidToken,
        Self::SessionEnded,
        Self::MfaRequired,
        Self::ChallengeFailed,
        Self::Forbidden,
        Self::StepUpRequired,
        Self::CsrfRejected,
        Self::RoleRequired,
        Self::ProofOfWorkRequired,
        Self::RegistrationClosed,
        Self::EmailTaken,
        Self::LastAuthenticator,
        Self::Conflict,
        Self::RequestTimeout,
        Self::RateLimited,
        Self::Overloaded,
        Self::Unavailable,
        Self::InternalError,
    ];

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        self.words().status
    }

    /// The stable name, `snake_case`.
    pub fn name(self) -> &'static str {
        self.words().name
    }

    /// A short title, the same for every occurrence (RFC 9457 section 3.1.3).
    pub fn title(self) -> &'static str {
        self.words().title
    }

    /// The default detail.
    pub fn detail(self) -> &'static str {
        self.words().detail
    }

    #[rustfmt::skip]
    fn words(self) -> Words {
        let (status, name, title, detail) = match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request", "Invalid request", "the request cannot be understood"),
            Self::ValidationFailed => (StatusCode::BAD_REQUEST, "validation_failed", "Validation failed", "some fields are invalid"),
            Self::BodyTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "Body too large", "the body is longer than 16 KiB"),
            Self::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Unsupported media type", "the body must be application/json"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found", "no route or resource has this path"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed", "the Allow header names the methods of this path"),
            Self::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials", "Invalid credentials", "email or password is wrong"),
            Self::TokenMissing => (StatusCode::UNAUTHORIZED, "token_missing", "Token missing", "a bearer token is required"),
            Self::TokenExpired => (StatusCode::UNAUTHORIZED, "token_expired", "Token expired", "the access token has expired"),
            Self::TokenInvalid => (StatusCode::UNAUTHORIZED, "token_invalid", "Token invalid", "the access token is not valid here"),
            Self::InvalidToken => (StatusCode::BAD_REQUEST, "invalid_token", "Invalid token", "the token is unknown, used or expired; ask for a new one"),
            Self::SessionEnded => (StatusCode::UNAUTHORIZED, "session_ended", "Session ended", "the session has ended; sign in again"),
            Self::MfaRequired => (StatusCode::UNAUTHORIZED, "mfa_required", "Second factor required", "a second factor is required"),
            Self::ChallengeFailed => (StatusCode::UNAUTHORIZED, "challenge_failed", "Challenge failed", "the sign-in can no longer be finished; begin again"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden", "this is not permitted"),
            Self::StepUpRequired => (StatusCode::FORBIDDEN, "step_up_required", "Step-up required", "prove who you are by one of these methods, in this request or at /auth/step-up"),
            Self::CsrfRejected => (StatusCode::FORBIDDEN, "csrf_rejected", "Origin rejected", "the request comes from an origin that is not allowed"),
            Self::RoleRequired => (StatusCode::FORBIDDEN, "role_required", "Role required", "the client admits people with other roles only"),
            Self::ProofOfWorkRequired => (StatusCode::FORBIDDEN, "proof_of_work_required", "Proof of work required", "solve the challenge and send the request again with proof_of_work"),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "registration_closed", "Registration closed", "accounts cannot be registered here without an invitation"),
            Self::EmailTaken => (StatusCode::CONFLICT, "email_taken", "Email taken", "an account with this email address exists"),
            Self::LastAuthenticator => (StatusCode::CONFLICT, "last_authenticator", "Last authenticator", "this is the last way to sign in; add another one first"),
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "Conflict", "the current state does not allow this change"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "request_timeout", "Request timeout", "the request did not arrive in time"),
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Rate limited", "too many requests; try again later"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "overloaded", "Overloaded", "the queue is full; try again later"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Unavailable", "a part of the service does not answer; try again later"),
            Self::InternalError => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal error", "the service has a bug or damaged data; the error is in its log"),
        };
        Words { status, name, title, detail }
    }
}
