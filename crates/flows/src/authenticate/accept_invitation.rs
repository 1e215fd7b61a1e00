//! Accepting an invitation: a new account, or an invited one that becomes active.

use signet_core::account::{Account, AccountStatus, DisplayName, Email, RegistrationMode};
use signet_core::client::Client;
use signet_core::invitation::Invitation;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimePurpose, OneTimeToken};
use signet_core::password::{Password, PasswordHash, check_new_password};
use signet_core::secret::SecretText;
use signet_store::{Acceptance, Accepted, Credentials, StoreError};
use signet_verifier::Timestamp;

use super::{PasswordAttempt, PasswordSignIn, RegisterError};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

/// A person who accepts an invitation.
#[derive(Debug)]
pub struct InvitedPerson<'a> {
    /// The token of the invitation.
    pub token: &'a SecretText,
    /// The address, if the person has typed it. It must be the one of the invitation.
    pub email: Option<Email>,
    /// The password.
    pub password: Password,
    /// The name, if one was given. An invited account keeps the name it has.
    pub name: Option<DisplayName>,
    /// The client that the person signs in with; `None` if they do not sign in yet.
    pub client: Option<&'a Client>,
}

impl Flows {
    /// Accepts an invitation: sets the password and verifies the address. The account may have to
    /// enrol a second factor before its owner is signed in. If an earlier request with the same
    /// password has accepted the invitation, signs in to its account.
    ///
    /// # Errors
    ///
    /// [`RegisterError`]
    pub async fn accept_invitation(
        &self,
        person: InvitedPerson<'_>,
        origin: &RequestOrigin,
    ) -> Result<PasswordSignIn, RegisterError> {
        let token = OneTimeToken::read(OneTimePurpose::Invitation, person.token.expose());
        let token = token.map_err(|_| RegisterError::InvalidInvitation)?;
        let now = self.clock.now();
        let found = self.stores.invitations.find(token.digest(), now).await?;
        let Some(invitation) = found else {
            return self.accept_again(&token, person, origin).await;
        };
        self.check_invitation(&invitation, person.email.as_ref())?;
        let previous = self.account_of(&invitation).await?;
        let roles = previous
            .as_ref()
            .map_or(&invitation.roles, |account| &account.roles);
        if person
            .client
            .is_some_and(|client| !client.sign_in.admit(roles))
        {
            return Err(RegisterError::RoleRequired);
        }
        check_new_password(&person.password, Some(&invitation.email))
            .and_then(|()| self.check_words(&person.password, person.name.as_ref()))
            .map_err(RegisterError::NewPassword)?;
        let breached = self.refuse_breached(&person.password).await;
        breached.map_err(RegisterError::NewPassword)?;
        let lookup_key = invitation.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::Registration,
            counted: origin.counted_for(&lookup_key),
        };
        let hash = self.hash_password(person.password, attempt).await?;
        let account = self.accept(&invitation, person.name, hash).await?;
        let caller = Caller::account(account.id, origin);
        if invitation.account_id.is_none() {
            events::emit(Event::AccountRegistered(account.id), caller);
        }
        let accepted = Event::InvitationAccepted(invitation.id, account.id);
        events::emit(accepted, caller);
        self.sign_in_invited(account, person.client).await
    }

    /// Continues the sign-in of a person whose account is set up.
    pub(super) async fn sign_in_invited(
        &self,
        account: Account,
        client: Option<&Client>,
    ) -> Result<PasswordSignIn, RegisterError> {
        if client.is_some_and(|client| !client.sign_in.admit(&account.roles)) {
            return Err(RegisterError::RoleRequired);
        }
        let client_id = client.map(|client| client.id.clone());
        let client_id = client_id.unwrap_or_else(ClientId::built_in);
        let policy = client.map(|client| client.sign_in.mfa);
        let signs_in_with = (&client_id, policy.unwrap_or_default());
        Ok(self.after_password(account, signs_in_with).await?)
    }

    /// Fails unless the invitation may be accepted with this address.
    fn check_invitation(
        &self,
        invitation: &Invitation,
        email: Option<&Email>,
    ) -> Result<(), RegisterError> {
        if email.is_some_and(|email| !invitation.is_for(email)) {
            return Err(RegisterError::InvalidInvitation);
        }
        let is_closed = self.settings.registration == RegistrationMode::Closed;
        if is_closed && invitation.account_id.is_none() {
            return Err(RegisterError::Closed);
        }
        Ok(())
    }

    /// The account that an invitation activates; `None` if it registers a new one.
    async fn account_of(&self, invitation: &Invitation) -> Result<Option<Account>, RegisterError> {
        let Some(id) = invitation.account_id else {
            return Ok(None);
        };
        let found = self.stores.accounts.account(id).await?;
        let account = found.ok_or(RegisterError::InvalidInvitation)?;
        let is_invited = account.standing.status == AccountStatus::Invited;
        if is_invited && invitation.is_for(&account.email) {
            Ok(Some(account))
        } else {
            Err(RegisterError::InvalidInvitation)
        }
    }

    /// Stores the account, and uses the invitation up. A change of an invited account that comes
    /// first is read again.
    async fn accept(
        &self,
        invitation: &Invitation,
        name: Option<DisplayName>,
        hash: PasswordHash,
    ) -> Result<Account, RegisterError> {
        self.note_acceptance(invitation).await?;
        let (name, hash) = (&name, &hash);
        until_done(RegisterError::Contended, (), |()| async move {
            let now = self.clock.now();
            let previous = self.account_of(invitation).await?;
            let account = match previous.clone() {
                Some(previous) => activated(previous, name.clone(), now),
                None => registered(invitation, name.clone(), now),
            };
            let acceptance = Acceptance {
                previous,
                next: Credentials {
                    account: account.clone(),
                    password_hash: Some(hash.clone()),
                },
            };
            let invitations = &self.stores.invitations;
            let accepted = invitations.accept(invitation.digest, &acceptance, now);
            if accepted.await? == Accepted::Done {
                return Ok(Round::Done(account));
            }
            self.why_lost(invitation).await?;
            Ok(Round::Overtaken(()))
        })
        .await
    }

    /// Fails with the reason for which an invitation cannot be accepted any more.
    async fn why_lost(&self, invitation: &Invitation) -> Result<(), RegisterError> {
        let now = self.clock.now();
        let found: Result<_, StoreError> =
            self.stores.invitations.find(invitation.digest, now).await;
        if found?.is_none() {
            return Err(RegisterError::InvalidInvitation);
        }
        let taken = self.stores.accounts.by_email(&invitation.email).await?;
        let taken = taken.map(|found| found.account.id);
        if taken.is_some() && taken != invitation.account_id {
            return Err(RegisterError::EmailTaken);
        }
        Ok(())
    }
}

/// An invited account after its owner has accepted.
fn activated(previous: Account, name: Option<DisplayName>, now: Timestamp) -> Account {
    previous.changed(|account| {
        account.standing.status = AccountStatus::Active;
        account.email_verified_at = Some(now);
        account.name = account.name.take().or(name);
    })
}

/// A new account of a person who was invited.
fn registered(invitation: &Invitation, name: Option<DisplayName>, now: Timestamp) -> Account {
    let id = invitation.account_to_set_up();
    let mut account = Account::new(id, invitation.email.clone(), name, now);
    account.roles.clone_from(&invitation.roles);
    account.email_verified_at = Some(now);
    account
}
