//! The administration API under `/admin`, on the operations listener only: one file per resource,
//! and what they share.
//!
//! The command line calls the same functions for clients and keys. This module must not know how
//! anything is stored, and holds no rule about accounts, clients or keys.

mod access;
mod account_changes;
mod account_help;
mod account_requests;
mod accounts;
mod client_update;
mod clients;
mod events;
mod invitations;
mod keys;
mod new_client;
mod page;
mod sessions;
mod transfer;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use access::administered;
pub(crate) use account_changes::*;
pub(crate) use account_help::*;
pub(crate) use accounts::*;
pub(crate) use client_update::*;
pub(crate) use clients::*;
pub(crate) use events::*;
pub(crate) use invitations::*;
pub(crate) use keys::*;
pub(crate) use sessions::*;
pub(crate) use transfer::*;
