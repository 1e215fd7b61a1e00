//! Requests that a client has sent itself before it sends the browser (RFC 9126): outsiders can
//! neither read nor change them.

use std::time::Duration;

use signet_core::authorization::AuthorizationRequest;
use signet_core::client::Client;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, StoreError};

use super::pending::{payload, read_payload};
use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::random::system_rng;

/// How long a browser may take to bring a pushed request.
pub const PUSHED_REQUEST_TTL: Duration = Duration::from_mins(1);

impl Flows {
    /// Remembers a request of an authenticated client, for one use.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn push_request(
        &self,
        _: &AuthenticatedClient,
        request: &AuthorizationRequest,
    ) -> Result<OneTimeToken, StoreError> {
        let token = OneTimeToken::random(OneTimePurpose::PushedRequest, &mut system_rng());
        let now = self.clock.now();
        let challenge = Challenge {
            purpose: token.purpose(),
            id: token.digest(),
            payload: payload(request)?,
            until: now.saturating_add(PUSHED_REQUEST_TTL),
        };
        self.stores.challenges.put(&challenge, now).await?;
        Ok(token)
    }

    /// The request that a client has pushed, and the client as it is now. `None` if it is unknown,
    /// used or expired, or if the client no longer admits it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn take_pushed_request(
        &self,
        client_id: &str,
        text: &str,
    ) -> Result<Option<(Client, AuthorizationRequest)>, StoreError> {
        let Ok(token) = OneTimeToken::read(OneTimePurpose::PushedRequest, text) else {
            return Ok(None);
        };
        let (purpose, now) = (token.purpose(), self.clock.now());
        let challenges = &self.stores.challenges;
        let found = challenges.take(purpose, token.digest(), now).await?;
        let request = found.and_then(|found| read_payload::<AuthorizationRequest>(&found));
        let Some(request) = request.filter(|request| request.client_id.as_str() == client_id)
        else {
            return Ok(None);
        };
        let client = self.client_of_waiting(&request.client_id).await?;
        let admits = |client: &Client| request.is_admitted_by(client);
        Ok(client.filter(admits).map(|client| (client, request)))
    }
}
