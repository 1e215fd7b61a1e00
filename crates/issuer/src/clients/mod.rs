//! Clients: how they are registered, changed and shown, whoever asks for it.
//!
//! The command line and the administration API do the same things by these functions. This module
//! must not know how either of them is spoken to.

mod find;
mod manage;
mod view;

pub(crate) use find::find_client;
pub(crate) use manage::{
    Authenticate, ManageError, NewClient, Rotate, delete, register, rotate_secret, set_status,
};
pub(crate) use view::{ClientView, Issued};
