//! Clients: how they are found, registered and changed.
//!
//! The command line and the administration API call the same functions. This module must not know
//! how either of them is spoken to.

mod deny_tokens;
mod documents;
mod find;
mod manage;
mod update;

pub use documents::LearnError;
pub use manage::{
    IssuedClient, ManageError, NewAuthentication, NewClient, Rotate, delete, find, register,
    rotate_secret, set_status,
};
pub use update::{ClientChange, update};
