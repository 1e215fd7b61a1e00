//! Sessions: the record of a sign-in, and the rule for its refresh tokens.
//!
//! [`Session`] is the stored data, [`decide()`] the refresh rule, and [`RefreshToken`] the format of
//! tokens. This module must not know where records are stored, or HTTP.

mod browser_token;
mod decide;
#[cfg(test)]
mod fixture;
mod of_browser;
mod of_client;
mod policy;
mod record;
mod refresh_token;
mod seen_from;
mod step_up;

pub use browser_token::BrowserToken;
pub use decide::{Decision, Reuse, decide};
pub use of_browser::SignInPlace;
pub use policy::{
    MAX_ACCESS_TOKEN_TTL, MAX_SESSIONS_PER_ACCOUNT, REQUEST_DEADLINE, SessionPolicy, denied_until,
};
pub use record::{Generation, Grant, Lifetime, Rotation, Session};
pub use refresh_token::{
    EmailHash, MacKey, MacKeys, RefreshToken, RefreshTokenError, SessionHandle,
};
pub(crate) use refresh_token::{KeyedTag, MacPurpose};
pub use seen_from::{MAX_USER_AGENT_LENGTH, SeenFrom};
pub use step_up::{MULTI_FACTOR, STEP_UP_AGE};
