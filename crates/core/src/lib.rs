//! What Signet decides.
//!
//! Every rule of Signet is a pure function here, of a record and a time: when a refresh token is
//! rotated or refused ([`session::decide()`]), what a password must be ([`password`]).
//!
//! This crate must not know how anything is stored or served: no async, no sockets, no files, and
//! no clock of its own. Time and randomness come in as arguments.

pub mod access_token;
pub mod account;
pub mod authenticators;
pub mod client;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod link;
pub mod names;
pub mod one_time_token;
pub mod password;
pub mod second_factor;
pub mod secret;
pub mod session;
