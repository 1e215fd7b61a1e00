//! Requests of devices without a browser (RFC 8628): the codes that a device gets, and what a person
//! decides with the shorter of them in a browser.
//!
//! Three records keep a request. The secret code of the device and the decision have the digest of
//! that code, and the request has the digest of the user code. Of concurrent decisions, the first one
//! that is stored counts. Of concurrent polls, one removes the secret code and gets the tokens.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_core::authorization::{
    AuthorizationRequest, DeviceDecision, DeviceReply, Reply, RequestProblem, UserCode,
};
use signet_core::client::Targets;
use signet_core::limits::Limit;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_store::{Challenge, StoreError};
use signet_verifier::Timestamp;

use super::pending::{Pending, payload, read_payload};
use super::progress::Progress;
use crate::authenticate_client::AuthenticatedClient;
use crate::flows::Flows;
use crate::origin::RequestOrigin;
use crate::random::system_rng;
use crate::rate_limits::{Counted, TooMany};

/// The codes of a device.
#[derive(Debug)]
pub struct DeviceCodes {
    /// The secret that the device polls with.
    pub device_code: OneTimeToken,
    /// What the person types.
    pub user_code: UserCode,
}

/// How long a person may take to type the code of a device.
pub const DEVICE_CODE_TTL: Duration = Duration::from_mins(10);
/// How long a device waits between two requests for its tokens.
pub const POLL_INTERVAL: Duration = Duration::from_secs(5);

/// Why a device gets no codes.
#[derive(Debug, thiserror::Error)]
pub enum DeviceRequestError {
    /// The client may not have what it asks for.
    #[error(transparent)]
    Problem(#[from] RequestProblem),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a user code leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum UserCodeError {
    /// It is unknown, used or expired.
    #[error("the user code is wrong or has expired")]
    Unknown,
    /// Too many codes were entered.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is remembered under the secret code of a device.
#[derive(Serialize, Deserialize)]
pub(crate) struct WaitingDevice {
    pub(crate) client_id: ClientId,
    pub(crate) expires_at: Timestamp,
}

impl Flows {
    /// Makes codes for a device that asks for these scopes and services; without any, for all that
    /// its client may have.
    ///
    /// # Errors
    ///
    /// [`DeviceRequestError`]
    pub async fn begin_device_request(
        &self,
        client: &AuthenticatedClient,
        asked: (Option<&str>, Targets<'_>),
    ) -> Result<DeviceCodes, DeviceRequestError> {
        let now = self.clock.now();
        let device_code = OneTimeToken::random(OneTimePurpose::DeviceCode, &mut system_rng());
        let user_code = self.new_user_code(now).await?;
        let reply = DeviceReply::new(user_code, device_code.digest());
        let request = AuthorizationRequest::of_device(client, reply, asked, now)?;
        let expires_at = now.saturating_add(DEVICE_CODE_TTL);
        let waiting = WaitingDevice {
            client_id: client.id.clone(),
            expires_at,
        };
        let of_device = Challenge {
            purpose: device_code.purpose(),
            id: device_code.digest(),
            payload: payload(&waiting)?,
            until: kept_until(now),
        };
        let of_person = Challenge {
            purpose: OneTimePurpose::UserCode,
            id: user_code.digest(),
            payload: payload(&request)?,
            until: expires_at,
        };
        for challenge in [of_device, of_person] {
            self.stores.challenges.put(&challenge, now).await?;
        }
        Ok(DeviceCodes {
            device_code,
            user_code,
        })
    }

    /// The request of the device that shows this code, for a person at the browser with
    /// `browser_secret`. Each attempt counts, right or wrong, which bounds how many codes can be tried.
    ///
    /// # Errors
    ///
    /// [`UserCodeError`]
    pub async fn enter_user_code(
        &self,
        text: &str,
        browser_secret: &SecretText,
        origin: &RequestOrigin,
    ) -> Result<Pending, UserCodeError> {
        let from_network = Counted::from_address(origin.address);
        self.count_or_refuse(Limit::UserCode, from_network).await?;
        let at_browser = Counted {
            subject: Some(browser_secret.expose()),
            ..Counted::default()
        };
        let limit = Limit::UserCodeAtBrowser;
        self.count_or_refuse(limit, at_browser).await?;
        let code = text.parse::<UserCode>();
        let code = code.map_err(|_| UserCodeError::Unknown)?;
        let request = self.request_of_user_code(code).await?;
        let request = request.ok_or(UserCodeError::Unknown)?;
        let client = self.find_client(&request.client_id).await?;
        let client = client.filter(|client| request.is_admitted_by(client));
        let mut pending = Pending::new(request, client.ok_or(UserCodeError::Unknown)?);
        self.keep_pending(&mut pending).await?;
        Ok(pending)
    }

    /// Keeps what a person decided about a device. Returns how the request ends. The same decision
    /// can be repeated.
    pub(super) async fn decide_device(
        &self,
        reply: DeviceReply,
        asked_at: Timestamp,
        decision: &DeviceDecision,
    ) -> Result<Progress, StoreError> {
        let now = self.clock.now();
        if now >= asked_at.saturating_add(DEVICE_CODE_TTL) {
            return Ok(Progress::Gone);
        }
        let kept = Challenge {
            purpose: OneTimePurpose::DeviceDecision,
            id: reply.device(),
            payload: payload(decision)?,
            until: kept_until(asked_at),
        };
        let is_first = self.stores.challenges.replace(&kept, None, now).await?;
        if !is_first {
            let earlier = self.device_decision(reply.device(), now).await?;
            if !earlier.is_some_and(|earlier| earlier.agrees_with(decision)) {
                return Ok(Progress::Answered);
            }
        }
        self.forget_user_code(reply).await?;
        Ok(match decision {
            DeviceDecision::Approved(_) => Progress::DeviceConnected,
            DeviceDecision::Denied => Progress::DeviceRefused,
        })
    }

    /// What a person has decided about the device whose secret code has this digest.
    pub(crate) async fn device_decision(
        &self,
        id: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<DeviceDecision>, StoreError> {
        let purpose = OneTimePurpose::DeviceDecision;
        let found = self.stores.challenges.attempt(purpose, id, now).await?;
        Ok(found.and_then(|found| read_payload(&found.payload)))
    }

    /// Removes a user code whose device has its answer, so that no person is asked about it again.
    async fn forget_user_code(&self, reply: DeviceReply) -> Result<(), StoreError> {
        let (code, now) = (reply.user_code, self.clock.now());
        let found = self.request_of_user_code(code).await?;
        // Another device may show the code of an earlier one.
        if found.is_some_and(|request| request.reply == Reply::Device(reply)) {
            let challenges = &self.stores.challenges;
            let purpose = OneTimePurpose::UserCode;
            challenges.take(purpose, code.digest(), now).await?;
        }
        Ok(())
    }

    /// A code that no other device shows.
    async fn new_user_code(&self, now: Timestamp) -> Result<UserCode, StoreError> {
        let challenges = &self.stores.challenges;
        loop {
            let code = UserCode::random(&mut system_rng());
            let purpose = OneTimePurpose::UserCode;
            let taken = challenges.attempt(purpose, code.digest(), now).await?;
            if taken.is_none() {
                return Ok(code);
            }
        }
    }

    async fn request_of_user_code(
        &self,
        code: UserCode,
    ) -> Result<Option<AuthorizationRequest>, StoreError> {
        let (purpose, now) = (OneTimePurpose::UserCode, self.clock.now());
        let challenges = &self.stores.challenges;
        let found = challenges.attempt(purpose, code.digest(), now).await?;
        Ok(found.and_then(|found| read_payload(&found.payload)))
    }
}

/// A device that polls after its time learns that, and not that its code is wrong.
fn kept_until(asked_at: Timestamp) -> Timestamp {
    asked_at
        .saturating_add(DEVICE_CODE_TTL)
        .saturating_add(DEVICE_CODE_TTL)
}
