//! Where the answer to a request goes: with the browser to a redirect URI, or to a device that
//! waits for it.

use serde::{Deserialize, Serialize};

use super::{CodeChallenge, UserCode};
use crate::client::RedirectUri;
use crate::one_time_token::OneTimeDigest;

/// Where the answer goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// To a redirect URI, with a code.
    Redirect(RedirectReply),
    /// To a device that asks for it (RFC 8628).
    Device(DeviceReply),
}

/// An answer that the browser carries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RedirectReply {
    /// Where the answer goes.
    pub redirect_uri: RedirectUri,
    /// Returned to the client as it is.
    pub state: Option<String>,
    /// What redeems the code.
    pub challenge: CodeChallenge,
}

/// An answer that a device asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceReply {
    /// What the device shows.
    pub user_code: UserCode,
    device: [u8; 32],
}

impl DeviceReply {
    /// An answer to the device whose secret code has this digest.
    pub fn new(user_code: UserCode, device: OneTimeDigest) -> Self {
        Self {
            user_code,
            device: *device.as_bytes(),
        }
    }

    /// The digest of the secret code of the device.
    pub fn device(&self) -> OneTimeDigest {
        OneTimeDigest::from_bytes(self.device)
    }
}
