//! The reasons why a token was refused. Must not contain any part of the token.

use std::fmt;
use std::time::Duration;

/// Why a token was refused: one variant per reason.
///
/// [`reason`](Self::reason) is a stable name for logs and metrics. [`category`](Self::category)
/// groups reasons by what the caller can do. [`http_status`](Self::http_status) and
/// [`www_authenticate`](Self::www_authenticate) form the response. Neither `Debug` nor `Display`
/// shows any part of the token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The request has no bearer token.
    TokenMissing,
    /// The request has more than one `Authorization` header.
    SeveralCredentials,
    /// The gateway did not pass on exactly one identity.
    IdentityMissing,
    /// The identity from the gateway differs from the token's.
    IdentityMismatch,
    /// The token is longer than 8 KiB.
    TokenTooLong,
    /// The token is not three non-empty parts between dots.
    NotThreeParts,
    /// A part is not canonical base64url without padding.
    NotBase64url,
    /// The header is not a JSON object.
    HeaderMalformed,
    /// A name appears twice in the header.
    HeaderDuplicateName,
    /// `alg` is not `RS256`.
    AlgorithmRefused,
    /// `typ` is neither `at+jwt` nor another type that the policy accepts.
    TypeRefused,
    /// The header has `crit` or `b64`. The verifier supports no such extension.
    CriticalHeader,
    /// The header has no `kid`.
    KeyIdMissing,
    /// The issuer publishes no key with this `kid`.
    UnknownKey,
    /// The key did not make this signature for this token.
    SignatureInvalid,
    /// The claims are not a JSON object, or one of them has the wrong type.
    ClaimsMalformed,
    /// A name appears twice in the claims.
    ClaimsDuplicateName,
    /// `iss` is not the issuer of the policy.
    IssuerMismatch,
    /// `aud` contains no audience that the policy accepts.
    AudienceMismatch,
    /// `exp` is missing or not a date.
    ExpiryInvalid,
    /// `exp` has passed.
    Expired,
    /// `iat` is missing or not a date.
    IssuedAtInvalid,
    /// `iat` is in the future.
    IssuedInFuture,
    /// `nbf` is not a date.
    NotBeforeInvalid,
    /// `nbf` is in the future.
    NotYetValid,
    /// The time from `iat` to `exp` is longer than the policy allows.
    LifetimeTooLong,
    /// `sub` is missing, empty or not a string.
    SubjectMissing,
    /// The token has `cnf`: it is bound to its sender's key, so it is not a bearer token.
    SenderConstrained,
    /// The person signed in too long ago, or without a method that the policy requires. The person
    /// must sign in again (RFC 9470).
    UserAuthenticationInsufficient {
        /// The longest time since the sign-in, if the policy sets one.
        max_age: Option<Duration>,
    },
    /// The token lacks a scope.
    ScopeMissing {
        /// The required scope.
        required: Box<str>,
    },
    /// The token has none of the required roles.
    RoleMissing,
    /// The issuer has revoked the token.
    Revoked,
    /// The token has no `status`, and the policy requires one.
    StatusMissing,
    /// The token names a status list outside the issuer's URL, or one with http that is not allowed.
    StatusListRefused,
    /// The status list of the token was not fetched yet, has expired or lacks the token's entry.
    /// The token may be valid.
    RevocationUnknown {
        /// The time to wait before a retry.
        retry_after: Duration,
    },
    /// The issuer's keys are currently unavailable. The token may be valid.
    KeysUnavailable {
        /// The time to wait before a retry.
        retry_after: Duration,
    },
}

/// Groups of [`Error`]s, by what the caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The request has no token, or more than one. The caller must send exactly one.
    Request,
    /// The token is malformed, forged, or for another service. It never becomes valid.
    Token,
    /// The token is expired or not valid yet. The caller must refresh it.
    Time,
    /// The token is valid, but the person must sign in again, possibly with another method.
    SignIn,
    /// The token is valid, but lacks a scope or role.
    Permission,
    /// The verifier cannot decide at the moment. The caller must retry.
    Unavailable,
}

impl Error {
    /// Returns a stable name in `snake_case`, for logs, metrics and tests.
    pub const fn reason(&self) -> &'static str {
        self.words().0
    }

    /// Returns the group of this error.
    pub const fn category(&self) -> Category {
        match self {
            Self::TokenMissing | Self::SeveralCredentials | Self::IdentityMissing => {
                Category::Request
            }
            Self::Expired | Self::IssuedInFuture | Self::NotYetValid => Category::Time,
            Self::UserAuthenticationInsufficient { .. } => Category::SignIn,
            Self::ScopeMissing { .. } | Self::RoleMissing => Category::Permission,
            Self::KeysUnavailable { .. } | Self::RevocationUnknown { .. } => Category::Unavailable,
            _ => Category::Token,
        }
    }

    /// Returns whether the token has expired, so that a refresh is enough.
    pub const fn is_expired(&self) -> bool {
        matches!(self, Self::Expired)
    }

    /// Returns the stable name and the message.
    const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::TokenMissing => ("token_missing", "a bearer token is required"),
            Self::SeveralCredentials => {
                ("several_credentials", "send only one Authorization header")
            }
            Self::IdentityMissing => ("identity_missing", "the gateway passed on no identity"),
            Self::IdentityMismatch => (
                "identity_mismatch",
                "the gateway's identity differs from the token's",
            ),
            Self::TokenTooLong => ("token_too_long", "the token is longer than 8 KiB"),
            Self::NotThreeParts => ("not_three_parts", "the token is not three parts"),
            Self::NotBase64url => ("not_base64url", "the token is not canonical base64url"),
            Self::HeaderMalformed => ("header_malformed", "the token header is not a JSON object"),
            Self::HeaderDuplicateName => (
                "header_duplicate_name",
                "a name appears twice in the token header",
            ),
            Self::AlgorithmRefused => ("algorithm_refused", "the token is not signed with RS256"),
            Self::TypeRefused => ("type_refused", "the token is not an access token"),
            Self::CriticalHeader => (
                "critical_header",
                "the token requires an unsupported extension",
            ),
            Self::KeyIdMissing => ("key_id_missing", "the token has no key id"),
            Self::UnknownKey => ("unknown_key", "the token is signed with an unknown key"),
            Self::SignatureInvalid => ("signature_invalid", "the token signature is invalid"),
            Self::ClaimsMalformed => ("claims_malformed", "the token claims are malformed"),
            Self::ClaimsDuplicateName => (
                "claims_duplicate_name",
                "a claim appears twice in the token",
            ),
            Self::IssuerMismatch => ("issuer_mismatch", "the token is from another issuer"),
            Self::AudienceMismatch => ("audience_mismatch", "the token is for another audience"),
            Self::ExpiryInvalid => ("expiry_invalid", "the token has no valid exp"),
            Self::Expired => ("expired", "the token has expired"),
            Self::IssuedAtInvalid => ("issued_at_invalid", "the token has no valid iat"),
            Self::IssuedInFuture => ("issued_in_future", "the token was issued in the future"),
            Self::NotBeforeInvalid => ("not_before_invalid", "the token has no valid nbf"),
            Self::NotYetValid => ("not_yet_valid", "the token is not valid yet"),
            Self::LifetimeTooLong => ("lifetime_too_long", "the lifetime of the token is too long"),
            Self::SubjectMissing => ("subject_missing", "the token has no subject"),
            Self::SenderConstrained => (
                "sender_constrained",
                "the token is bound to its sender's key",
            ),
            Self::UserAuthenticationInsufficient { .. } => (
                "user_authentication_insufficient",
                "a new sign-in is required",
            ),
            Self::ScopeMissing { .. } => ("scope_missing", "the token lacks a scope"),
            Self::RoleMissing => ("role_missing", "the token lacks a role"),
            Self::Revoked
            | Self::StatusMissing
            | Self::StatusListRefused
            | Self::RevocationUnknown { .. }
            | Self::KeysUnavailable { .. } => self.words_on_status(),
        }
    }

    /// Returns the same for the status of a token, and for keys that are unavailable.
    const fn words_on_status(&self) -> (&'static str, &'static str) {
        match self {
            Self::Revoked => ("revoked", "the token was revoked"),
            Self::StatusMissing => ("status_missing", "the token has no status"),
            Self::StatusListRefused => (
                "status_list_refused",
                "the status list of the token is outside the issuer's URL",
            ),
            Self::RevocationUnknown { .. } => (
                "revocation_unknown",
                "the issuer's status list is unavailable; retry later",
            ),
            _ => (
                "keys_unavailable",
                "the issuer's keys are unavailable; retry later",
            ),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words().1)
    }
}

impl std::error::Error for Error {}
