//! Rows on their way from one store to another.

use signet_core::session::Session;
use signet_core::status_list::{BitRange, StatusList};
use signet_verifier::Timestamp;

use crate::deny_list::Denied;
use crate::status_lists::StatusHolder;

/// A value of a table, as SQLite stores it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// What SQLite stores as a row and Redis as a key.
#[derive(Clone, Debug)]
pub(crate) enum SharedRow {
    /// A session.
    Session(Box<Session>),
    /// A denial.
    Denial {
        /// What is refused.
        denied: Denied,
        /// Until when.
        until: Timestamp,
    },
    /// Every access token that was issued until then is refused.
    EveryToken(Timestamp),
    /// A value that was used.
    OneTimeValue {
        /// The value.
        value: [u8; 32],
        /// Until when it may not be used again.
        until: Timestamp,
    },
    /// A revocation list.
    StatusList {
        /// The list.
        list: StatusList,
        /// Its first bit that is not leased.
        free: u32,
    },
    /// Bits that the end of a holder sets.
    HeldBits(StatusHolder, BitRange),
    /// Bits that were set.
    SetBits(BitRange),
}
