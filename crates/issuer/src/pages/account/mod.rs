//! `/account`: what people see and change of their own account, on pages.
//!
//! Each page needs a browser sign-in, and each form makes one call of the flow that `/auth` calls. What
//! a thief of the browser must not change asks for a proof first. This module must not know any rule
//! about accounts.

mod applications;
mod confirm;
mod delete;
mod described;
mod device_name;
mod download;
mod email;
mod frame;
mod overview;
mod owner;
mod passkeys;
mod password;
mod place;
mod profile;
mod refused;
mod sessions;
mod totp;
mod words;

pub(super) use device_name::device_name;

// `routes!` needs the items that the description of each handler generates; the globs import them.
pub(crate) use applications::*;
pub(crate) use confirm::*;
pub(crate) use delete::*;
pub(crate) use download::*;
pub(crate) use email::*;
pub(crate) use overview::*;
pub(crate) use passkeys::*;
pub(crate) use password::*;
pub(crate) use profile::*;
pub(crate) use sessions::*;
pub(crate) use totp::*;
