//! The storage of Signet: accounts, clients, sessions, the deny list and the keys folder.
//!
//! Each concern is a small trait that states its promises. Every backend keeps the same promises, and
//! one conformance suite checks them. The caller passes the time as `now`.
//!
//! This crate must not know any rule: rules are in `signet_core`. Only this crate knows databases, and
//! only [`open`](open()) knows which backends exist.

mod accounts;
mod audit;
mod audit_file;
mod authenticators;
mod backend;
mod challenges;
mod clients;
mod consents;
mod deny_list;
mod encrypted_file;
mod error;
mod fault;
mod imports;
mod inspect;
mod inspection;
mod invitations;
pub mod keys_folder;
mod known_devices;
mod links;
mod mailed_changes;
mod measure;
mod migration;
mod missing_database;
mod moved;
mod moving;
mod one_time;
mod open;
mod open_error;
mod outbox;
mod private_file;
mod profiles;
mod ring_notes;
mod schema;
mod sessions;
mod shared_limits;
mod status_lists;
mod store_urls;
mod stores;

mod account_record;
mod audit_record;
mod authenticators_record;
mod client_record;
mod columns;
mod invitation_record;
mod kept_clients;
mod link_record;
mod outbox_record;
mod packed;
mod postgres;
mod redis;
mod sqlite;
mod status_entry;
mod unreadable_rows;

pub use accounts::{
    AccountFilter, Accounts, Changed, Created, Credentials, EndingChange, PendingEnding,
};
pub use audit::{AuditEnds, AuditFilter, AuditRow, AuditSink, AuditTable};
pub use audit_file::{AuditFile, AuditFileError, FileLine, audit_file_lines};
pub use authenticators::{Authenticators, AuthenticatorsSwapped};
pub use backend::{Backend, BackendHealth};
pub use challenges::{
    Attempt, Challenge, ChallengePayload, Challenges, MAX_CHALLENGE_PAYLOAD_BYTES, PayloadTooLong,
};
pub use clients::{Clients, Registered};
pub use consents::Consents;
pub use deny_list::{Denied, DenyList, TokenFacts};
pub use encrypted_file::{
    EncryptedFileError, PlainCopy, decrypt_file, encrypt_file, refuse_encrypted,
};
pub use error::StoreError;
pub use imports::{ImportedAccount, Imports};
pub use inspect::{inspect_database, inspect_redis};
pub use inspection::{Inspection, ServerVersion};
pub use invitations::{Acceptance, Accepted, Invitations};
pub use keys_folder::{
    ChangeOptions, InitOptions, Initialized, KeysFolder, KeysFolderError, LoadedKeys,
};
pub use known_devices::{KnownDevices, MAX_KNOWN_DEVICES};
pub use links::Links;
pub use mailed_changes::MailedChanges;
pub use measure::TRACE_TARGET;
pub use migration::{Migration, SchemaSteps};
pub use missing_database::MissingDatabase;
pub use moved::{Moved, MovingError, RowCounter};
pub use moving::{export, import};
pub use one_time::{Claimed, OneTimeValues};
pub use open::{back_up, open, open_audit_table, open_or_refuse, restore};
pub use open_error::OpenError;
pub use outbox::{Backlog, LeasedMail, Outbox, QueuedMail};
pub use postgres::{PostgresOpenError, PostgresRefusal};
pub use profiles::{Profiles, Updated};
pub use redis::{RedisOpenError, RedisOptions};
pub use ring_notes::RingNotes;
pub use schema::{migrate, schema_steps};
pub use sessions::{Sessions, Swapped};
pub use shared_limits::{CounterGroup, Counts, SharedLimits};
pub use sqlite::{BackupError, SqliteOpenError};
pub use status_lists::{LeasedBlock, StatusCursor, StatusHolder, StatusLists};
pub use store_urls::StoreUrls;
pub use stores::{Begun, Stores};
