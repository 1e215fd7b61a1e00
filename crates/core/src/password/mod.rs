//! Passwords: what one must be, and how it is kept.
//!
//! This module must not know accounts, nor on which thread hashing runs.

mod stored;

pub use stored::{InvalidPasswordHash, PasswordHash};
