//! The worker: leases mail that is due, sends it, and notes what became of it.
//!
//! A mail is removed only after the mail server has accepted it. If the process dies between the
//! two, the mail is sent again when the lease expires, with the same message id.

use std::time::Duration;

use futures::future::join_all;
use signet_core::account::{AccountStatus, Email};
use signet_core::one_time_token::OneTimePurpose;
use signet_store::{LeasedMail, StoreError};
use signet_verifier::Timestamp;

use crate::events::{self, Event};
use crate::flows::Flows;
use crate::logout_sender::LogoutNotice;
use crate::mail::{Language, MailKind, MailSettings, Message, Payload, SendError, render};
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Sends mail and notices that are due; returns how many were taken up. Called periodically, by every
    /// replica.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; mail that was taken up is due again when its lease expires.
    pub async fn deliver_mail(&self) -> Result<usize, StoreError> {
        let now = self.clock.now();
        let until = now.saturating_add(LEASE);
        let leased = self.stores.outbox.lease(now, until, MAILS_AT_ONCE).await?;
        let delivered = leased.iter().map(|mail| self.deliver(mail, now));
        let mut outcome = Ok(());
        for delivered in join_all(delivered).await {
            outcome = outcome.and(delivered);
        }
        outcome.map(|()| leased.len())
    }

    async fn deliver(&self, leased: &LeasedMail, now: Timestamp) -> Result<(), StoreError> {
        let mail = &leased.mail;
        match Payload::open(&self.keys().data, mail.id, &mail.payload) {
            None => {
                tracing::error!(
                    "a mail in the outbox cannot be opened with the keys of this folder"
                );
            }
            Some(Payload::ResetRequested { email, language }) => {
                self.answer_reset(&email, language).await?;
            }
            Some(Payload::RegistrationRequested { email, language }) => {
                self.answer_registration(&email, language).await?;
            }
            Some(Payload::Mail(message)) => {
                // Without a mail server, mail of earlier settings waits until its time is over.
                return match &self.settings.mail {
                    Some(settings) => self.send(settings, leased, &message, now).await,
                    None => Ok(()),
                };
            }
            Some(Payload::Logout(notice)) => return self.notify(leased, &notice, now).await,
        }
        self.stores.outbox.remove(mail.id).await
    }

    /// Tells a client that a session has ended, or tries again later.
    async fn notify(
        &self,
        leased: &LeasedMail,
        notice: &LogoutNotice,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (id, attempt) = (leased.mail.id, leased.attempt);
        let due = now.saturating_add(pause_after(attempt));
        match self.send_logout(notice).await? {
            Ok(()) => count_notice("sent"),
            Err(error) if error.is_temporary() && due < leased.mail.until => {
                count_notice("postponed");
                tracing::warn!(%error, attempt, "a client was not told of a sign-out yet");
                return self.stores.outbox.postpone(id, attempt, due).await;
            }
            Err(error) => {
                count_notice("given_up");
                tracing::warn!(%error, attempt, "a client is not told of a sign-out");
            }
        }
        self.stores.outbox.remove(id).await
    }

    /// Mails a link if the address has an account that may have one.
    async fn answer_reset(&self, email: &str, language: Language) -> Result<(), StoreError> {
        let Ok(email) = email.parse::<Email>() else {
            return Ok(());
        };
        let Some(found) = self.stores.accounts.by_email(&email).await? else {
            return Ok(());
        };
        let account = found.account;
        if account.standing.status != AccountStatus::Active {
            return Ok(());
        }
        let origin = RequestOrigin {
            language: Some(language),
            ..RequestOrigin::default()
        };
        let what = (OneTimePurpose::ResetPassword, MailKind::Reset);
        // To the stored address, whatever was typed.
        if let Some(new) = self.link_mail(what, &account, &account.email, &origin) {
            let changes = &self.stores.mailed_changes;
            changes.put_link(&new.link, &new.mail).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        settings: &MailSettings,
        leased: &LeasedMail,
        message: &Message,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = leased.mail.id;
        let sent = match render((settings, &self.settings.pages), id, message, now) {
            _ if now >= leased.mail.until => Err(SendError::Unreachable),
            None => Err(SendError::Unsendable),
            Some(rendered) => settings.sender.send(&rendered).await,
        };
        let due = now.saturating_add(pause_after(leased.attempt));
        match sent {
            Ok(()) => {
                count(message.kind, "sent");
                self.tell(leased, message.kind, None);
            }
            Err(error) if error.is_temporary() && due < leased.mail.until => {
                count(message.kind, "postponed");
                tracing::warn!(%error, attempt = leased.attempt, "a mail was not sent yet");
                return self.stores.outbox.postpone(id, leased.attempt, due).await;
            }
            Err(error) => {
                count(message.kind, "given_up");
                self.tell(leased, message.kind, Some(error));
            }
        }
        self.stores.outbox.remove(id).await
    }

    #[expect(clippy::unused_self, reason = "events are a matter of flows")]
    fn tell(&self, leased: &LeasedMail, kind: MailKind, error: Option<SendError>) {
        let Some(account_id) = leased.mail.account_id else {
            return;
        };
        let event = match error {
            None => Event::MailSent(account_id, kind),
            Some(error) => {
                tracing::warn!(%error, attempt = leased.attempt, "a mail is given up");
                Event::MailGivenUp(account_id, kind)
            }
        };
        events::emit(event, Caller::SYSTEM);
    }
}

fn count(kind: MailKind, outcome: &'static str) {
    let kind = kind.name();
    metrics::counter!("signet_mails_total", "kind" => kind, "outcome" => outcome).increment(1);
}

fn count_notice(outcome: &'static str) {
    metrics::counter!("signet_logout_notices_total", "outcome" => outcome).increment(1);
}

/// Half a minute after the first attempt, twice as long after each, an hour at most.
fn pause_after(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(7);
    (FIRST_PAUSE * (1 << doublings)).min(LONGEST_PAUSE)
}

/// Longer than a sender takes for a batch: its deadline is 20 s.
const LEASE: Duration = Duration::from_mins(2);
/// As many connections as a sender opens.
const MAILS_AT_ONCE: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses: Vec<_> = (1..=9)
            .map(|attempt| pause_after(attempt).as_secs())
            .collect();
        assert_eq!(pauses, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
