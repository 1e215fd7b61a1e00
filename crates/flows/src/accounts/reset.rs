//! Helping the owner of an account who forgot the password: a link to set a new one.

use signet_core::account::{Account, AccountStatus};
use signet_core::ids::AccountId;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_verifier::Timestamp;

use super::AdministerError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::random::system_rng;

/// How a link reaches the owner of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResetDelivery {
    /// By mail, to the address of the account.
    Mail,
    /// By the administrator, who gets the link.
    Link,
}

/// A link that was made.
#[derive(Debug)]
pub struct StartedReset {
    /// The link, if it was not mailed.
    pub url: Option<SecretText>,
    /// When it expires.
    pub until: Timestamp,
}

impl Flows {
    /// Makes a link by which the owner of an account sets a new password. It replaces an earlier
    /// one. The password and the sessions stay until the link is used.
    ///
    /// # Errors
    ///
    /// [`AdministerError::NotActive`] if the account may not sign in, [`AdministerError::NoMail`]
    /// if the link should be mailed and mail is not configured.
    pub async fn start_reset(
        &self,
        id: AccountId,
        delivery: ResetDelivery,
        caller: Caller<'_>,
    ) -> Result<StartedReset, AdministerError> {
        let account = self.find_to_change(id, caller).await?;
        if account.standing.status != AccountStatus::Active {
            return Err(AdministerError::NotActive);
        }
        let started = match delivery {
            ResetDelivery::Mail => self.mail_reset(&account).await?,
            ResetDelivery::Link => self.hand_over_reset(&account).await?,
        };
        events::emit(Event::PasswordResetStarted(id), caller);
        Ok(started)
    }

    async fn mail_reset(&self, account: &Account) -> Result<StartedReset, AdministerError> {
        let what = (OneTimePurpose::ResetPassword, MailKind::Reset);
        let origin = RequestOrigin::default();
        let new = self.link_mail(what, account, &account.email, &origin);
        let new = new.ok_or(AdministerError::NoMail)?;
        let changes = &self.stores.mailed_changes;
        if !changes.put_link(&new.link, &new.mail).await? {
            return Err(AdministerError::UnknownAccount);
        }
        Ok(StartedReset {
            url: None,
            until: new.link.until,
        })
    }

    async fn hand_over_reset(&self, account: &Account) -> Result<StartedReset, AdministerError> {
        let token = OneTimeToken::random(OneTimePurpose::ResetPassword, &mut system_rng());
        let lifetime = MailKind::Reset.lifetime();
        let link = Link {
            purpose: OneTimePurpose::ResetPassword,
            digest: token.digest(),
            account_id: account.id,
            epoch: account.standing.epoch,
            email: account.email.clone(),
            until: self.clock.now().saturating_add(lifetime),
        };
        if !self.stores.links.put(&link).await? {
            return Err(AdministerError::UnknownAccount);
        }
        let url = self.settings.pages.reset.with_token(token.expose());
        Ok(StartedReset {
            url: Some(SecretText::new(url)),
            until: link.until,
        })
    }
}
