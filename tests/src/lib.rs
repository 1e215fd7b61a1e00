//! Signet from outside: what the tests of this folder share.
//!
//! A [`Server`] is the real binary in a folder of its own, an [`Api`] the small client that talks
//! to it and hides nothing: cookies, headers and statuses are the test's business. This crate knows
//! the names of the HTTP contract and nothing of how they are served.

mod api;
mod binaries;
mod command;
mod echo;
mod folder;
pub mod gateway;
mod network;
mod orders;
mod raw;
mod reply;
mod server;
mod signing;
mod stores;
mod terminal;
mod usage;
mod waiting;

pub use api::{Account, Api, PASSWORD, bearer, fresh_email};
pub use binaries::signet as signet_program;
pub use command::{Ran, run_program, run_signet};
pub use echo::{EchoService, Received};
pub use folder::Folder;
pub use network::{Fault, Network};
pub use orders::Orders;
pub use raw::{RawReply, exchange};
pub use reply::{Reply, SetCookie};
pub use server::{Exit, Server, own_address};
pub use signing::{Forger, read_token};
pub use stores::{StoreChoice, StoreServers};
pub use terminal::{Shown, run_on_terminal};
pub use usage::Usage;
pub use waiting::{PATIENCE, SOON, until, within};
