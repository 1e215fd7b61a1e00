//! What Signet remembers: accounts, clients, sessions, denials, and the keys folder.
//!
//! Each concern is a small trait that states its promises in words; every backend keeps the same
//! promises, and one conformance suite checks them. Stores compare with the `now` they are given.
//!
//! This crate must not know why anything is remembered: rules live in `signet_core`. Only this
//! crate knows databases, and only [`open`](open()) knows which backends there are.

pub mod accounts;
pub mod authenticators;
pub mod backend;
pub mod challenges;
pub mod clients;
pub mod deny_list;
pub mod error;
pub mod keys_folder;
pub mod links;
pub mod one_time;
pub mod open;
pub mod profiles;
pub mod ring_notes;
pub mod sessions;
pub mod stores;

mod account_record;
mod authenticators_record;
mod client_record;
mod columns;
mod link_record;
mod packed;
mod postgres;
mod redis;
mod sqlite;
mod unreadable_roles;

pub use accounts::{AccountFilter, Accounts, Change, Changed, Created, Credentials, PendingEnding};
pub use authenticators::{Authenticators, AuthenticatorsSwapped};
pub use backend::{Backend, Health};
pub use challenges::{
    Attempt, Challenge, ChallengePayload, Challenges, MAX_CHALLENGE_PAYLOAD_BYTES, PayloadTooLong,
};
pub use clients::{Clients, Registered};
pub use deny_list::{Denied, DenyList, TokenFacts};
pub use error::StoreError;
pub use keys_folder::{
    ChangeOptions, InitOptions, Initialized, KeysFolder, KeysFolderError, LoadedKeys,
};
pub use links::Links;
pub use one_time::{Claimed, OneTimeValues};
pub use open::{OpenError, StoreUrls, open};
pub use postgres::{PostgresOpenError, PostgresRefusal};
pub use profiles::{Profiles, Updated};
pub use redis::{RedisOpenError, RedisOptions};
pub use ring_notes::RingNotes;
pub use sessions::{Sessions, Swapped};
pub use sqlite::SqliteOpenError;
pub use stores::{Begun, Stores};
