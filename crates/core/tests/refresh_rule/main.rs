//! The refresh rule from outside: recorded histories, honest browsers, thieves, and arithmetic.
//!
//! Nothing here knows how the rule is written; all it sees is which generation comes back.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod arithmetic;
mod browsers;
mod endings;
mod histories;
mod holders;
mod recovery;
mod thieves;
mod world;
