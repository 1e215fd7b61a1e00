//! Checking a password: exactly one verification, whether there is such an account or not.

use signet_core::account::{AccountStatus, Email};
use signet_core::client::Client;
use signet_core::password::{Hasher, Password, PasswordHash};
use signet_store::{Credentials, StoreError};

use super::PasswordSignIn;
use super::measure::SignInMethod;
use crate::events::{self, Event, SignInName};
use crate::flows::Flows;
use crate::hashing::{HashClass, HashError, HashRequest};
use crate::origin::{Caller, RequestOrigin};
use crate::proof_of_work::RequiredWork;
use crate::random::random_bytes;
use crate::rate_limits::{Counted, TooMany};

/// Why the sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// There is no such account, it is disabled, or the password is wrong.
    #[error("email or password is wrong")]
    WrongCredentials,
    /// Too many passwords were wrong for this account. The password was not checked.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a sign-in with a password did not go on.
#[derive(Debug, thiserror::Error)]
pub enum PasswordSignInError {
    /// The sign-in is under attack. The password was not checked; the client does this work first.
    #[error("a proof of work is required")]
    WorkRequired(RequiredWork),
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] SignInError),
}

/// An attempt at a password: what it is counted by, and which share of the hash pool it uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PasswordAttempt<'a> {
    pub(crate) class: HashClass,
    pub(crate) counted: Counted<'a>,
}

impl Flows {
    /// Authenticates the owner of an account by email address and password, for a session of the
    /// `client`. If the account has a second factor, the sign-in waits for it. If it has none, and
    /// the account or the client requires one, the sign-in enrols one.
    ///
    /// # Errors
    ///
    /// [`PasswordSignInError`]
    pub async fn authenticate_password(
        &self,
        email: &Email,
        password: Password,
        client: &Client,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, PasswordSignInError> {
        let found = self.stores.accounts.by_email(email).await;
        let found = found.map_err(SignInError::from)?;
        let name = match &found {
            Some(found) => SignInName::Account(found.account.id),
            None => SignInName::Unknown(self.keys().mac.hash_email(email, self.clock.now())),
        };
        let account_id = name.account_id();
        let lookup_key = email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::SignIn,
            counted: origin.counted_for_account(&lookup_key, account_id),
        };
        let counted = self.count_foreign_device(account_id, origin).await;
        counted.map_err(SignInError::from)?;
        let missing = self.missing_sign_in_work(attempt.counted, origin).await;
        if let Some(required) = missing.map_err(SignInError::from)? {
            return Err(PasswordSignInError::WorkRequired(required));
        }
        match self.check_password(found, password, attempt).await {
            Ok(credentials) => {
                let signs_in_with = (&client.id, client.sign_in.mfa);
                let continued = self.after_password(credentials.account, signs_in_with);
                let continued = continued.await.map_err(SignInError::from)?;
                match continued {
                    PasswordSignIn::Done(_) => SignInMethod::Password.succeeded(),
                    PasswordSignIn::SecondFactor(_) | PasswordSignIn::Enrolment(_) => {
                        SignInMethod::Password.continued();
                    }
                }
                Ok(continued)
            }
            Err(error) => {
                match &error {
                    SignInError::WrongCredentials => {
                        SignInMethod::Password.failed();
                        let failed = Event::SignInFailed(name);
                        events::emit(failed, Caller::unknown(origin));
                        self.note_failed_sign_in().await;
                    }
                    SignInError::TooMany(refused) => {
                        SignInMethod::Password.refused();
                        self.note_attack(*refused, account_id, (email, origin));
                    }
                    SignInError::Hash(_) => SignInMethod::Password.refused(),
                    SignInError::Store(_) => {}
                }
                Err(error.into())
            }
        }
    }

    /// Verifies `password` against an account that may not exist. The time and the answer are the
    /// same for an account that does not exist, for a disabled one and for a wrong password.
    ///
    /// A hash that was made with other parameters than today's is replaced. Only wrong passwords
    /// count against the budgets of the account.
    pub(crate) async fn check_password(
        &self,
        found: Option<Credentials>,
        password: Password,
        attempt: PasswordAttempt<'_>,
    ) -> Result<Credentials, SignInError> {
        let checked = self.check_counted(found, password, attempt);
        self.count_if_wrong(attempt.counted, checked, |error| {
            matches!(error, SignInError::WrongCredentials)
        })
        .await
    }

    /// The same for an attempt that has been counted.
    pub(super) async fn check_counted(
        &self,
        found: Option<Credentials>,
        password: Password,
        attempt: PasswordAttempt<'_>,
    ) -> Result<Credentials, SignInError> {
        let stored = found
            .as_ref()
            .and_then(|credentials| credentials.password_hash.clone());
        let salt = random_bytes();
        let checked = self
            .hashing
            .run(self.hash_request(attempt), move |hasher| {
                check(hasher, &password, stored.as_ref(), salt)
            })
            .await?;
        let (Some(mut credentials), Checked::Right { rehashed }) = (found, checked) else {
            return Err(SignInError::WrongCredentials);
        };
        if credentials.account.standing.status != AccountStatus::Active {
            return Err(SignInError::WrongCredentials);
        }
        if let (Some(new), Some(old)) = (rehashed, &credentials.password_hash) {
            let id = credentials.account.id;
            self.stores.accounts.rehash(id, old, &new).await?;
            credentials.password_hash = Some(new);
        }
        Ok(credentials)
    }

    /// Hashes a new password.
    pub(crate) async fn hash_password(
        &self,
        password: Password,
        attempt: PasswordAttempt<'_>,
    ) -> Result<PasswordHash, HashError> {
        let salt = random_bytes();
        let hash = move |hasher: &mut Hasher| hasher.hash(&password, salt);
        self.hashing.run(self.hash_request(attempt), hash).await
    }

    fn hash_request(&self, attempt: PasswordAttempt<'_>) -> HashRequest {
        HashRequest {
            class: attempt.class,
            parties: self.rate_limits.in_flight(attempt.counted),
        }
    }
}

enum Checked {
    Wrong,
    Right { rehashed: Option<PasswordHash> },
}

fn check(
    hasher: &mut Hasher,
    password: &Password,
    stored: Option<&PasswordHash>,
    salt: [u8; signet_core::password::SALT_BYTES],
) -> Checked {
    let verdict = match stored {
        Some(stored) => hasher.verify(password, stored),
        None => hasher.verify_nobody(password),
    };
    if !verdict.matches {
        return Checked::Wrong;
    }
    Checked::Right {
        rehashed: verdict.needs_rehash.then(|| hasher.hash(password, salt)),
    }
}
