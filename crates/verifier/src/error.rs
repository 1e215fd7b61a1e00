//! Why a token was refused, and how to say so over HTTP (RFC 6750). Holds nothing of the token.

use std::fmt;
use std::time::Duration;

/// Why a token was refused: one variant per reason.
///
/// [`reason`](Self::reason) is a stable name for logs and metrics, [`category`](Self::category)
/// says who has to act, [`http_status`](Self::http_status) and
/// [`www_authenticate`](Self::www_authenticate) are the answer to give. Neither `Debug` nor
/// `Display` ever shows anything that was in the token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The request has no bearer token.
    TokenMissing,
    /// The request has more than one `Authorization` header.
    SeveralCredentials,
    /// The gateway in front passed no identity on, or not exactly one.
    IdentityMissing,
    /// The identity that the gateway passed on is not the one of the token.
    IdentityMismatch,
    /// The token is longer than 8 KiB.
    TokenTooLong,
    /// The token is not three non-empty parts between dots.
    NotThreeParts,
    /// A part is not canonical base64url without padding.
    NotBase64url,
    /// The header is not a JSON object.
    HeaderMalformed,
    /// A name comes twice in the header.
    HeaderDuplicateName,
    /// `alg` is not `RS256`.
    AlgorithmRefused,
    /// `typ` is not `at+jwt`, nor one that the policy accepts as well.
    TypeRefused,
    /// The header has `crit` or `b64`; no such extension is understood.
    CriticalHeader,
    /// The header names no key.
    KeyIdMissing,
    /// No key of that name is published.
    UnknownKey,
    /// The signature is not of that key over this token.
    SignatureInvalid,
    /// The claims are not a JSON object, or one of them has the wrong type.
    ClaimsMalformed,
    /// A name comes twice in the claims.
    ClaimsDuplicateName,
    /// `iss` is not the issuer that the policy names.
    IssuerMismatch,
    /// `aud` does not contain the audience that the policy names.
    AudienceMismatch,
    /// `exp` is missing or not a date.
    ExpiryInvalid,
    /// The token is past its `exp`.
    Expired,
    /// `iat` is missing or not a date.
    IssuedAtInvalid,
    /// `iat` is in the future.
    IssuedInFuture,
    /// `nbf` is not a date.
    NotBeforeInvalid,
    /// `nbf` is in the future.
    NotYetValid,
    /// More time lies between `iat` and `exp` than the policy allows.
    LifetimeTooLong,
    /// `sub` is missing, empty or not a string.
    SubjectMissing,
    /// The token has `cnf`: it is bound to a key of its sender and is no bearer token.
    SenderConstrained,
    /// The person signed in too long ago, or without a method that the policy requires. The person
    /// has to sign in again (RFC 9470).
    UserAuthenticationInsufficient {
        /// How long ago the sign-in may be, if the policy limits that.
        max_age: Option<Duration>,
    },
    /// The token lacks a scope.
    ScopeMissing {
        /// The scope that is required.
        required: Box<str>,
    },
    /// The token has none of the roles, one of which is required.
    RoleMissing,
    /// The issuer's keys are not available at the moment. The token may well be good.
    KeysUnavailable {
        /// When it makes sense to try again.
        retry_after: Duration,
    },
}

/// Who has to act on an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Category {
    /// The request has no token, or two: the caller has to sign in, or to decide.
    Request,
    /// The token is broken, forged or meant for somebody else. It never becomes valid.
    Token,
    /// The token is out of its time: the caller has to refresh it.
    Time,
    /// The token is valid, but the person has to sign in again, or with another method.
    SignIn,
    /// The token is valid, but does not permit this.
    Permission,
    /// It is not known whether the token is good: the caller has to try again.
    Unavailable,
}

impl Error {
    /// A stable name in `snake_case`, for logs, metrics and tests.
    pub const fn reason(&self) -> &'static str {
        self.words().0
    }

    /// Who has to act.
    pub const fn category(&self) -> Category {
        match self {
            Self::TokenMissing | Self::SeveralCredentials | Self::IdentityMissing => {
                Category::Request
            }
            Self::Expired | Self::IssuedInFuture | Self::NotYetValid => Category::Time,
            Self::UserAuthenticationInsufficient { .. } => Category::SignIn,
            Self::ScopeMissing { .. } | Self::RoleMissing => Category::Permission,
            Self::KeysUnavailable { .. } => Category::Unavailable,
            _ => Category::Token,
        }
    }

    /// Whether refreshing the token is all it takes.
    pub const fn is_expired(&self) -> bool {
        matches!(self, Self::Expired)
    }

    /// The stable name and the sentence of each reason, side by side.
    const fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::TokenMissing => ("token_missing", "a bearer token is required"),
            Self::SeveralCredentials => ("several_credentials", "two Authorization headers"),
            Self::IdentityMissing => ("identity_missing", "the gateway passed no identity on"),
            Self::IdentityMismatch => ("identity_mismatch", "the gateway means somebody else"),
            Self::TokenTooLong => ("token_too_long", "the token is longer than 8 KiB"),
            Self::NotThreeParts => ("not_three_parts", "the token is not three parts"),
            Self::NotBase64url => ("not_base64url", "the token is not canonical base64url"),
            Self::HeaderMalformed => ("header_malformed", "the token header is not a JSON object"),
            Self::HeaderDuplicateName => ("header_duplicate_name", "a header name comes twice"),
            Self::AlgorithmRefused => ("algorithm_refused", "the token is not signed with RS256"),
            Self::TypeRefused => ("type_refused", "the token is not an access token"),
            Self::CriticalHeader => ("critical_header", "the token has a critical extension"),
            Self::KeyIdMissing => ("key_id_missing", "the token names no key"),
            Self::UnknownKey => ("unknown_key", "the token is signed with an unknown key"),
            Self::SignatureInvalid => ("signature_invalid", "the token signature is not valid"),
            Self::ClaimsMalformed => ("claims_malformed", "the token claims are malformed"),
            Self::ClaimsDuplicateName => ("claims_duplicate_name", "a claim comes twice"),
            Self::IssuerMismatch => ("issuer_mismatch", "the token is from another issuer"),
            Self::AudienceMismatch => ("audience_mismatch", "the token is for another audience"),
            Self::ExpiryInvalid => ("expiry_invalid", "the token has no expiry"),
            Self::Expired => ("expired", "the token has expired"),
            Self::IssuedAtInvalid => ("issued_at_invalid", "the token has no time of issue"),
            Self::IssuedInFuture => ("issued_in_future", "the token was issued in the future"),
            Self::NotBeforeInvalid => ("not_before_invalid", "the token has a malformed nbf"),
            Self::NotYetValid => ("not_yet_valid", "the token is not valid yet"),
            Self::LifetimeTooLong => ("lifetime_too_long", "the token lives too long"),
            Self::SubjectMissing => ("subject_missing", "the token has no subject"),
            Self::SenderConstrained => ("sender_constrained", "the token is bound to a sender key"),
            Self::UserAuthenticationInsufficient { .. } => (
                "user_authentication_insufficient",
                "a new sign-in is required",
            ),
            Self::ScopeMissing { .. } => ("scope_missing", "the token lacks a scope"),
            Self::RoleMissing => ("role_missing", "the token lacks a role"),
            Self::KeysUnavailable { .. } => ("keys_unavailable", "the keys are not available"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.words().1)
    }
}

impl std::error::Error for Error {}
