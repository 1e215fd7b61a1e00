//! What one-time links do: one file for each kind of link.

mod change_email;
mod reset_password;
mod verify_email;

use signet_core::account::AccountStatus;
use signet_core::link::Link;
use signet_core::one_time_token::{InvalidOneTimeToken, OneTimePurpose, OneTimeToken};
use signet_core::password::PasswordProblem;
use signet_store::{Credentials, StoreError};

use crate::flows::Flows;
use crate::hashing::HashError;
use crate::rate_limits::TooMany;

/// Why a link did nothing.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The link is unknown, used, expired or void: one reason, so that it tells nothing.
    #[error("{InvalidOneTimeToken}")]
    Invalid,
    /// The server sends no mail.
    #[error("this server sends no mail")]
    NoMail,
    /// Another account has the new address.
    #[error("an account with this email address exists")]
    EmailTaken,
    /// The session of the caller has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The new password breaks a rule.
    #[error("the new password {0}")]
    NewPassword(PasswordProblem),
    /// The account was changed too often meanwhile.
    #[error("the account was changed too often meanwhile")]
    Contended,
    /// Too many mails were asked for.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// The link of a token and its account, while both are valid. The link stays.
    async fn valid_link(
        &self,
        purpose: OneTimePurpose,
        token: &str,
    ) -> Result<(Link, Credentials), LinkError> {
        let token = OneTimeToken::read(purpose, token).map_err(|_| LinkError::Invalid)?;
        let now = self.clock.now();
        let link = self.stores.links.find(purpose, token.digest(), now).await?;
        let link = link.ok_or(LinkError::Invalid)?;
        let found = self.stores.accounts.by_id(link.account_id).await?;
        let found = found.ok_or(LinkError::Invalid)?;
        let is_active = found.account.standing.status == AccountStatus::Active;
        if !is_active || !link.is_valid_for(&found.account, now) {
            return Err(LinkError::Invalid);
        }
        Ok((link, found))
    }

    /// Uses a link up. Of concurrent calls for one link, one succeeds.
    async fn use_up(&self, link: &Link) -> Result<(), LinkError> {
        let now = self.clock.now();
        let taken = self.stores.links.take(link.purpose, link.digest, now);
        taken.await?.map(drop).ok_or(LinkError::Invalid)
    }
}
