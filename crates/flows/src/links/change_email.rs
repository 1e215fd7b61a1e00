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
        self.use_up(&link).await?;
        let link = &link;
        until_done(LinkError::Contended, (), |()| async move {
            let found = self.stores.accounts.by_id(link.account_id).await?;
            let account = found.ok_or(LinkError::Invalid)?.account;
            match self.replace_email(&account, link, origin).await? {
                Updated::Done(_) => {
                    let changed = Event::EmailChanged(account.id);
                    events::emit(changed, Caller::unknown(origin));
                    Ok(Round::Done(()))
                }
                Updated::EmailTaken => Err(LinkError::EmailTaken),
                Updated::Lost => Ok(Round::Overtaken(())),
            }
        })
        .await
    }

    async fn replace_email(
        &self,
        account: &Account,
        link: &Link,
        origin: &RequestOrigin,
    ) -> Result<Updated, LinkError> {
        let now = self.clock.now();
        if !link.is_valid_for(account, now) {
            return Err(LinkError::Invalid);
        }
        let next = account.clone().changed(|account| {
            account.email = link.email.clone();
            account.email_verified_at = Some(now);
        });
        let updated: Result<_, StoreError> =
            match self.notice(MailKind::EmailChanged, account, origin) {
                Some(mail) => {
                    let changes = &self.stores.mailed_changes;
                    changes.update(account, &next, &mail).await
                }
                None => self.stores.profiles.update(account, &next).await,
            };
        Ok(updated?)
    }
}
