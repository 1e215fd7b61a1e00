//! Asking for another address. It changes when the link that is mailed there is used.

use signet_core::account::Email;
use signet_core::one_time_token::OneTimePurpose;

use super::OwnAccountError;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::step_up::Proof;

impl Flows {
    /// Mails a link to the new address, and a notice to the present one. Whether another account
    /// has the new address is not looked up: the work is the same for every address.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn request_email_change(
        &self,
        bearer: SessionBearer,
        (email, proof): (Email, Proof),
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        if !self.sends_mail() {
            return Err(OwnAccountError::NoMail);
        }
        let proven = self.prove(bearer, proof, origin).await?;
        let account = &proven.credentials.account;
        let lookup_key = email.lookup_key();
        self.count_mail(origin.counted_for(&lookup_key)).await?;
        let what = (OneTimePurpose::ChangeEmail, MailKind::ChangeEmail);
        let new = self.link_mail(what, account, &email, origin);
        let new = new.ok_or(OwnAccountError::NoMail)?;
        let notice = self.notice(MailKind::EmailChangeRequested, account, origin);
        // The notice first: no link exists that the owner of the account is not told of.
        if let Some(notice) = notice {
            self.stores.outbox.put(&notice).await?;
        }
        let changes = &self.stores.mailed_changes;
        if !changes.put_link(&new.link, &new.mail).await? {
            return Err(OwnAccountError::SessionEnded);
        }
        let id = account.id;
        events::emit(Event::EmailChangeRequested(id), Caller::account(id, origin));
        Ok(())
    }
}
