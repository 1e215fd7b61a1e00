//! A new password without the old one, by a link that was mailed.

use signet_core::account::Email;
use signet_core::one_time_token::OneTimePurpose;
use signet_core::password::{Password, check_new_password};
use signet_core::secret::SecretText;
use signet_store::{Changed, EndingChange};

use super::LinkError;
use crate::authenticate::PasswordAttempt;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Stores a request for a new password for `email`. Whether an account has the address is
    /// looked up later, by the worker: the work of this call is the same for every address.
    ///
    /// # Errors
    ///
    /// [`LinkError::TooMany`], [`LinkError::NoMail`] or [`LinkError::Store`]
    pub async fn request_password_reset(
        &self,
        email: &Email,
        origin: &RequestOrigin,
    ) -> Result<(), LinkError> {
        let lookup_key = email.lookup_key();
        self.count_mail(origin.counted_for(&lookup_key)).await?;
        if !self.sends_mail() {
            tracing::warn!("a new password was asked for, and smtp.url is not set");
            return Err(LinkError::NoMail);
        }
        Ok(self.queue_reset(email, origin).await?)
    }

    /// Sets the password that goes with a link, and ends every session. The change itself uses the
    /// link up, because it raises the epoch.
    ///
    /// # Errors
    ///
    /// [`LinkError`]
    pub async fn reset_password(
        &self,
        token: &SecretText,
        new: Password,
        origin: &RequestOrigin,
    ) -> Result<(), LinkError> {
        let found = self.valid_link(OneTimePurpose::ResetPassword, token.expose());
        let (link, found) = found.await?;
        let account = found.account;
        check_new_password(&new, Some(&account.email))
            .and_then(|()| self.check_words(&new, account.name.as_ref()))
            .map_err(LinkError::NewPassword)?;
        let breached = self.refuse_breached(&new).await;
        breached.map_err(LinkError::NewPassword)?;
        let lookup_key = account.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::SignedIn,
            counted: origin.counted_for(&lookup_key),
        };
        let hash = self.hash_password(new, attempt).await?;
        let change = EndingChange::Password { hash, kept: None };
        let at = (account.id, link.epoch.step(self.clock.now()));
        let changed = match self.notice(MailKind::PasswordChanged, &account, origin) {
            Some(mail) => {
                self.stores
                    .mailed_changes
                    .change(at, &change, &mail)
                    .await?
            }
            None => self.stores.accounts.change(at.0, at.1, &change).await?,
        };
        let Changed::Done(pending) = changed else {
            return Err(LinkError::Invalid);
        };
        self.finish_or_leave(pending).await;
        events::emit(Event::PasswordReset(account.id), Caller::unknown(origin));
        // The epoch has made the link void already.
        let _void = self.use_up(&link).await;
        Ok(())
    }
}
