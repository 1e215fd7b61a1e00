//! The rules of Signet.
//!
//! Every rule is a pure function of a record and a time. For example, [`session::decide()`] rotates
//! or refuses a refresh token, and [`password`] checks a new password.
//!
//! This crate must not know how records are stored or served. It has no async code, sockets or
//! files, and reads no clock. Time and randomness are arguments.

pub mod access_token;
pub mod account;
pub mod admin;
pub mod audit;
pub mod authenticators;
pub mod authorization;
pub mod captcha;
pub mod client;
pub mod device_token;
pub mod disguise;
pub mod encrypted_stream;
pub mod id_token;
pub mod ids;
pub mod invitation;
mod jws;
pub mod keys;
pub mod known_device;
pub mod limits;
pub mod link;
pub mod names;
pub mod one_time_token;
pub mod password;
pub mod proof_of_work;
pub mod second_factor;
pub mod secret;
pub mod session;
mod sha256;
pub mod status_list;
pub mod webauthn;
