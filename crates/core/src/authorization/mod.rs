//! Sign-in by redirect: what a client asks for, what the person is asked next, and what a code
//! gives (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core 1.0).
//!
//! This module must not know URLs of this server, pages, or where anything is stored.

mod code;
mod consent;
mod pkce;
mod prompt;
mod request;
mod step;

pub use code::{CodeGrant, CodeProblem};
pub use consent::Consent;
pub use pkce::{CodeChallenge, InvalidChallenge};
pub use prompt::{InvalidPrompt, Prompt};
pub use request::{
    AuthorizationParameters, AuthorizationRequest, RequestProblem, identity_scopes, is_openid,
};
pub use step::{Answers, Refusal, SignedIn, Step, next_step};
