//! Changing the address of an account, by a link that was mailed to the new one.

use signet_core::account::Account;
use signet_core::link::Link;
use signet_core::one_time_token::OneTimePurpose;
use signet_core::secret::SecretText;
use signet_store::{StoreError, Updated};

use super::LinkError;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

impl Flows {
    /// Sets the address that a link was sent to, verified. The address before gets a notice.
    ///
    /// # Errors
    ///
    /// [`LinkError`]
    pub async fn change_email(
        &self,
        token: &SecretText,
        origin: &RequestOrigin,
    ) -> Result<(), LinkError> {
        let purpose = OneTimePurpose::ChangeEmail;
        let (link, _) = self.valid_link(purpose, token.expose()).await?;
        let changed = until_done(LinkError::Contended, (), |()| self.change_to(&link, origin));
        changed.await?;
        // Last, so that a request that has failed can be repeated.
        self.use_up(&link).await
    }

    /// Sets the address of the link, unless the account has it already.
    async fn change_to(&self, link: &Link, origin: &RequestOrigin) -> Result<Round<()>, LinkError> {
        let found = self.stores.accounts.account(link.account_id).await?;
        let account = found.ok_or(LinkError::Invalid)?;
        if !link.is_valid_for(&account, self.clock.now()) {
            return Err(LinkError::Invalid);
        }
        if account.email == link.email && account.email_verified_at.is_some() {
            return Ok(Round::Done(()));
        }
        match self.replace_email(&account, link, origin).await? {
            Updated::Done(_) => {
                let changed = Event::EmailChanged(account.id);
                events::emit(changed, Caller::unknown(origin));
                Ok(Round::Done(()))
            }
            Updated::EmailTaken => Err(LinkError::EmailTaken),
            Updated::Lost => Ok(Round::Overtaken(())),
        }
    }

    async fn replace_email(
        &self,
        account: &Account,
        link: &Link,
        origin: &RequestOrigin,
    ) -> Result<Updated, StoreError> {
        let now = self.clock.now();
        let next = account.clone().changed(|account| {
            account.email = link.email.clone();
            account.email_verified_at = Some(now);
        });
        match self.notice(MailKind::EmailChanged, account, origin) {
            Some(mail) => {
                let changes = &self.stores.mailed_changes;
                changes.update(account, &next, &mail).await
            }
            None => self.stores.profiles.update(account, &next).await,
        }
    }
}
