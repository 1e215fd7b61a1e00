//! Accounts, clients and sessions as responses show them, for every interface that shows them.
//!
//! This module must not know which route or command shows what.

mod account;
mod authenticators;
mod client;
mod consent;
mod export;
mod session;

pub(crate) use account::AccountView;
pub(crate) use authenticators::{AuthenticatorsView, PasskeyView};
pub(crate) use client::{ClientView, Issued};
pub(crate) use consent::ConsentList;
pub(crate) use export::Export;
pub(crate) use session::SessionList;
