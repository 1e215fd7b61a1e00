//! What Signet does: signing in, refreshing, ending, issuing, managing clients, following keys.
//!
//! Each file is one thing that happens. A flow takes domain types and returns domain types, so the
//! HTTP interface, the command line and background work call the same functions. This crate must
//! not know HTTP, the command line or how tokens and errors travel; rules live in `signet_core`.

pub mod background;
pub mod clients;
pub mod end;
pub mod flows;
pub mod hashing;
pub mod keys;
pub mod own_token;
pub mod random;
pub mod rate_limits;

pub use flows::{FlowSettings, Flows, StartError};
pub use own_token::OwnToken;
