//! Requests that a client has sent itself before it sends the browser (RFC 9126): outsiders can
//! neither read nor change them.

use std::time::Duration;

use signet_core::authorization::AuthorizationRequest;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, StoreError};

use super::pending::{payload, read_payload};
use super::progress::Progress;
use crate::authenticate_client::AuthenticatedClient;
use crate::browser::BrowserSession;
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

    /// Begins the request that a client has pushed. `None` if it is unknown, used or expired, or if
    /// the client no longer admits it. The pushed request is used up last, so that a browser can
    /// repeat what has failed before.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn begin_pushed_request(
        &self,
        (client_id, text): (&str, &str),
        browser: Option<&BrowserSession>,
    ) -> Result<Option<Progress>, StoreError> {
        let Ok(token) = OneTimeToken::read(OneTimePurpose::PushedRequest, text) else {
            return Ok(None);
        };
        let (purpose, id, now) = (token.purpose(), token.digest(), self.clock.now());
        let challenges = &self.stores.challenges;
        let found = challenges.attempt(purpose, id, now).await?;
        let request = found.and_then(|found| read_payload(&found.payload));
        let is_of_client = |request: &AuthorizationRequest| request.client_id.as_str() == client_id;
        let Some(request) = request.filter(is_of_client) else {
            return Ok(None);
        };
        let client = self.client_of_waiting(&request.client_id).await?;
        let Some(client) = client.filter(|client| request.is_admitted_by(client)) else {
            return Ok(None);
        };
        let begun = self.begin_request(request, client, browser).await?;
        // What a second request has begun is never sent.
        let is_first = challenges.take(purpose, id, now).await?.is_some();
        Ok(is_first.then_some(begun))
    }
}
