//! Sessions: one sign-in that survives rotation, and the rule for its refresh tokens.
//!
//! [`record`] says what is remembered, [`decide`](decide()) what a refresh token is worth,
//! [`refresh_token`] how it is written. This module must not know where records live, nor HTTP.

pub mod decide;
pub mod policy;
pub mod record;
pub mod refresh_token;

pub use decide::{Decision, Reuse, decide};
pub use policy::{
    MAX_ACCESS_TOKEN_TTL, MAX_SESSIONS_PER_ACCOUNT, REQUEST_DEADLINE, SessionPolicy, denied_until,
};
pub use record::{Generation, Grant, Lifetime, Rotation, Session};
pub use refresh_token::{MacKey, MacKeys, RefreshToken, RefreshTokenError, SessionHandle};
