//! A request between its steps.
//!
//! Every change of a request is a compare-and-swap of its record. So of concurrent answers, at any
//! replica, one comes first, and the others see it. The record stays after the last step, so that a
//! late answer learns that it is late.

use std::sync::Arc;
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
    pub client: Arc<Client>,
    /// What the client asks for.
    pub request: AuthorizationRequest,
    pub(super) answers: Answers,
    /// The record as it was read or written; `None` if the store has none.
    record: Option<ChallengePayload>,
}

/// A request that a page names.
#[derive(Debug)]
pub enum FoundRequest {
    /// It waits for a person.
    Waiting(Box<Pending>),
    /// The client has its answer.
    Answered,
    /// It is unknown or too old, or its client no longer admits it.
    Gone,
}

/// What the store remembers of it.
#[derive(Serialize, Deserialize)]
enum Record {
    Waiting(Box<AuthorizationRequest>, Answers),
    Answered,
}

/// How long a person may take: to find a password, to register, to fetch a code from a mail.
pub const REQUEST_TTL: Duration = Duration::from_mins(30);

impl Pending {
    pub(super) fn new(request: AuthorizationRequest, client: Arc<Client>) -> Self {
        Self {
            token: OneTimeToken::random(OneTimePurpose::AuthorizationRequest, &mut system_rng()),
            client,
            request,
            answers: Answers::default(),
            record: None,
        }
    }

    fn challenge(&self, record: &Record) -> Result<Challenge, StoreError> {
        Ok(Challenge {
            purpose: self.token.purpose(),
            id: self.token.digest(),
            payload: payload(record)?,
            until: self.request.asked_at.saturating_add(REQUEST_TTL),
        })
    }
}

impl Flows {
    /// The request that a page names.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn pending_request(&self, text: &str) -> Result<FoundRequest, StoreError> {
        let Ok(token) = OneTimeToken::read(OneTimePurpose::AuthorizationRequest, text) else {
            return Ok(FoundRequest::Gone);
        };
        let (purpose, now) = (token.purpose(), self.clock.now());
        let challenges = &self.stores.challenges;
        let found = challenges.attempt(purpose, token.digest(), now).await?;
        let found = found.map(|found| found.payload);
        let (request, answers) = match found.as_ref().and_then(read_payload::<Record>) {
            Some(Record::Waiting(request, answers)) => (*request, answers),
            Some(Record::Answered) => return Ok(FoundRequest::Answered),
            None => return Ok(FoundRequest::Gone),
        };
        let client = self.client_of_waiting(&request.client_id).await?;
        let Some(client) = client.filter(|client| request.is_admitted_by(client)) else {
            return Ok(FoundRequest::Gone);
        };
        Ok(FoundRequest::Waiting(Box::new(Pending {
            token,
            client,
            request,
            answers,
            record: found,
        })))
    }

    /// Remembers a new request until its time is over.
    pub(super) async fn keep_pending(&self, pending: &mut Pending) -> Result<(), StoreError> {
        let waiting = Record::Waiting(Box::new(pending.request.clone()), pending.answers);
        let challenge = pending.challenge(&waiting)?;
        let challenges = &self.stores.challenges;
        challenges.put(&challenge, self.clock.now()).await?;
        pending.record = Some(challenge.payload);
        Ok(())
    }

    /// Remembers these answers. Returns `false` if another request has changed the record first.
    pub(super) async fn keep_answers(
        &self,
        pending: &mut Pending,
        answers: Answers,
    ) -> Result<bool, StoreError> {
        let waiting = Record::Waiting(Box::new(pending.request.clone()), answers);
        if !self.replace_record(pending, &waiting).await? {
            return Ok(false);
        }
        pending.answers = answers;
        Ok(true)
    }

    /// Notes that the client is about to get its answer. Returns whether this is the first call for
    /// the request, and no other request has changed it.
    pub(super) async fn finish_pending(&self, pending: &mut Pending) -> Result<bool, StoreError> {
        if pending.record.is_none() {
            return Ok(true);
        }
        self.replace_record(pending, &Record::Answered).await
    }

    async fn replace_record(
        &self,
        pending: &mut Pending,
        next: &Record,
    ) -> Result<bool, StoreError> {
        let next = pending.challenge(next)?;
        let (challenges, now) = (&self.stores.challenges, self.clock.now());
        let replaced = challenges.replace(&next, pending.record.as_ref(), now);
        if !replaced.await? {
            return Ok(false);
        }
        pending.record = Some(next.payload);
        Ok(true)
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
