//! Accounts and sessions: one file per route under `/auth`, and what they share.
//!
//! A route's file reads from the top: request, response, handler, flow. This module must not know
//! how anything is stored, and holds no rule about sessions; those are `signet_core::session`.

mod change_email;
mod consents;
mod delete_account;
mod delivery;
mod export;
mod fields;
mod login;
mod login_enrol;
mod login_mfa;
mod login_passkey;
mod logout;
mod logout_all;
mod me;
mod passkey_answer;
mod passkeys;
mod password;
mod password_reset;
mod proof;
mod recovery_codes;
mod refresh;
mod register;
mod sessions;
mod sign_in;
mod step_up;
mod token_response;
mod totp;
mod verify_email;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use change_email::*;
pub(crate) use consents::*;
pub(crate) use delete_account::*;
pub(crate) use export::*;
pub(crate) use login::*;
pub(crate) use login_enrol::*;
pub(crate) use login_mfa::*;
pub(crate) use login_passkey::*;
pub(crate) use logout::*;
pub(crate) use logout_all::*;
pub(crate) use me::*;
pub(crate) use passkeys::*;
pub(crate) use password::*;
pub(crate) use password_reset::*;
pub(crate) use recovery_codes::*;
pub(crate) use refresh::*;
pub(crate) use register::*;
pub(crate) use sessions::*;
pub(crate) use step_up::*;
pub(crate) use totp::*;
pub(crate) use verify_email::*;
