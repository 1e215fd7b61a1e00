//! What Signet does: signing in, refreshing, ending, issuing, managing clients, following keys.
//!
//! Each file is one thing that happens. A flow takes domain types and returns domain types, so the
//! HTTP interface, the command line and background work call the same functions. This crate must
//! not know HTTP, the command line or how tokens and errors travel; rules live in `signet_core`.

pub mod accounts;
pub mod administrator;
pub mod audit;
mod audit_sinks;
pub mod authenticate;
pub mod authenticate_client;
pub mod authorize;
pub mod background;
pub mod bearer;
pub mod begin_session;
mod breached_passwords;
pub mod browser;
pub mod captcha;
pub mod client_documents;
pub mod clients;
mod end;
pub mod events;
mod flows;
pub mod grants;
pub mod hashing;
mod id_tokens;
mod introspect;
pub mod invitations;
pub mod issue;
mod judge_captcha;
pub mod keys;
mod known_device;
mod latest_time;
pub mod links;
mod list_events;
mod list_state;
mod lockout;
mod logout_notices;
pub mod logout_sender;
pub mod mail;
mod new_database;
mod notice;
pub mod operator;
pub mod origin;
mod outbox;
pub mod outside_service;
pub mod own_account;
pub mod own_token;
pub mod passkeys;
pub mod password_ranges;
mod password_words;
pub mod presented_cookies;
pub mod proof_of_work;
pub mod random;
pub mod rate_limits;
pub mod refresh;
mod retry;
pub mod revoke;
pub mod second_factor;
pub mod session_tokens;
mod shared_limits;
mod stalls;
mod state_metrics;
pub mod status_lists;
pub mod step_up;

pub use audit_sinks::{AuditFileSettings, AuditSettings, AuditTableSettings, record_command};
pub use flows::{FlowSettings, Flows, StartError};
pub use latest_time::clock_is_behind;
pub use list_events::ListEventsError;
pub use own_token::OwnToken;
