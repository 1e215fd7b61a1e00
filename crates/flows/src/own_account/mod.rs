//! What people do with their own account: one file per thing that happens.

mod add_passkey;
mod change_email;
mod change_password;
mod check_own_password;
mod consents;
mod delete;
mod export;
mod log_out_everywhere;
mod lose_factor;
mod passkeys;
mod rename;
mod sessions;
mod totp;

use signet_core::account::{Account, AccountStatus};
use signet_core::password::PasswordProblem;
use signet_store::{Changed, Credentials, EndingChange, PendingEnding, QueuedMail, StoreError};

use crate::bearer::SessionBearer;
use crate::flows::Flows;
use crate::hashing::HashError;
use crate::rate_limits::TooMany;
use crate::second_factor::FactorError;
use crate::step_up::{Proven, StepUpError};

pub use change_password::PasswordChange;
pub use consents::GivenConsent;
pub use export::OwnData;

/// Why something was not done with the caller's account.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// There is no such account any more, or all of its sessions were ended meanwhile.
    #[error("the session has ended")]
    SessionEnded,
    /// The proof was not sufficient.
    #[error(transparent)]
    Proof(#[from] StepUpError),
    /// A second factor was refused or not changed.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The new password breaks a rule.
    #[error("the new password {0}")]
    NewPassword(PasswordProblem),
    /// The server sends no mail.
    #[error("this server sends no mail")]
    NoMail,
    /// Too many mails were asked for.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The account has no such session.
    #[error("the account has no such session")]
    NoSuchSession,
    /// The account has allowed this client nothing.
    #[error("the account has allowed this client nothing")]
    NoSuchConsent,
    /// The account was changed too often meanwhile.
    #[error("the account was changed too often meanwhile")]
    Contended,
    /// A password could not be hashed or checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a change that ends every session.
enum Outcome {
    /// It was made.
    Made(PendingEnding),
    /// Another change came first and has kept the caller's session; this is the account now.
    Overtaken(Credentials),
}

impl Flows {
    /// The account behind a token.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError::SessionEnded`] when there is no such account any more, or when it may not
    /// sign in: its status counts here even if the deny list does not know of it yet.
    pub async fn own_account(&self, bearer: SessionBearer) -> Result<Account, OwnAccountError> {
        let found = self.stores.accounts.account(bearer.account_id()).await?;
        found
            .filter(|account| account.standing.status == AccountStatus::Active)
            .ok_or(OwnAccountError::SessionEnded)
    }

    async fn own_credentials(&self, bearer: SessionBearer) -> Result<Credentials, OwnAccountError> {
        let found = self.stores.accounts.by_id(bearer.account_id()).await?;
        found
            .filter(|found| found.account.standing.status == AccountStatus::Active)
            .ok_or(OwnAccountError::SessionEnded)
    }

    /// Makes a change, if the account is still as it was when `credentials` were read. The notice of
    /// it is stored in the same transaction.
    ///
    /// Fails with [`OwnAccountError::SessionEnded`] if everything was ended meanwhile, the
    /// caller's session too.
    async fn change_own(
        &self,
        bearer: SessionBearer,
        credentials: &Credentials,
        change: &EndingChange,
        notice: Option<&QueuedMail>,
    ) -> Result<Outcome, OwnAccountError> {
        let account = &credentials.account;
        let (id, step) = (account.id, account.standing.epoch.step(self.clock.now()));
        let changed = match notice {
            Some(mail) => {
                let changes = &self.stores.mailed_changes;
                changes.change((id, step), change, mail).await?
            }
            None => self.stores.accounts.change(id, step, change).await?,
        };
        if let Changed::Done(ending) = changed {
            return Ok(Outcome::Made(ending));
        }
        let found = self.own_credentials(bearer).await?;
        match found.account.standing.kept {
            Some(kept) if kept.id == bearer.session_id() => Ok(Outcome::Overtaken(found)),
            _ => Err(OwnAccountError::SessionEnded),
        }
    }

    /// Makes a change for a caller whose proof was sufficient.
    ///
    /// Only a new password keeps a session. So if the caller's own session came first elsewhere, a
    /// password that was checked is no longer right.
    async fn change_own_by_proof(
        &self,
        bearer: SessionBearer,
        proven: &Proven,
        change: &EndingChange,
        notice: Option<&QueuedMail>,
    ) -> Result<PendingEnding, OwnAccountError> {
        let credentials = &proven.credentials;
        match self.change_own(bearer, credentials, change, notice).await? {
            Outcome::Made(ending) => Ok(ending),
            Outcome::Overtaken(_) if proven.by_password() => Err(StepUpError::WrongPassword.into()),
            Outcome::Overtaken(_) => Err(OwnAccountError::Contended),
        }
    }
}
