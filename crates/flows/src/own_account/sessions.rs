//! The sessions of an account: listing them and ending one.

use std::collections::BTreeMap;
use std::sync::Arc;

use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::ids::SessionId;
use signet_core::names::ClientId;
use signet_core::session::Session;
use signet_store::StoreError;

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

/// What the store says of the client of a session.
enum FoundClient {
    Registered(Arc<Client>),
    Removed,
    /// The client is the server's own, or its row cannot be read.
    Unknown,
}

impl Flows {
    /// The sessions of the caller's account that can still be refreshed, the newest first.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_sessions(
        &self,
        bearer: SessionBearer,
    ) -> Result<Vec<Session>, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        Ok(self.account_sessions(&account).await?)
    }

    /// The sessions of an account that can still be refreshed, the newest first. A disabled client has
    /// sessions, a removed one has none.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub(crate) async fn account_sessions(
        &self,
        account: &Account,
    ) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let mut sessions = self.stores.sessions.list(account.id, now).await?;
        let standing = account.standing;
        sessions.retain(|session| standing.admits(session.id, session.grant.epoch));
        self.retain_of_clients(sessions).await
    }

    /// Leaves out the sessions of clients that were removed.
    async fn retain_of_clients(&self, sessions: Vec<Session>) -> Result<Vec<Session>, StoreError> {
        let mut clients = BTreeMap::new();
        let mut kept = Vec::with_capacity(sessions.len());
        for session in sessions {
            let id = &session.grant.client_id;
            if !clients.contains_key(id) {
                clients.insert(id.clone(), self.found_client(id).await?);
            }
            let is_kept = match clients.get(id) {
                Some(FoundClient::Registered(client)) => session.is_of(client),
                Some(FoundClient::Removed) => false,
                Some(FoundClient::Unknown) | None => true,
            };
            if is_kept {
                kept.push(session);
            }
        }
        Ok(kept)
    }

    async fn found_client(&self, id: &ClientId) -> Result<FoundClient, StoreError> {
        if id.is_built_in() {
            return Ok(FoundClient::Unknown);
        }
        Ok(match self.stores.clients.find(id).await {
            Err(StoreError::Corrupt { .. }) => FoundClient::Unknown,
            found => found?.map_or(FoundClient::Removed, FoundClient::Registered),
        })
    }

    /// Ends one session of the caller's account.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError::NoSuchSession`] when it is not one of the caller's own.
    pub async fn end_own_session(
        &self,
        bearer: SessionBearer,
        id: SessionId,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let account_id = bearer.account_id();
        let caller = Caller::account(account_id, origin);
        if self.end_living_session((account_id, id), caller).await? {
            Ok(())
        } else {
            Err(OwnAccountError::NoSuchSession)
        }
    }
}
