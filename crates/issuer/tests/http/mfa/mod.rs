//! Second factors and step-up: the authenticator app, recovery codes, passkeys, and fresh
//! proofs.

mod device;
mod limits;
mod passkey_proofs;
mod passkey_sign_in;
mod passkeys;
mod recovery_codes;
mod removals;
mod required;
mod secrets;
mod sign_in;
mod step_up;
mod support;
mod totp;

pub(crate) use device::{BACKED_UP, Device, ELIGIBLE, VARIABLES, refused_silently};
pub(crate) use required::{add_passkey, ask_passkey, enrol, made, require};
pub(crate) use support::{
    Authenticator, EMAIL, Enrolled, PASSWORD, Person, claims, finish, login, mfa_token,
    recovery_codes, refused,
};
