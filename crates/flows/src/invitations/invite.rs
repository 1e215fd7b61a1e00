//! Inviting the owner of an address to set up an account.

use signet_core::account::{Account, AccountStatus, Email, RegistrationMode};
use signet_core::ids::{AccountId, InvitationId};
use signet_core::invitation::{Invitation, InvitationLifetime};
use signet_core::names::Role;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::secret::SecretText;
use signet_store::QueuedMail;

use super::{InviteError, Invited};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::outbox::NewMail;
use crate::random::system_rng;

/// An invitation to be made. Its roles fit into tokens.
#[derive(Debug)]
pub struct NewInvitation {
    /// The address.
    pub email: Email,
    /// The roles of the new account.
    pub roles: Vec<Role>,
    /// How long the invitation is valid.
    pub lifetime: InvitationLifetime,
    /// How it reaches the person; `None` mails it if mail is configured.
    pub delivery: Option<InvitationDelivery>,
}

/// How an invitation reaches the person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationDelivery {
    /// By mail.
    Mail,
    /// By the caller, who gets a link.
    Link,
}

/// An invitation with its mail or its link, before it is stored.
pub(crate) struct Prepared {
    pub(crate) invited: Invited,
    pub(crate) mail: Option<QueuedMail>,
}

impl Flows {
    /// Invites the owner of an address. An earlier invitation of the address becomes invalid. If
    /// an invited account has the address, accepting activates it.
    ///
    /// # Errors
    ///
    /// [`InviteError`]
    pub async fn invite(
        &self,
        new: NewInvitation,
        caller: Caller<'_>,
    ) -> Result<Invited, InviteError> {
        let account_id = self.invited_account(&new, caller).await?;
        let prepared = self.prepare_invitation(new, account_id)?;
        let invitation = &prepared.invited.invitation;
        let stored = self
            .stores
            .invitations
            .put(invitation, prepared.mail.as_ref());
        if !stored.await? {
            // The invited account was deleted meanwhile.
            return Err(InviteError::Unknown);
        }
        events::emit(Event::InvitationMade(invitation.id), caller);
        Ok(prepared.invited)
    }

    /// The invited account that has the address.
    async fn invited_account(
        &self,
        new: &NewInvitation,
        caller: Caller<'_>,
    ) -> Result<Option<AccountId>, InviteError> {
        let found = self.stores.accounts.by_email(&new.email).await?;
        let account = found.map(|found| found.account);
        let of_account = account.iter().flat_map(|account| account.roles.clone());
        let roles: Vec<_> = new.roles.iter().cloned().chain(of_account).collect();
        if !caller.may_change_account_with(&roles) {
            return Err(InviteError::Administers);
        }
        let is_invited = |account: &Account| account.standing.status == AccountStatus::Invited;
        match account {
            None if self.settings.registration == RegistrationMode::Closed => {
                Err(InviteError::Closed)
            }
            None => Ok(None),
            Some(account) if !is_invited(&account) => Err(InviteError::EmailTaken),
            Some(_) if !new.roles.is_empty() => Err(InviteError::RolesOfAccount),
            Some(account) => Ok(Some(account.id)),
        }
    }

    /// Makes an invitation, and its mail or its link.
    pub(crate) fn prepare_invitation(
        &self,
        new: NewInvitation,
        account_id: Option<AccountId>,
    ) -> Result<Prepared, InviteError> {
        let delivery = match new.delivery {
            Some(InvitationDelivery::Mail) if !self.sends_mail() => {
                return Err(InviteError::NoMail);
            }
            Some(delivery) => delivery,
            None if self.sends_mail() => InvitationDelivery::Mail,
            None => InvitationDelivery::Link,
        };
        let token = OneTimeToken::random(OneTimePurpose::Invitation, &mut system_rng());
        let now = self.clock.now();
        let lifetime = new.lifetime.duration();
        let invitation = Invitation {
            id: InvitationId::random(&mut system_rng()),
            digest: token.digest(),
            email: new.email,
            account_id,
            roles: new.roles,
            created_at: now,
            until: now.saturating_add(lifetime),
        };
        let (url, mail) = match delivery {
            InvitationDelivery::Link => {
                let url = self.settings.pages.invite.with_token(token.expose());
                (Some(SecretText::new(url)), None)
            }
            InvitationDelivery::Mail => {
                let mail = NewMail {
                    kind: MailKind::Invitation,
                    account_id,
                    to: &invitation.email,
                    token: Some(&token),
                    lifetime,
                };
                // The person who reads the mail did not make the request: its language is unknown.
                let mail = self.write_mail(&mail, &RequestOrigin::default());
                (None, Some(mail.ok_or(InviteError::Unsealed)?))
            }
        };
        let invited = Invited { invitation, url };
        Ok(Prepared { invited, mail })
    }
}
