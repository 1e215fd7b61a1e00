//! Why a client is told that its request is not possible.

use super::{InvalidChallenge, InvalidPrompt};
use crate::client::{InvalidScope, InvalidTarget};

/// Why a client is told that its request is not possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestProblem {
    /// The request does not say what it asks for.
    #[error("response_type is required, and must be code")]
    NoResponseType,
    /// Only codes are issued.
    #[error("response_type must be code")]
    ResponseType,
    /// Answers are in the query.
    #[error("response_mode must be query or left out")]
    ResponseMode,
    /// Signed requests are not read.
    #[error("request objects are not supported; send the parameters themselves")]
    RequestObject,
    /// Requests are fetched from nowhere.
    #[error("request_uri must be one that the pushed authorization request endpoint has returned")]
    RequestUri,
    /// The state is too long or holds other characters.
    #[error("state must have at most 1,024 printable ASCII characters")]
    State,
    /// The nonce is too long or holds other characters.
    #[error("nonce must have at most 512 printable ASCII characters")]
    Nonce,
    /// The age of a sign-in is a number of seconds.
    #[error("max_age must be a whole number of seconds")]
    MaxAge,
    /// There is no valid challenge.
    #[error(transparent)]
    Challenge(#[from] InvalidChallenge),
    /// The prompt is unknown.
    #[error(transparent)]
    Prompt(#[from] InvalidPrompt),
    /// The client may not have a scope.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// The client may not have tokens for a service.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
}
