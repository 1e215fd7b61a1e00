//! The grant of an authorization code, and the client that may redeem it (RFC 6749 section 4.1.3).

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::{AuthorizationRequest, CodeChallenge};
use crate::account::Epoch;
use crate::client::{Client, RedirectUri};
use crate::ids::{AccountId, SessionId};
use crate::names::{Audience, ClientId, Scope};

/// What a code is exchanged for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CodeGrant {
    account: [u8; 16],
    browser: [u8; 16],
    epoch: u32,
    /// When the person last proved who they are.
    pub authenticated_at: Timestamp,
    /// The methods of that proof.
    pub amr: Vec<String>,
    /// The client.
    pub client_id: ClientId,
    redirect_uri: RedirectUri,
    challenge: CodeChallenge,
    /// The scopes of the session.
    pub scope: Vec<Scope>,
    /// The audiences of the session.
    pub audience: Vec<Audience>,
    /// Repeated in the ID token.
    pub nonce: Option<String>,
    /// Whether the client gets a refresh token.
    pub refresh: bool,
}

impl CodeGrant {
    /// Returns the grant for `request` after the owner of an account has signed in at a browser.
    pub fn of(
        request: AuthorizationRequest,
        client: &Client,
        (account_id, epoch): (AccountId, Epoch),
        browser: (SessionId, Timestamp, Vec<String>),
    ) -> Self {
        let refresh = request.grants_refresh(client);
        let (browser, authenticated_at, amr) = browser;
        Self {
            account: *account_id.as_bytes(),
            browser: *browser.as_bytes(),
            epoch: epoch.number(),
            authenticated_at,
            amr,
            client_id: request.client_id,
            redirect_uri: request.redirect_uri,
            challenge: request.challenge,
            scope: request.scope,
            audience: request.audience,
            nonce: request.nonce,
            refresh,
        }
    }

    /// The account.
    pub fn account_id(&self) -> AccountId {
        AccountId::from_bytes(self.account)
    }

    /// The browser sign-in that the session belongs to.
    pub fn browser(&self) -> SessionId {
        SessionId::from_bytes(self.browser)
    }

    /// The epoch of the account, read when its owner signed in.
    pub fn epoch(&self) -> Epoch {
        Epoch::from_number(self.epoch)
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
        if self.client_id != client.id {
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
