//! How Signet is reached: the HTTP interface and the command line.
//!
//! This crate owns everything that binds, reads the environment or exits, and only the functions
//! that `main` calls do so; the rest takes what it needs as arguments. It must not hold rules
//! (they live in `signet_core`) nor know databases (only `signet_store` does).

pub mod app;
pub mod auth;
pub mod config;
pub mod error;
pub mod extract;
pub mod hashing;
pub mod random;
mod rfc3339;

pub use app::App;
