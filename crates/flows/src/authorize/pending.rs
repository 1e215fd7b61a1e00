//! A request between its steps.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use signet_core::authorization::{Answers, AuthorizationRequest};
use signet_core::client::Client;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{Challenge, ChallengePayload, StoreError};

use crate::flows::Flows;
use crate::random::system_rng;

/// A request that waits for a person.
#[derive(Debug)]
pub struct Pending {
    /// What names it in pages.
    pub token: OneTimeToken,
    /// The client.
    pub client: Client,
    /// What the client asks for.
    pub request: AuthorizationRequest,
    pub(crate) answers: Answers,
}

/// What the store remembers of it.
#[derive(Serialize, Deserialize)]
struct Stored {
    request: AuthorizationRequest,
    answers: Answers,
}

/// How long a person may take: to find a password, to register, to fetch a code from a mail.
pub const REQUEST_TTL: Duration = Duration::from_mins(30);

impl Pending {
    pub(super) fn new(request: AuthorizationRequest, client: Client) -> Self {
        Self {
            token: OneTimeToken::random(OneTimePurpose::AuthorizationRequest, &mut system_rng()),
            client,
            request,
            answers: Answers::default(),
        }
    }

    fn stored(&self) -> Result<ChallengePayload, StoreError> {
        let stored = Stored {
            request: self.request.clone(),
            answers: self.answers,
        };
        payload(&stored)
    }
}

impl Flows {
    /// The request that a page names; `None` if it is unknown, finished or too old, or if its client
    /// no longer admits it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn pending_request(&self, text: &str) -> Result<Option<Pending>, StoreError> {
        let Ok(token) = OneTimeToken::read(OneTimePurpose::AuthorizationRequest, text) else {
            return Ok(None);
        };
        let (purpose, now) = (token.purpose(), self.clock.now());
        let challenges = &self.stores.challenges;
        let found = challenges.attempt(purpose, token.digest(), now).await?;
        let stored = found.and_then(|found| read_payload::<Stored>(&found.payload));
        let Some(stored) = stored else {
            return Ok(None);
        };
        let client = self.client_of_waiting(&stored.request.client_id).await?;
        let admits = |client: &Client| stored.request.is_admitted_by(client);
        let pending = |client| Pending {
            token,
            client,
            request: stored.request.clone(),
            answers: stored.answers,
        };
        Ok(client.filter(admits).map(pending))
    }

    /// Remembers a request until its time is over.
    pub(super) async fn keep_pending(&self, pending: &Pending) -> Result<(), StoreError> {
        let challenge = Challenge {
            purpose: pending.token.purpose(),
            id: pending.token.digest(),
            payload: pending.stored()?,
            until: pending.request.asked_at.saturating_add(REQUEST_TTL),
        };
        let challenges = &self.stores.challenges;
        challenges.put(&challenge, self.clock.now()).await
    }

    /// Forgets a request. Returns whether this was the first call for it.
    pub(super) async fn finish_pending(&self, pending: &Pending) -> Result<bool, StoreError> {
        let (purpose, id) = (pending.token.purpose(), pending.token.digest());
        let challenges = &self.stores.challenges;
        let taken = challenges.take(purpose, id, self.clock.now()).await?;
        Ok(taken.is_some())
    }
}

/// Reads the payload of a challenge in JSON; `None` if it holds something else.
pub(crate) fn read_payload<T: DeserializeOwned>(payload: &ChallengePayload) -> Option<T> {
    serde_json::from_slice(payload.as_bytes()).ok()
}

/// The payload of a challenge in JSON.
pub(super) fn payload(value: &impl Serialize) -> Result<ChallengePayload, StoreError> {
    let corrupt = StoreError::Corrupt {
        store: "challenges",
        what: "an authorization request that is too long",
    };
    let Ok(bytes) = serde_json::to_vec(value) else {
        return Err(corrupt);
    };
    // Each part of a request has a limit, and all of them fit.
    bytes.try_into().map_err(|_| corrupt)
}
