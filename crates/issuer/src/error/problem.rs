//! Renders an [`ApiError`] as the problem document of RFC 9457, with headers.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use signet_core::proof_of_work::WorkChallenge;
use signet_core::secret::SecretText;
use signet_flows::authenticate::SECOND_FACTOR_TTL;
use signet_verifier::seconds_rounded_up;
use utoipa::ToSchema;

use super::bearer::standard_challenge;
use super::{ApiError, Code, FieldError, ProofDemand};
use crate::passkey_options::RequestOptions;

/// The part of an error that is logged; a response extension carries it.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    /// The code that the client gets.
    pub code: Code,
    /// Its name on the wire.
    pub name: &'static str,
    /// The cause, for operators only.
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

/// RFC 9457 section 3, with the extension members `code` and `errors`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem<'a> {
    /// `urn:signet:problem:` followed by the code.
    r#type: String,
    /// A short title, the same for every error with this code.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// A sentence for people.
    detail: &'a str,
    /// The stable code, for programs.
    code: &'a str,
    /// With `validation_failed`: every field that is invalid.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    /// With `mfa_required`, `step_up_required` and `proof_of_work_required`: the methods that are
    /// accepted.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<String>)]
    methods: &'a [&'static str],
    /// With `mfa_required`: the token that continues the sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    mfa_token: Option<&'a str>,
    /// With `mfa_required`: how long the token is valid, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_in: Option<u64>,
    /// With `mfa_required` and a passkey: goes back with the credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    challenge_id: Option<&'a str>,
    /// With `mfa_required` and a passkey: the options of the request for a proof by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    public_key: Option<&'a RequestOptions>,
    /// With `proof_of_work_required`: the challenge. Find a number for which the SHA-256 of
    /// `{challenge}:{number}` begins with enough zero bits, and send this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proof_of_work: Option<&'a str>,
    /// With `proof_of_work_required`: how many zero bits are enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    proof_of_work_bits: Option<u8>,
}

impl<'a> Problem<'a> {
    fn of(code: Code, detail: &'a str, errors: &'a [FieldError], demand: &'a ProofDemand) -> Self {
        let passkey = demand.passkey.as_ref();
        Self {
            r#type: format!("urn:signet:problem:{}", code.name()),
            title: code.title(),
            status: code.status().as_u16(),
            detail,
            code: code.name(),
            errors,
            methods: &demand.methods,
            mfa_token: demand.mfa_token.as_ref().map(SecretText::expose),
            expires_in: demand.expires_in.map(|wait| wait.as_secs()),
            challenge_id: passkey.map(|passkey| &*passkey.challenge_id),
            public_key: passkey.map(|passkey| &passkey.public_key),
            proof_of_work: demand.work.as_ref().map(|work| work.text.as_str()),
            proof_of_work_bits: demand.work.as_ref().map(|work| work.bits),
        }
    }
}

impl Code {
    /// An example of the body.
    pub(crate) fn example(self) -> serde_json::Value {
        let field = FieldError {
            field: "email",
            code: "required",
            message: "is required".into(),
        };
        let fields = if self == Self::ValidationFailed {
            &[field][..]
        } else {
            &[]
        };
        let demand = self.example_demand();
        let problem = Problem::of(self, self.detail(), fields, &demand);
        serde_json::to_value(problem).unwrap_or_default()
    }

    fn example_demand(self) -> ProofDemand {
        let methods = vec!["totp", "recovery_code"];
        match self {
            Self::MfaRequired => ProofDemand {
                methods,
                mfa_token: Some(SecretText::new("mfa_...".to_owned())),
                expires_in: Some(SECOND_FACTOR_TTL),
                ..ProofDemand::default()
            },
            Self::ProofOfWorkRequired => ProofDemand {
                methods: vec!["proof_of_work"],
                work: Some(WorkChallenge {
                    text: "pow_...".to_owned(),
                    bits: 16,
                }),
                ..ProofDemand::default()
            },
            Self::StepUpRequired => ProofDemand {
                methods,
                ..ProofDemand::default()
            },
            _ => ProofDemand::default(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let parts = *self.0;
        let code = parts.code;
        let problem = Problem::of(code, &parts.detail, &parts.fields, &parts.demand);
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        let mut response = (code.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(CACHE_CONTROL, NO_STORE);
        for (name, value) in &parts.headers {
            headers.append(name, value.clone());
        }
        if let Some(value) = parts.challenge.or_else(|| standard_challenge(code)) {
            insert(headers, WWW_AUTHENTICATE, &value);
        }
        if let Some(wait) = parts.retry_after.or_else(|| standard_wait(code)) {
            insert(headers, RETRY_AFTER, &whole_seconds(wait).to_string());
        }
        response.extensions_mut().insert(Failure {
            code,
            name: code.name(),
            cause: parts.cause,
        });
        response
    }
}

fn standard_wait(code: Code) -> Option<Duration> {
    match code {
        Code::Overloaded => Some(OVERLOADED_WAIT),
        Code::Unavailable | Code::RateLimited => Some(UNAVAILABLE_WAIT),
        _ => None,
    }
}

/// Rounded up, and never zero: `Retry-After: 0` would invite a hot loop.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    seconds_rounded_up(wait).max(1)
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The hash pool empties its queue in about this time.
const OVERLOADED_WAIT: Duration = Duration::from_secs(2);
/// A store that restarts needs about this time.
const UNAVAILABLE_WAIT: Duration = Duration::from_secs(5);
