//! Passwords: the rules for new ones, and their hashes.
//!
//! This module must not know on which thread hashing runs or where hashes are stored.

mod breached;
mod forms;
mod hasher;
mod invalid;
mod rules;
mod scheme;
mod stored;

pub use breached::{BreachQuery, InvalidRange};
pub use hasher::{Hasher, PasswordVerdict, SALT_BYTES};
pub use invalid::InvalidPasswordHash;
pub use rules::{
    MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, Password, PasswordProblem, check_context_words,
    check_new_password,
};
pub use stored::PasswordHash;

#[cfg(test)]
mod imported_tests;
