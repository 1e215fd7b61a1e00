//! `/console`: the operator page, on the operations listener only. Operators see accounts, clients,
//! keys, events and health, and change little.
//!
//! They sign in with an account whose roles administer. Each change makes one call of the flow that
//! `/admin` calls, after a fresh proof. The pages are in English, like the command line. This module
//! must not know any rule about what it shows.

mod account;
mod account_changes;
mod accounts;
mod clients;
mod confirm;
mod described;
mod events;
mod frame;
mod host;
mod keys;
mod overview;
mod place;
mod refused;
mod sign_in;
mod visitor;

pub(crate) use host::operator_host;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use account::*;
pub(crate) use account_changes::*;
pub(crate) use accounts::*;
pub(crate) use clients::*;
pub(crate) use confirm::*;
pub(crate) use events::*;
pub(crate) use keys::*;
pub(crate) use overview::*;
pub(crate) use sign_in::*;
