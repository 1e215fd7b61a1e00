//! Sessions: the record of a sign-in, and the rule for its refresh tokens.
//!
//! [`record`] has the stored data, [`decide`](decide()) the refresh rule, and [`refresh_token`] the
//! format of tokens. This module must not know where records are stored, or HTTP.

pub mod browser_token;
pub mod decide;
pub mod of_browser;
pub mod policy;
pub mod record;
pub mod refresh_token;
pub mod seen_from;
pub mod step_up;

pub use browser_token::BrowserToken;
pub use decide::{Decision, Reuse, decide};
pub use policy::{
    MAX_ACCESS_TOKEN_TTL, MAX_SESSIONS_PER_ACCOUNT, REQUEST_DEADLINE, SessionPolicy, denied_until,
};
pub use record::{Generation, Grant, Lifetime, Rotation, Session};
pub(crate) use refresh_token::KeyedTag;
pub(crate) use refresh_token::MacPurpose;
pub use refresh_token::{
    EmailHash, MacKey, MacKeys, RefreshToken, RefreshTokenError, SessionHandle,
};
pub use seen_from::SeenFrom;
pub use step_up::{MULTI_FACTOR, STEP_UP_AGE};
