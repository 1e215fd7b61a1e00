//! OAuth 2.0 for programs: one file per endpoint under `/oauth`, and what they share.
//!
//! This module must not know how anything is stored, and holds no rule about what a client gets:
//! those are in `signet_core::client`.

mod answer;
mod authorization_code;
mod client_credentials;
mod client_proof;
mod described;
mod device_authorization;
mod device_code;
mod introspect;
mod par;
mod refresh_token;
mod revoke;
mod token;
mod token_exchange;
mod userinfo;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use device_authorization::*;
pub(crate) use introspect::*;
pub(crate) use par::*;
pub(crate) use revoke::*;
pub(crate) use token::*;
pub(crate) use userinfo::*;
