//! The reasons of second factors and step-up as errors of the HTTP contract.

use signet_core::authenticators::{AuthenticatorProblem, ProofMethod};
use signet_core::session::STEP_UP_AGE;
use signet_flows::authenticate::{PendingEnrolment, PendingSecondFactor, SecondFactorError};
use signet_flows::proof_of_work::RequiredWork;
use signet_flows::second_factor::FactorError;
use signet_flows::step_up::StepUpError;

use super::{ApiError, Code, ProofDemand, REALM};
use crate::passkey_options::PasskeyRequestView;

/// A right password is not enough: says what continues the sign-in.
impl From<PendingSecondFactor> for ApiError {
    fn from(pending: PendingSecondFactor) -> Self {
        Self::from(Code::MfaRequired).demand(ProofDemand {
            methods: names(&pending.methods),
            mfa_token: Some(pending.token.into_text()),
            expires_in: Some(pending.expires_in),
            passkey: pending.passkey.map(PasskeyRequestView::from),
            work: None,
        })
    }
}

/// A right password is not enough: a second factor is enrolled first.
impl From<PendingEnrolment> for ApiError {
    fn from(pending: PendingEnrolment) -> Self {
        Self::from(Code::MfaRequired).demand(ProofDemand {
            methods: ENROL.to_vec(),
            mfa_token: Some(pending.token.into_text()),
            expires_in: Some(pending.expires_in),
            passkey: None,
            work: None,
        })
    }
}

/// The client does work before it asks again, or has a person solve a captcha.
impl From<RequiredWork> for ApiError {
    fn from(required: RequiredWork) -> Self {
        let captcha = required.takes_captcha.then_some("captcha");
        Self::from(Code::ProofOfWorkRequired).demand(ProofDemand {
            methods: ["proof_of_work"].into_iter().chain(captcha).collect(),
            work: Some(required.challenge),
            ..ProofDemand::default()
        })
    }
}

impl From<SecondFactorError> for ApiError {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::Over => Code::ChallengeFailed.into(),
            SecondFactorError::Factor(error) => error.into(),
            SecondFactorError::Store(error) => error.into(),
        }
    }
}

impl From<FactorError> for ApiError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Wrong => {
                Self::from(Code::InvalidCredentials).detail("the code is wrong or was used before")
            }
            FactorError::Passkey(_) => Self::from(Code::ChallengeFailed).detail(PASSKEY_REFUSED),
            FactorError::TooManyTries { retry_after } => Self::from(Code::RateLimited)
                .detail("too many wrong codes; use a recovery code or try again later")
                .retry_after(retry_after),
            FactorError::Problem(AuthenticatorProblem::Unknown) => Code::NotFound.into(),
            FactorError::Problem(AuthenticatorProblem::Last) => Code::LastAuthenticator.into(),
            FactorError::Problem(problem @ AuthenticatorProblem::FactorRequired) => {
                Self::from(Code::LastAuthenticator).detail(problem.to_string())
            }
            FactorError::Problem(problem) => Self::from(Code::Conflict).detail(problem.to_string()),
            FactorError::NoAccount => Code::SessionEnded.into(),
            FactorError::Contended => Code::Unavailable.into(),
            FactorError::Unreadable(_) | FactorError::Seal(_) => {
                Self::from(Code::InternalError).because(error)
            }
            FactorError::Store(error) => error.into(),
        }
    }
}

impl From<StepUpError> for ApiError {
    fn from(error: StepUpError) -> Self {
        match error {
            StepUpError::SessionEnded => Code::SessionEnded.into(),
            StepUpError::WrongPassword => {
                Self::from(Code::InvalidCredentials).detail("the password is wrong")
            }
            StepUpError::Factor(error) => error.into(),
            StepUpError::Required(methods) => step_up_required(&methods),
            StepUpError::RoleRequired => Code::RoleRequired.into(),
            StepUpError::Contended => Code::Unavailable.into(),
            StepUpError::Hash(error) => error.into(),
            StepUpError::TooMany(error) => error.into(),
            StepUpError::Issue(error) => error.into(),
            StepUpError::Store(error) => error.into(),
        }
    }
}

/// The challenge is the one of RFC 9470 section 3.
fn step_up_required(methods: &[ProofMethod]) -> ApiError {
    let demand = ProofDemand {
        methods: names(methods),
        ..ProofDemand::default()
    };
    let challenge = format!(
        "Bearer realm=\"{REALM}\", error=\"insufficient_user_authentication\", max_age={}",
        STEP_UP_AGE.as_secs()
    );
    let error = ApiError::from(Code::StepUpRequired).demand(demand);
    error.challenge(challenge)
}

/// The methods of a sign-in that must enrol a second factor.
const ENROL: [&str; 2] = ["enrol_totp", "enrol_passkey"];

/// How methods are named in answers.
fn names(methods: &[ProofMethod]) -> Vec<&'static str> {
    methods.iter().map(|method| method.as_str()).collect()
}

/// One text for every reason, which only the log tells.
const PASSKEY_REFUSED: &str = "the passkey was refused, or its challenge was used or has expired; \
                               ask for a new challenge";
