//! Second factors and step-up: the authenticator app, recovery codes, and fresh proofs.

mod limits;
mod recovery_codes;
mod secrets;
mod sign_in;
mod step_up;
mod support;
mod totp;

pub(crate) use support::{EMAIL, Enrolled, PASSWORD, Person, login};
