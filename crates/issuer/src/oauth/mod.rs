//! OAuth 2.0 for programs: one file per endpoint under `/oauth`, and what they share.
//!
//! This module must not know how anything is stored, and holds no rule about what a client gets;
//! those are `signet_core::client`.

mod answer;
mod authenticate;
mod client_credentials;
mod error;
mod form;
mod introspect;
mod refresh_token;
mod revoke;
mod token;
mod token_exchange;
mod userinfo;

pub(crate) use error::OAuthError;
pub(crate) use introspect::introspect;
pub(crate) use revoke::revoke;
pub(crate) use token::token;
pub(crate) use userinfo::userinfo;
