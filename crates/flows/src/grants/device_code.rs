//! A device asks whether the person has decided, and gets the first tokens of a session once (RFC
//! 8628 section 3.4).

use std::time::Duration;

use signet_core::authorization::{DeviceDecision, SignInGrant};
use signet_core::one_time_token::{
    InvalidOneTimeToken, OneTimeDigest, OneTimePurpose, OneTimeToken,
};
use signet_core::session::SessionHandle;
use signet_store::{Challenge, ChallengePayload, StoreError};
use signet_verifier::Timestamp;

use super::TokenRequest;
use super::sign_in_tokens::{CodeTokens, RedeemError, SignInTokens};
use crate::authenticate_client::AuthenticatedClient;
use crate::authorize::{WaitingDevice, read_payload};
use crate::flows::Flows;
use crate::issue::GrantKind;
use crate::origin::RequestOrigin;
use crate::random::system_rng;

/// Why a device gets no tokens.
#[derive(Debug, thiserror::Error)]
pub enum PollError {
    /// The person has not decided yet.
    #[error("the person has not decided yet; ask again after the interval")]
    Pending,
    /// The person has not decided yet, and the device asks too often.
    #[error("the person has not decided yet; wait five seconds longer between two requests")]
    SlowDown,
    /// The person has denied it.
    #[error("the person has denied the request")]
    Denied,
    /// The person took too long.
    #[error("the device_code has expired; ask for a new one")]
    Expired,
    /// The code leads to no tokens.
    #[error(transparent)]
    Redeem(#[from] RedeemError),
}

impl From<StoreError> for PollError {
    fn from(error: StoreError) -> Self {
        Self::Redeem(error.into())
    }
}

impl Flows {
    /// Exchanges the code of a device for the first tokens of a session, after the person has
    /// allowed it. `request` narrows the access token; the session has all that the person allowed.
    ///
    /// # Errors
    ///
    /// [`PollError`]
    pub async fn redeem_device_code(
        &self,
        client: &AuthenticatedClient,
        text: &str,
        request: TokenRequest<'_>,
        origin: &RequestOrigin,
    ) -> Result<CodeTokens, PollError> {
        let code = OneTimeToken::read(OneTimePurpose::DeviceCode, text);
        let code = code.map_err(RedeemError::Code)?;
        let grant = self.approved(client, &code).await?;
        let handle = SessionHandle::random(&mut system_rng());
        // The device is not the browser in which the person allowed it: its session goes on after
        // a sign-out there.
        let granted = SignInTokens {
            grant: &grant,
            request,
            handle,
            browser: None,
        };
        // Last, so that a request that has failed can be repeated.
        let is_first = async {
            let (challenges, now) = (&self.stores.challenges, self.clock.now());
            let taken = challenges.take(code.purpose(), code.digest(), now).await?;
            taken.map(drop).ok_or(InvalidOneTimeToken.into())
        };
        let made = self.tokens_of_sign_in(client, granted, origin, is_first);
        let (tokens, ()) = made.await?;
        GrantKind::DeviceCode.count();
        Ok(tokens)
    }

    /// The grant that a person has given. The code stays.
    async fn approved(
        &self,
        client: &AuthenticatedClient,
        code: &OneTimeToken,
    ) -> Result<SignInGrant, PollError> {
        let (id, now) = (code.digest(), self.clock.now());
        let invalid = || PollError::Redeem(InvalidOneTimeToken.into());
        let challenges = &self.stores.challenges;
        let found = challenges.attempt(code.purpose(), id, now).await?;
        let found = found.ok_or_else(invalid)?;
        let waiting = read_payload::<WaitingDevice>(&found.payload).ok_or_else(invalid)?;
        if waiting.client_id != client.id {
            return Err(invalid());
        }
        match self.device_decision(id, now).await? {
            Some(DeviceDecision::Approved(grant)) => Ok(*grant),
            Some(DeviceDecision::Denied) => Err(PollError::Denied),
            None if waiting.expires_at <= now => Err(PollError::Expired),
            None if self.polls_too_often(id, now).await? => Err(PollError::SlowDown),
            None => Err(PollError::Pending),
        }
    }

    /// Whether the device has asked within the interval. If not, notes that it asks now.
    async fn polls_too_often(&self, id: OneTimeDigest, now: Timestamp) -> Result<bool, StoreError> {
        let (purpose, challenges) = (OneTimePurpose::DevicePoll, &self.stores.challenges);
        if challenges.attempt(purpose, id, now).await?.is_some() {
            return Ok(true);
        }
        let asked = Challenge {
            purpose,
            id,
            payload: ChallengePayload::default(),
            until: now.saturating_add(SHORTEST_INTERVAL),
        };
        challenges.put(&asked, now).await?;
        Ok(false)
    }
}

/// A second less than the interval that devices are told: their requests travel for different times.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(4);
