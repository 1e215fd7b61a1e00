//! The second factors of accounts: checking, enrolling, removing and replacing them.
//!
//! Every change is a compare-and-swap of the account's authenticators. This module must not know
//! what a factor is checked for.

mod check;
mod enrol;
mod passkey;
mod tries;

use std::time::Duration;

use signet_core::authenticators::AuthenticatorProblem;
use signet_core::keys::{SealError, UnsealError};
use signet_core::second_factor::{RecoveryCode, TotpCode};
use signet_store::StoreError;

use crate::passkeys::{PasskeyAnswer, PasskeyRefusal};

pub(crate) use check::{FactorCheck, ONE_TIME_CODE};
pub use enrol::TotpOffer;
pub(crate) use passkey::passkey_methods;

/// A second factor as a person shows it.
#[derive(Clone, Debug)]
pub enum GivenFactor {
    /// A code of the authenticator app.
    Totp(TotpCode),
    /// One of the recovery codes.
    RecoveryCode(RecoveryCode),
    /// A proof by a passkey.
    Passkey(PasskeyAnswer),
}

/// Why a second factor was refused or not changed.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The code is wrong or was used before.
    #[error("the code is wrong or was used before")]
    Wrong,
    /// The answer of a passkey was refused.
    #[error(transparent)]
    Passkey(#[from] PasskeyRefusal),
    /// The account was tried with too many wrong codes.
    #[error("too many wrong codes for this account")]
    TooManyTries {
        /// When the account can be tried again at the latest.
        retry_after: Duration,
    },
    /// The authenticators of the account do not allow the change.
    #[error(transparent)]
    Problem(AuthenticatorProblem),
    /// The account is gone.
    #[error("there is no such account")]
    NoAccount,
    /// The authenticators of the account were changed too often meanwhile.
    #[error("the authenticators of the account were changed too often meanwhile")]
    Contended,
    /// The stored secret cannot be read with the data keys of this keys folder.
    #[error("the secret of an authenticator app cannot be read: {0}")]
    Unreadable(#[from] UnsealError),
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}
