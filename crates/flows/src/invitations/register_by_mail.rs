//! Registration that is answered by mail, so that only the owner of an address learns whether it
//! has an account.
//!
//! An address without an account is mailed a link that sets one up: an invitation without roles.
//! Its password is chosen behind the link, so no stranger prepares an account for a foreign address.

use signet_core::account::{Account, AccountStatus, Email, RegistrationMode};
use signet_core::client::Client;
use signet_core::ids::InvitationId;
use signet_core::invitation::Invitation;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::StoreError;

use crate::authenticate::RegisterError;
use crate::flows::Flows;
use crate::mail::{Language, MailKind};
use crate::origin::RequestOrigin;
use crate::outbox::NewMail;
use crate::random::system_rng;

impl Flows {
    /// Notes that a person wants to register with `email`. Whether an account has the address is
    /// looked up later, by the worker: the work of this call is the same for every address.
    ///
    /// # Errors
    ///
    /// [`RegisterError::Closed`] unless registration is answered by mail;
    /// [`RegisterError::RoleRequired`], [`RegisterError::WorkRequired`], [`RegisterError::TooMany`] or
    /// [`RegisterError::Store`]
    pub async fn request_registration(
        &self,
        client: &Client,
        email: &Email,
        origin: &RequestOrigin,
    ) -> Result<(), RegisterError> {
        if self.settings.registration != RegistrationMode::Mail {
            return Err(RegisterError::Closed);
        }
        if !client.sign_in.admit(&[]) {
            return Err(RegisterError::RoleRequired);
        }
        self.require_registration_work(origin).await?;
        let lookup_key = email.lookup_key();
        self.count_mail(origin.counted_for(&lookup_key)).await?;
        Ok(self.queue_registration(email, origin).await?)
    }

    /// Mails a link to set up an account, or says that there is one.
    pub(crate) async fn answer_registration(
        &self,
        email: &str,
        language: Language,
    ) -> Result<(), StoreError> {
        let Ok(email) = email.parse::<Email>() else {
            return Ok(());
        };
        let origin = RequestOrigin {
            language: Some(language),
            ..RequestOrigin::default()
        };
        let found = self.stores.accounts.by_email(&email).await?;
        let Some(account) = found.map(|found| found.account) else {
            return self.mail_registration(&email, &origin).await;
        };
        match account.standing.status {
            AccountStatus::Active => self.mail_account_exists(&account, &origin).await,
            AccountStatus::Invited => self.mail_invitation_again(&account, &origin).await,
            AccountStatus::Disabled => Ok(()),
        }
    }

    async fn mail_account_exists(
        &self,
        account: &Account,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        match self.notice(MailKind::AccountExists, account, origin) {
            None => Ok(()),
            Some(mail) => self.stores.outbox.put(&mail).await.map(drop),
        }
    }

    /// Mails a link that registers an account. An invitation that waits for the address keeps its
    /// id and its roles.
    async fn mail_registration(
        &self,
        email: &Email,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let waiting = self.stores.invitations.by_email(email, now).await?;
        let token = OneTimeToken::random(OneTimePurpose::Invitation, &mut system_rng());
        let invitation = waiting.unwrap_or_else(|| Invitation {
            id: InvitationId::random(&mut system_rng()),
            digest: token.digest(),
            email: email.clone(),
            account_id: None,
            roles: Vec::new(),
            created_at: now,
            until: now,
        });
        self.mail_with_token(&token, invitation, origin).await
    }

    /// Mails the link of an invited account. If its invitation has expired or was removed, only an
    /// administrator makes another.
    async fn mail_invitation_again(
        &self,
        account: &Account,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let waiting = self.stores.invitations.by_email(&account.email, now);
        match waiting.await? {
            Some(waiting) if waiting.account_id == Some(account.id) => {
                let token = OneTimeToken::random(OneTimePurpose::Invitation, &mut system_rng());
                self.mail_with_token(&token, waiting, origin).await
            }
            _ => Ok(()),
        }
    }

    /// Gives an invitation this token and at least the time of a registration, and mails it.
    async fn mail_with_token(
        &self,
        token: &OneTimeToken,
        invitation: Invitation,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let lifetime = MailKind::Registration.lifetime();
        let until = self.clock.now().saturating_add(lifetime);
        let invitation = Invitation {
            digest: token.digest(),
            until: invitation.until.max(until),
            ..invitation
        };
        let mail = NewMail {
            kind: MailKind::Registration,
            account_id: invitation.account_id,
            to: &invitation.email,
            token: Some(token),
            lifetime,
        };
        let mail = self.write_mail(&mail, origin);
        let stored = self.stores.invitations.put(&invitation, mail.as_ref());
        stored.await.map(drop)
    }
}
