//! The grant of an authorization code, and the client that may redeem it (RFC 6749 section 4.1.3).

use serde::{Deserialize, Serialize};

use super::{CodeChallenge, RedirectReply, SignInGrant};
use crate::client::{Client, RedirectUri};

/// What a code is exchanged for, and by whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodeGrant {
    /// What the client gets.
    #[serde(flatten)]
    pub sign_in: SignInGrant,
    redirect_uri: RedirectUri,
    challenge: CodeChallenge,
}

impl CodeGrant {
    /// Returns the grant of a code that is sent with `reply`.
    pub fn new(sign_in: SignInGrant, reply: RedirectReply) -> Self {
        Self {
            sign_in,
            redirect_uri: reply.redirect_uri,
            challenge: reply.challenge,
        }
    }

    /// Checks who redeems the code.
    ///
    /// # Errors
    ///
    /// [`CodeProblem`]
    pub fn check(
        &self,
        client: &Client,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<(), CodeProblem> {
        if self.sign_in.client_id != client.id {
            return Err(CodeProblem::Client);
        }
        if self.redirect_uri.as_str() != redirect_uri {
            return Err(CodeProblem::RedirectUri);
        }
        if !self.challenge.is_of(verifier) {
            return Err(CodeProblem::Verifier);
        }
        Ok(())
    }
}

/// Why a code is not exchanged. The client learns only that it was not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodeProblem {
    /// The code was issued to another client.
    #[error("the code was issued to another client")]
    Client,
    /// The redirect URI is another one.
    #[error("the code was sent to another redirect_uri")]
    RedirectUri,
    /// The verifier does not fit the challenge.
    #[error("the code_verifier does not fit the code_challenge")]
    Verifier,
}
