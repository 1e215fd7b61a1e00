//! Second factors: time-based codes and recovery codes.
//!
//! This module must not know how secrets are sealed or stored.

mod base32;
mod recovery_code;
mod totp;

pub use recovery_code::{
    InvalidRecoveryCode, RECOVERY_CODES, RecoveryCode, RecoveryCodeDigest, recovery_codes,
    recovery_codes_of_sign_in,
};
pub use totp::{InvalidTotpCode, TOTP_SECRET_BYTES, TotpCode, TotpSecret, TotpStep};
