//! What the caller has allowed clients: listing it, and withdrawing it.

use signet_core::account::DisplayName;
use signet_core::authorization::Consent;
use signet_core::client::Client;
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_core::session::{Grant, Session};
use signet_store::StoreError;

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

/// What the owner of an account has allowed a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GivenConsent {
    /// The client.
    pub client_id: ClientId,
    /// Its name for people.
    pub client_name: Option<DisplayName>,
    /// What it may have.
    pub consent: Consent,
}

impl Flows {
    /// What the caller has allowed clients, by the id of the client.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn own_consents(
        &self,
        bearer: SessionBearer,
    ) -> Result<Vec<GivenConsent>, OwnAccountError> {
        let account = self.own_account(bearer).await?;
        Ok(self.account_consents(account.id).await?)
    }

    /// What the owner of an account has allowed clients, by the id of the client.
    pub(super) async fn account_consents(
        &self,
        account_id: AccountId,
    ) -> Result<Vec<GivenConsent>, StoreError> {
        let now = self.clock.now();
        let mut given = Vec::new();
        for (client_id, consent) in self.stores.consents.list(account_id, now).await? {
            let Some(consent) = consent.unexpired(now) else {
                continue;
            };
            let client = match self.stores.clients.find(&client_id).await {
                Err(StoreError::Corrupt { .. }) => None,
                found => found?,
            };
            given.push(GivenConsent {
                client_name: client.and_then(|client| client.name.clone()),
                client_id,
                consent,
            });
        }
        Ok(given)
    }

    /// Withdraws what the caller has allowed a client, and ends the client's sessions of the account.
    ///
    /// They end before the consent goes, so a call that fails can be repeated, and once more
    /// afterwards: a code that is redeemed meanwhile either finds no consent, or its session is in
    /// the second list.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError::NoSuchConsent`] if the caller has allowed this client nothing.
    pub async fn withdraw_own_consent(
        &self,
        bearer: SessionBearer,
        client_id: &ClientId,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let (account, now) = (self.own_account(bearer).await?, self.clock.now());
        let caller = Caller::account(account.id, origin);
        let consents = &self.stores.consents;
        if consents.find(account.id, client_id, now).await?.is_none() {
            return Err(OwnAccountError::NoSuchConsent);
        }
        self.end_sessions_of_client(account.id, client_id, caller)
            .await?;
        consents.remove(account.id, client_id).await?;
        self.end_sessions_of_client(account.id, client_id, caller)
            .await?;
        events::emit(Event::ConsentWithdrawn(account.id, client_id), caller);
        Ok(())
    }

    /// Whether a session needs no consent, or its owner still allows the client all that it has. A
    /// consent that was given after a withdrawal counts only for what it allows.
    pub(crate) async fn consent_goes_on(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<bool, StoreError> {
        if !session.needs_consent(client) {
            return Ok(true);
        }
        let (consents, now) = (&self.stores.consents, self.clock.now());
        let found = consents.find(session.account_id, &client.id, now).await?;
        let Grant {
            scope, audience, ..
        } = &session.grant;
        Ok(found.is_some_and(|given| given.covers(scope, audience, now)))
    }

    async fn end_sessions_of_client(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let sessions = self.stores.sessions.list(account_id, now).await?;
        let of_client = sessions.iter();
        for session in of_client.filter(|session| session.grant.client_id == *client_id) {
            self.end_with_children(session, SessionEnd::ByOwner, caller)
                .await?;
        }
        Ok(())
    }
}
