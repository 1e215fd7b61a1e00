//! Adding an account for another person.

use signet_core::account::{Account, AccountClaims, AccountStatus, DisplayName, Email};
use signet_core::ids::AccountId;
use signet_core::invitation::InvitationLifetime;
use signet_core::names::Role;
use signet_core::password::Password;
use signet_store::{Created, Credentials};

use super::{AdministerError, check_reach};
use crate::authenticate::PasswordAttempt;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::invitations::{Invited, NewInvitation};
use crate::origin::Caller;
use crate::random::system_rng;
use crate::rate_limits::Counted;

/// An account to be added. Its password has passed the rules for new ones, and its roles fit into
/// tokens.
#[derive(Debug)]
pub struct AccountToAdd {
    /// The email address.
    pub email: Email,
    /// The name, if one is known.
    pub name: Option<DisplayName>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The custom claims.
    pub claims: AccountClaims,
    /// How its owner gets in.
    pub entry: Entry,
}

/// How the owner of a new account gets in.
#[derive(Debug)]
pub enum Entry {
    /// With this password.
    Password(Password),
    /// By an invitation.
    Invitation,
    /// Not yet: the account is invited, and no invitation is made.
    Later,
}

/// An account that was added.
#[derive(Debug)]
pub struct AddedAccount {
    /// The account.
    pub account: Account,
    /// The invitation of its owner, if one was asked for.
    pub invited: Option<Invited>,
}

impl Flows {
    /// Adds an account.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]
    pub async fn add_account(
        &self,
        new: AccountToAdd,
        caller: Caller<'_>,
    ) -> Result<AddedAccount, AdministerError> {
        check_reach(caller, &new.roles)?;
        let invite = matches!(new.entry, Entry::Invitation);
        let password_hash = match new.entry {
            Entry::Password(password) => Some(self.hash_password(password, ATTEMPT).await?),
            Entry::Invitation | Entry::Later => None,
        };
        let id = AccountId::random(&mut system_rng());
        let mut account = Account::new(id, new.email, new.name, self.clock.now());
        account.roles = new.roles;
        account.claims = new.claims;
        if password_hash.is_none() {
            account.standing.status = AccountStatus::Invited;
        }
        let credentials = Credentials {
            account,
            password_hash,
        };
        let invited = if invite {
            let invited = self.add_invited(&credentials, caller).await?;
            Some(invited)
        } else {
            let created = self.stores.accounts.create(&credentials).await?;
            added(created, id, caller)?;
            None
        };
        Ok(AddedAccount {
            account: credentials.account,
            invited,
        })
    }

    /// Adds an account with the invitation of its owner.
    async fn add_invited(
        &self,
        credentials: &Credentials,
        caller: Caller<'_>,
    ) -> Result<Invited, AdministerError> {
        let account = &credentials.account;
        let new = NewInvitation {
            email: account.email.clone(),
            roles: Vec::new(),
            lifetime: InvitationLifetime::default(),
            delivery: None,
        };
        let prepared = self.prepare_invitation(new, Some(account.id))?;
        let (invitation, mail) = (&prepared.invited.invitation, prepared.mail.as_ref());
        let invitations = &self.stores.invitations;
        let created = invitations.create(credentials, invitation, mail).await?;
        added(created, account.id, caller)?;
        events::emit(Event::InvitationMade(invitation.id), caller);
        Ok(prepared.invited)
    }
}

fn added(created: Created, id: AccountId, caller: Caller<'_>) -> Result<(), AdministerError> {
    match created {
        Created::EmailTaken => Err(AdministerError::EmailTaken),
        Created::Added => {
            events::emit(Event::AccountRegistered(id), caller);
            Ok(())
        }
    }
}

/// An administrator has proved who they are and is counted nowhere.
const ATTEMPT: PasswordAttempt<'_> = PasswordAttempt {
    class: HashClass::SignedIn,
    counted: Counted {
        address: None,
        subject: None,
        device: None,
    },
};
