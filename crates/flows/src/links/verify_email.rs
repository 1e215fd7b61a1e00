//! Confirming the address of an account, by a link that was mailed there.

use signet_core::link::Link;
use signet_core::one_time_token::OneTimePurpose;
use signet_core::secret::SecretText;
use signet_store::Updated;

use super::LinkError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

impl Flows {
    /// Mails a link to confirm the caller's address. If the address is confirmed already, nothing
    /// is sent.
    ///
    /// # Errors
    ///
    /// [`LinkError`]
    pub async fn request_verification(
        &self,
        bearer: SessionBearer,
        origin: &RequestOrigin,
    ) -> Result<(), LinkError> {
        let found = self.stores.accounts.account(bearer.account_id()).await?;
        let account = found.ok_or(LinkError::SessionEnded)?;
        let what = (OneTimePurpose::VerifyEmail, MailKind::Verify);
        let new = self.link_mail(what, &account, &account.email, origin);
        let new = new.ok_or(LinkError::NoMail)?;
        let lookup_key = account.email.lookup_key();
        self.count_mail(origin.counted_for(&lookup_key)).await?;
        if account.email_verified_at.is_none() {
            let changes = &self.stores.mailed_changes;
            changes.put_link(&new.link, &new.mail).await?;
        }
        Ok(())
    }

    /// Confirms the address that a link was sent to.
    ///
    /// # Errors
    ///
    /// [`LinkError`]
    pub async fn verify_email(
        &self,
        token: &SecretText,
        origin: &RequestOrigin,
    ) -> Result<(), LinkError> {
        let purpose = OneTimePurpose::VerifyEmail;
        let (link, _) = self.valid_link(purpose, token.expose()).await?;
        let confirmed = until_done(LinkError::Contended, (), |()| self.confirm(&link, origin));
        confirmed.await?;
        // Last, so that a request that has failed can be repeated.
        self.use_up(&link).await
    }

    /// Confirms the address of the account, unless it is confirmed already.
    async fn confirm(&self, link: &Link, origin: &RequestOrigin) -> Result<Round<()>, LinkError> {
        let now = self.clock.now();
        let found = self.stores.accounts.account(link.account_id).await?;
        let account = found.ok_or(LinkError::Invalid)?;
        if !link.is_valid_for(&account, now) {
            return Err(LinkError::Invalid);
        }
        if account.email_verified_at.is_some() {
            return Ok(Round::Done(()));
        }
        let next = account.clone();
        let next = next.changed(|account| account.email_verified_at = Some(now));
        match self.stores.profiles.update(&account, &next).await? {
            Updated::Done(_) => {
                let verified = Event::EmailVerified(account.id);
                events::emit(verified, Caller::unknown(origin));
                Ok(Round::Done(()))
            }
            Updated::EmailTaken | Updated::Lost => Ok(Round::Overtaken(())),
        }
    }
}
