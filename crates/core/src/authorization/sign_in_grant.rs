//! What a client gets after a person has signed in for it.

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::AuthorizationRequest;
use super::request::keep_offline_access;
use crate::account::Epoch;
use crate::client::{Client, GrantType};
use crate::ids::{AccountId, SessionId};
use crate::names::{Audience, ClientId, Scope};
use crate::session::{Grant, SeenFrom};

/// What a client gets after a person has signed in for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInGrant {
    account: [u8; 16],
    browser: [u8; 16],
    epoch: u32,
    /// When the person last proved who they are.
    pub authenticated_at: Timestamp,
    /// The methods of that proof.
    pub amr: Vec<String>,
    /// The client.
    pub client_id: ClientId,
    /// The scopes of the session.
    pub scope: Vec<Scope>,
    /// The audiences of the session.
    pub audience: Vec<Audience>,
    /// Repeated in the ID token.
    pub nonce: Option<String>,
    /// Whether the client was to get a refresh token when the person signed in.
    refresh: bool,
    /// Where the person was. `None` in grants that an earlier version wrote.
    #[serde(default)]
    pub seen_from: Option<SeenFrom>,
    /// The registration of the client: see [`Client::since`]. `None` in grants that an earlier version
    /// wrote, too.
    #[serde(default)]
    client_since: Option<Timestamp>,
}

/// What a person decided about a device.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum DeviceDecision {
    /// The device gets tokens.
    Approved(Box<SignInGrant>),
    /// The device gets nothing.
    Denied,
}

impl DeviceDecision {
    /// Whether both have the same outcome. The same person may have sent one of them again.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Approved(one), Self::Approved(other)) => one.account == other.account,
            (Self::Denied, Self::Denied) => true,
            _ => false,
        }
    }
}

impl SignInGrant {
    /// Returns the grant for `request` after the owner of an account has signed in at a browser.
    pub fn of(
        request: &AuthorizationRequest,
        client: &Client,
        (account_id, epoch): (AccountId, Epoch),
        browser: (SessionId, Timestamp, Vec<String>),
    ) -> Self {
        let (browser, authenticated_at, amr) = browser;
        Self {
            account: *account_id.as_bytes(),
            browser: *browser.as_bytes(),
            epoch: epoch.number(),
            authenticated_at,
            amr,
            client_id: request.client_id.clone(),
            scope: request.scope.clone(),
            audience: request.audience.clone(),
            nonce: request.nonce.clone(),
            refresh: request.grants_refresh(client),
            seen_from: None,
            client_since: client.since(),
        }
    }

    /// Whether the grant is for this registration of its client.
    pub fn is_for(&self, client: &Client) -> bool {
        self.client_id == client.id && client.is_since(self.client_since)
    }

    /// Sets where the person was.
    #[must_use]
    pub fn seen_from(self, seen_from: SeenFrom) -> Self {
        Self {
            seen_from: Some(seen_from),
            ..self
        }
    }

    /// Whether `client`, as it is registered now, gets a refresh token.
    pub fn gets_refresh_token(&self, client: &Client) -> bool {
        self.refresh && client.may(GrantType::RefreshToken)
    }

    /// What the session of `client`, as it is registered now, is granted.
    pub fn of_session(&self, client: &Client) -> Grant {
        let mut scope = self.scope.clone();
        keep_offline_access(&mut scope, client);
        Grant {
            client_id: self.client_id.clone(),
            scope,
            audience: self.audience.clone(),
            amr: self.amr.clone(),
            epoch: self.epoch(),
            cnf: None,
        }
    }

    /// The account.
    pub fn account_id(&self) -> AccountId {
        AccountId::from_bytes(self.account)
    }

    /// The browser sign-in that the grant came from.
    pub fn browser(&self) -> SessionId {
        SessionId::from_bytes(self.browser)
    }

    /// The epoch of the account, read when its owner signed in.
    pub fn epoch(&self) -> Epoch {
        Epoch::from_number(self.epoch)
    }
}
