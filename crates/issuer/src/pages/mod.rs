//! The pages of sign-in by redirect, for devices, of the account and for operators: plain forms, one
//! style sheet, and no scripts but those of passkeys and of the proof of work.
//!
//! A page shows what a flow says comes next, and a form leads to one call of a flow. This module must
//! not know any rule of what comes next, and must not know how anything is stored.

#[macro_use]
mod words;

mod account;
mod answer;
mod answered_before;
mod authorize;
mod consent;
mod cookies;
mod described;
mod device;
mod enrol;
mod error_page;
mod factor;
mod forgot;
mod form_page;
mod frame;
mod front;
mod logout;
mod markup;
mod operator;
mod page_form;
mod passkey;
mod passkey_form;
mod password;
mod register;
mod sign_in;
mod style;
mod totp_markup;
mod work;

pub(crate) use error_page::as_page;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use account::*;
pub(crate) use authorize::*;
pub(crate) use consent::*;
pub(crate) use device::*;
pub(crate) use enrol::*;
pub(crate) use factor::*;
pub(crate) use forgot::*;
pub(crate) use front::*;
pub(crate) use logout::*;
pub(crate) use operator::*;
pub(crate) use passkey::*;
pub(crate) use password::*;
pub(crate) use register::*;
pub(crate) use sign_in::*;
pub(crate) use style::*;
pub(crate) use work::*;
