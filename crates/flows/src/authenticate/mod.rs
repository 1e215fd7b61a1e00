//! How people prove who they are: one file per way, all of which end in [`Authenticated`].

mod accept_invitation;
mod enrolment;
mod measure;
mod passkey;
mod password;
mod pending;
mod register;
mod repeated_acceptance;
mod repeated_registration;
mod second_factor;

use signet_core::account::Account;
use signet_core::one_time_token::OneTimeToken;
use signet_verifier::Timestamp;

pub use accept_invitation::InvitedPerson;
pub(crate) use password::PasswordAttempt;
pub use password::{PasswordSignInError, SignInError};
pub use pending::{PasswordSignIn, PendingEnrolment, PendingSecondFactor, SECOND_FACTOR_TTL};
pub use register::{NewAccount, RegisterError};
pub use second_factor::{SecondFactorError, SecondFactorSignIn};

/// A person who has proved who they are: the only thing that begins a session. Only the files of
/// this module make one.
#[derive(Debug)]
pub struct Authenticated {
    account: Account,
    amr: Vec<&'static str>,
    at: Timestamp,
    /// What is taken when the session has begun; `None` if the proof had one step.
    second_step: Option<OneTimeToken>,
}

impl Authenticated {
    /// The account, whose standing was read before the proof was checked.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The methods of the proof, RFC 8176.
    pub fn amr(&self) -> impl Iterator<Item = &'static str> {
        self.amr.iter().copied()
    }

    /// When the proof was checked.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// The account, and what `finish_second_step` takes.
    pub(crate) fn into_parts(self) -> (Account, Option<OneTimeToken>) {
        (self.account, self.second_step)
    }

    fn by_password(account: Account, at: Timestamp) -> Self {
        Self {
            account,
            amr: vec![PASSWORD],
            at,
            second_step: None,
        }
    }

    /// By a passkey that shows `methods`.
    fn by_passkey(account: Account, methods: &[&'static str], at: Timestamp) -> Self {
        Self {
            account,
            amr: methods.to_vec(),
            at,
            second_step: None,
        }
    }

    /// By a password, and then by a factor that shows `methods`, in the sign-in of this token.
    fn by_second_factor(
        account: Account,
        methods: &[&'static str],
        at: Timestamp,
        token: OneTimeToken,
    ) -> Self {
        Self {
            account,
            amr: [&[PASSWORD], methods].concat(),
            at,
            second_step: Some(token),
        }
    }
}

/// RFC 8176 section 2: authentication with a password.
pub(crate) const PASSWORD: &str = "pwd";
