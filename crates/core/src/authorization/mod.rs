//! Sign-in by redirect and with devices: what a client asks for, what the person is asked next, and
//! what is granted (RFC 6749 section 4.1, RFC 7636, RFC 8628, OpenID Connect Core 1.0).
//!
//! This module must not know URLs of this server, pages, or where anything is stored.

mod answers;
mod code;
mod consent;
mod pkce;
mod prompt;
mod reply;
mod request;
mod request_problem;
mod sign_in_grant;
mod step;
mod subject_hint;
mod user_code;

pub use answers::{Answers, ConsentDecision};
pub use code::{CodeGrant, CodeProblem};
pub use consent::{Consent, ConsentGrant, MAX_CONSENT_GRANTS};
pub use pkce::{CodeChallenge, InvalidChallenge};
pub use prompt::{InvalidPrompt, Prompt};
pub use reply::{DeviceReply, RedirectReply, Reply};
pub use request::{AuthorizationParameters, AuthorizationRequest, is_openid};
pub use request_problem::RequestProblem;
pub use sign_in_grant::{DeviceDecision, SignInGrant};
pub use step::{SignedIn, Step, StepRefusal, next_step};
pub use subject_hint::SubjectHint;
pub use user_code::{InvalidUserCode, UserCode};
