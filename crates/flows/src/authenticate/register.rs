//! Registering: a new account, whose owner has proved who they are by the password they set.

use signet_core::account::{Account, DisplayName, Email, RegistrationMode};
use signet_core::client::Client;
use signet_core::ids::AccountId;
use signet_core::one_time_token::{InvalidOneTimeToken, OneTimePurpose};
use signet_core::password::{Password, PasswordProblem};
use signet_store::{Created, Credentials, StoreError};

use super::{PasswordAttempt, PasswordSignIn, SignInError};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::{HashClass, HashError};
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::proof_of_work::RequiredWork;
use crate::random::system_rng;
use crate::rate_limits::TooMany;

/// An account to be registered. Its password has passed the rules for new ones.
#[derive(Debug)]
pub struct NewAccount<'a> {
    /// The client that its owner signs in with.
    pub client: &'a Client,
    /// The email address.
    pub email: Email,
    /// The password.
    pub password: Password,
    /// The name, if one was given.
    pub name: Option<DisplayName>,
}

/// Why no account was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Registration is closed, or needs an invitation.
    #[error("registration is closed")]
    Closed,
    /// The invitation is unknown, used, expired or for another address: one reason, so that it
    /// tells nothing.
    #[error("{InvalidOneTimeToken}")]
    InvalidInvitation,
    /// The client does this work first.
    #[error("a proof of work is required")]
    WorkRequired(RequiredWork),
    /// The password breaks a rule for new ones.
    #[error("the password {0}")]
    NewPassword(PasswordProblem),
    /// The account was changed too often meanwhile.
    #[error("the account was changed too often meanwhile")]
    Contended,
    /// The client admits people with roles only, and a new account has none.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// Another account has the email address.
    #[error("an account with this email address exists")]
    EmailTaken,
    /// Too many requests were about this email address.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RegisterError {
    /// Why a request that is sent again was not continued as a sign-in. A wrong password means that
    /// another request came first, which is told as `overtaken`.
    pub(super) fn of_repeated(error: SignInError, overtaken: Self) -> Self {
        match error {
            SignInError::WrongCredentials => overtaken,
            SignInError::TooMany(refused) => refused.into(),
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl Flows {
    /// Registers an account. If the client requires a second factor, one is enrolled before the
    /// owner is signed in. If an earlier request with the same fields has made the account, signs in
    /// to it.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]
    pub async fn register(
        &self,
        new: NewAccount<'_>,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, RegisterError> {
        self.admit_newcomer(new.client)?;
        self.check_words(&new.password, new.name.as_ref())
            .map_err(RegisterError::NewPassword)?;
        self.require_registration_work(origin).await?;
        let lookup_key = new.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::Registration,
            counted: origin.counted_for(&lookup_key),
        };
        let registered = self.register_counted(new, attempt, origin);
        self.count_if_wrong(attempt.counted, registered, |error| {
            matches!(error, RegisterError::EmailTaken)
        })
        .await
    }

    /// Refuses a registration that lacks its work.
    pub(crate) async fn require_registration_work(
        &self,
        origin: &RequestOrigin,
    ) -> Result<(), RegisterError> {
        match self.missing_registration_work(origin).await? {
            Some(required) => Err(RegisterError::WorkRequired(required)),
            None => Ok(()),
        }
    }

    /// Refuses people who may not register, before anything is done for them.
    fn admit_newcomer(&self, client: &Client) -> Result<(), RegisterError> {
        match self.settings.registration {
            RegistrationMode::Open if client.sign_in.admit(&[]) => Ok(()),
            RegistrationMode::Open => Err(RegisterError::RoleRequired),
            RegistrationMode::Mail | RegistrationMode::Invite | RegistrationMode::Closed => {
                Err(RegisterError::Closed)
            }
        }
    }

    async fn register_counted(
        &self,
        new: NewAccount<'_>,
        attempt: PasswordAttempt<'_>,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, RegisterError> {
        if let Some(found) = self.registered_before(&new).await? {
            return self.register_again(found, new, attempt).await;
        }
        let breached = self.refuse_breached(&new.password).await;
        breached.map_err(RegisterError::NewPassword)?;
        let password_hash = self.hash_password(new.password, attempt).await?;
        let now = self.clock.now();
        let id = AccountId::random(&mut system_rng());
        let account = Account::new(id, new.email, new.name, now);
        let credentials = Credentials {
            account,
            password_hash: Some(password_hash),
        };
        match self.create_account(&credentials, origin).await? {
            Created::EmailTaken => return Err(RegisterError::EmailTaken),
            Created::Added => {}
        }
        let account = credentials.account;
        let registered = Event::AccountRegistered(account.id);
        events::emit(registered, Caller::account(account.id, origin));
        let signs_in_with = (&new.client.id, new.client.sign_in.mfa);
        Ok(self.after_password(account, signs_in_with).await?)
    }

    /// Adds the account. If mail is configured, a link to confirm the address is mailed there.
    async fn create_account(
        &self,
        credentials: &Credentials,
        origin: &RequestOrigin,
    ) -> Result<Created, StoreError> {
        let account = &credentials.account;
        let what = (OneTimePurpose::VerifyEmail, MailKind::Verify);
        match self.link_mail(what, account, &account.email, origin) {
            None => self.stores.accounts.create(credentials).await,
            Some(new) => {
                let changes = &self.stores.mailed_changes;
                changes.create(credentials, &new.link, &new.mail).await
            }
        }
    }
}
