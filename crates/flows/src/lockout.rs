//! Accounts under attack: which sign-ins are refused, who is told, and how it is lifted.
//!
//! Wrong passwords use up budgets of a network and an account together, and of the account from
//! anywhere. A device on which the owner has signed in has a budget of its own, so an attacker cannot
//! lock the owner out there. This module must not know how requests are counted.

use signet_core::account::Email;
use signet_core::device_token::DeviceToken;
use signet_core::ids::AccountId;
use signet_core::limits::{CounterId, Limit};
use signet_core::secret::SecretText;

use crate::accounts::AdministerError;
use crate::events::{self, Event, LimitEvent};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::random::system_rng;
use crate::rate_limits::{Counted, EVERYBODY, TooMany};

impl Flows {
    /// The device that a token names; `None` if this server did not issue it.
    pub fn known_device(&self, token: &str) -> Option<DeviceToken> {
        DeviceToken::read(token, &self.keys().mac, self.clock.now())
    }

    /// A token for the device of a request, after the owner of the account has signed in there.
    pub fn device_token(&self, account_id: AccountId, origin: &RequestOrigin) -> SecretText {
        let known = origin.device.clone();
        let known = known.filter(|device| device.account_id() == account_id);
        let device = known.unwrap_or_else(|| DeviceToken::new(account_id, &mut system_rng()));
        device.write(&self.keys().mac, self.clock.now())
    }

    /// Counts a sign-in by its network if its device is known to another account than the one it
    /// is about. When it arrived, it was counted by the device.
    pub(crate) async fn count_foreign_device(
        &self,
        account_id: Option<AccountId>,
        origin: &RequestOrigin,
    ) -> Result<(), TooMany> {
        match &origin.device {
            Some(device) if Some(device.account_id()) != account_id => {
                let counted = Counted::from_address(origin.address);
                self.count_or_refuse(Limit::Login, counted).await
            }
            _ => Ok(()),
        }
    }

    /// Tells the owner and the operators, once a day, that an account is under attack. The answer
    /// to the request does not wait for it, so it is the same for unknown accounts.
    pub(crate) fn note_attack(
        &self,
        refused: TooMany,
        account_id: Option<AccountId>,
        (email, origin): (&Email, &RequestOrigin),
    ) {
        let is_attack = matches!(
            refused.limit,
            Limit::WrongPasswordInHour | Limit::WrongPasswordInDay
        );
        if let (true, Some(account_id)) = (is_attack, account_id) {
            let (flows, lookup_key) = (self.clone(), email.lookup_key());
            let origin = origin.clone();
            drop(tokio::spawn(async move {
                flows.tell_of_attack(account_id, &lookup_key, &origin).await;
            }));
        }
    }

    /// Counts a failed sign-in of anybody; whether operators were told now that there are many.
    pub async fn note_failed_sign_in(&self) -> bool {
        let counted = Counted {
            subject: Some(EVERYBODY),
            ..Counted::default()
        };
        let judged = self
            .count_everywhere(&[Limit::FailedSignIns], counted)
            .await;
        let are_many = judged.is_some_and(|(judged, _)| !judged.verdict.allowed);
        let tells = are_many && self.rate_limits.may_tell_of_failures();
        if tells {
            events::emit(Event::Limits(LimitEvent::ManySignInsFailed), Caller::SYSTEM);
        }
        tells
    }

    async fn tell_of_attack(&self, id: AccountId, lookup_key: &str, origin: &RequestOrigin) {
        let counted = Counted {
            subject: Some(lookup_key),
            ..Counted::default()
        };
        if self
            .count_everywhere(&[Limit::AttackNotice], counted)
            .await
            .is_none_or(|(judged, _)| !judged.verdict.allowed)
        {
            return;
        }
        events::emit(
            Event::Limits(LimitEvent::AccountAttacked(id)),
            Caller::SYSTEM,
        );
        match self.stores.accounts.account(id).await {
            Ok(Some(account)) => {
                let kind = MailKind::SignInAttempts;
                self.send_notice(kind, &account, origin).await;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "the owner of an account is not told of an attack");
            }
        }
    }

    /// Makes the budgets of an account whole again, from everywhere.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn lift_lockout(
        &self,
        id: AccountId,
        caller: Caller<'_>,
    ) -> Result<(), AdministerError> {
        let found = self.stores.accounts.account(id).await?;
        let account = found.ok_or(AdministerError::UnknownAccount)?;
        let subject = account.email.lookup_key();
        let group = CounterId::group(&self.keys().mac, (None, Some(&subject)), self.clock.now());
        self.stores.shared_limits.reset(group).await?;
        events::emit(Event::Limits(LimitEvent::LockoutLifted(id)), caller);
        Ok(())
    }
}
