//! Writing mail into the outbox: sealed, and due immediately.

use std::time::Duration;

use signet_core::account::{Account, Email};
use signet_core::ids::{AccountId, MailId};
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_store::{QueuedMail, StoreError};

use crate::flows::Flows;
use crate::logout_sender::LogoutNotice;
use crate::mail::{Language, MailKind, Message, Payload};
use crate::origin::RequestOrigin;
use crate::random::system_rng;

/// A mail that is to be written.
pub(crate) struct NewMail<'a> {
    /// What it is about.
    pub(crate) kind: MailKind,
    /// The account that it is about, if there is one.
    pub(crate) account_id: Option<AccountId>,
    /// Who gets it.
    pub(crate) to: &'a Email,
    /// The token of its link, if it has one.
    pub(crate) token: Option<&'a OneTimeToken>,
    /// After this time the mail is no longer sent, and its link is invalid.
    pub(crate) lifetime: Duration,
}

/// A link and the mail that carries it.
pub(crate) struct LinkMail {
    pub(crate) link: Link,
    pub(crate) mail: QueuedMail,
}

impl Flows {
    /// Whether mail is configured.
    pub fn sends_mail(&self) -> bool {
        self.settings.mail.is_some()
    }

    /// A notice about `account` to its address; `None` if mail is not configured.
    pub(crate) fn notice(
        &self,
        kind: MailKind,
        account: &Account,
        origin: &RequestOrigin,
    ) -> Option<QueuedMail> {
        let new = NewMail {
            kind,
            account_id: Some(account.id),
            to: &account.email,
            token: None,
            lifetime: kind.lifetime(),
        };
        self.write_mail(&new, origin)
    }

    /// Stores a notice that no change in the database goes with. A failure is logged: what the
    /// notice tells of has happened.
    pub(crate) async fn send_notice(
        &self,
        kind: MailKind,
        account: &Account,
        origin: &RequestOrigin,
    ) {
        let Some(mail) = self.notice(kind, account, origin) else {
            return;
        };
        if let Err(error) = self.stores.outbox.put(&mail).await {
            tracing::warn!(%error, kind = kind.name(), "a notice could not be stored");
        }
    }

    /// Tells the owner of an account that its second factors or passkeys were changed.
    pub(crate) async fn tell_factor_changed(&self, id: AccountId, origin: &RequestOrigin) {
        if !self.sends_mail() {
            return;
        }
        match self.stores.accounts.account(id).await {
            Ok(Some(account)) => {
                self.send_notice(MailKind::FactorChanged, &account, origin)
                    .await;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "a notice could not be stored"),
        }
    }

    /// A mail with a new link for `account`, sent to `to`; `None` if mail is not configured.
    pub(crate) fn link_mail(
        &self,
        (purpose, kind): (OneTimePurpose, MailKind),
        account: &Account,
        to: &Email,
        origin: &RequestOrigin,
    ) -> Option<LinkMail> {
        let token = OneTimeToken::random(purpose, &mut system_rng());
        let new = NewMail {
            kind,
            account_id: Some(account.id),
            to,
            token: Some(&token),
            lifetime: kind.lifetime(),
        };
        Some(LinkMail {
            mail: self.write_mail(&new, origin)?,
            link: Link {
                purpose,
                digest: token.digest(),
                account_id: account.id,
                epoch: account.standing.epoch,
                email: to.clone(),
                until: self.clock.now().saturating_add(kind.lifetime()),
            },
        })
    }

    /// Stores the request for a new password, without a look whether an account has the address.
    pub(crate) async fn queue_reset(
        &self,
        email: &Email,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let payload = Payload::ResetRequested {
            email: email.as_str().to_owned(),
            language: self.language(origin),
        };
        self.queue_request(&payload, MailKind::Reset).await
    }

    /// Stores the request to register, without a look whether an account has the address.
    pub(crate) async fn queue_registration(
        &self,
        email: &Email,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let payload = Payload::RegistrationRequested {
            email: email.as_str().to_owned(),
            language: self.language(origin),
        };
        self.queue_request(&payload, MailKind::Registration).await
    }

    async fn queue_request(&self, payload: &Payload, kind: MailKind) -> Result<(), StoreError> {
        match self.sealed(None, payload, kind.lifetime()) {
            None => Ok(()),
            Some(mail) => self.stores.outbox.put(&mail).await.map(drop),
        }
    }

    pub(crate) fn write_mail(
        &self,
        new: &NewMail<'_>,
        origin: &RequestOrigin,
    ) -> Option<QueuedMail> {
        let payload = Payload::Mail(Message {
            kind: new.kind,
            to: new.to.as_str().to_owned(),
            language: self.language(origin),
            token: new.token.map(|token| token.expose().to_owned()),
            lifetime: Some(new.lifetime.as_secs()),
            at: self.clock.now().as_seconds(),
            address: origin.address.map(|address| address.to_string()),
        });
        self.sealed(new.account_id, &payload, new.lifetime)
    }

    fn language(&self, origin: &RequestOrigin) -> Language {
        let usual = self.settings.mail.as_ref().map(|mail| mail.language);
        origin.language.or(usual).unwrap_or_default()
    }

    fn sealed(
        &self,
        account_id: Option<AccountId>,
        payload: &Payload,
        lifetime: Duration,
    ) -> Option<QueuedMail> {
        self.settings.mail.as_ref()?;
        self.sealed_always(account_id, payload, lifetime)
    }

    /// A notice for a client. It outlives its account, and needs no mail server.
    pub(crate) fn sealed_notice(
        &self,
        notice: LogoutNotice,
        lifetime: Duration,
    ) -> Option<QueuedMail> {
        self.sealed_always(None, &Payload::Logout(notice), lifetime)
    }

    fn sealed_always(
        &self,
        account_id: Option<AccountId>,
        payload: &Payload,
        lifetime: Duration,
    ) -> Option<QueuedMail> {
        let now = self.clock.now();
        let mut rng = system_rng();
        let id = MailId::random(&mut rng);
        let Some(payload) = payload.seal(&self.keys().data, id, now, &mut rng) else {
            tracing::error!("a mail could not be sealed");
            return None;
        };
        Some(QueuedMail {
            id,
            account_id,
            payload,
            due: now,
            until: now.saturating_add(lifetime),
        })
    }
}
