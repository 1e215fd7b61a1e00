//! Changing an account: name, roles, claims, status, and whether the address is verified.

use signet_core::account::{Account, AccountClaims, AccountStatus, DisplayName, MfaPolicy};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_store::{Credentials, StoreError, Updated};
use signet_verifier::Timestamp;

use super::{AdministerError, check_reach};
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::Caller;
use crate::retry::{Round, until_done};

/// What is to be changed. What is `None` or [`NameChange::Keep`] stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountChange {
    /// The name.
    pub name: NameChange,
    /// All roles. They fit into tokens.
    pub roles: Option<Vec<Role>>,
    /// All custom claims.
    pub claims: Option<AccountClaims>,
    /// Whether the account may sign in.
    pub status: Option<AccountStatus>,
    /// Whether the email address is verified.
    pub email_verified: Option<bool>,
    /// Whether the account must have a second factor. It takes effect at the next sign-in.
    pub mfa: Option<MfaPolicy>,
}

/// A change of a name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum NameChange {
    /// The name stays.
    #[default]
    Keep,
    /// There is no name from now on.
    Remove,
    /// This is the name from now on.
    Set(DisplayName),
}

impl NameChange {
    /// Changes the name of an account.
    pub(crate) fn apply(&self, account: &mut Account) {
        match self {
            Self::Keep => {}
            Self::Remove => account.name = None,
            Self::Set(name) => account.name = Some(name.clone()),
        }
    }
}

impl Flows {
    /// Changes an account. Roles that are added reach access tokens at the next refresh. If a role
    /// is removed, the access tokens that the account has are denied. A change of the status ends
    /// every session.
    ///
    /// A change that names the roles as they are denies the tokens of the latest removal if that
    /// has failed before, and no others.
    ///
    /// # Errors
    ///
    /// [`AdministerError`]. If it is [`AdministerError::Store`], the change may have been made;
    /// repeat it.
    pub async fn update_account(
        &self,
        id: AccountId,
        change: &AccountChange,
        caller: Caller<'_>,
    ) -> Result<Account, AdministerError> {
        let (previous, next) = self.make_change(id, change, caller).await?;
        if change.roles.is_some() {
            self.deny_earlier_tokens(&next).await?;
        }
        note(&previous, &next, caller);
        Ok(next)
    }

    async fn make_change(
        &self,
        id: AccountId,
        change: &AccountChange,
        caller: Caller<'_>,
    ) -> Result<(Account, Account), AdministerError> {
        until_done(AdministerError::Contended, (), |()| async move {
            let found = self.stores.accounts.by_id(id).await?;
            let found = found.ok_or(AdministerError::UnknownAccount)?;
            let mut next = change.apply(&found.account, self.clock.now())?;
            check_reach(caller, &found.account.roles)?;
            check_reach(caller, &next.roles)?;
            if becomes_active(&found.account, &next) && !self.signs_in(&found).await? {
                next = invited_again(&found.account, next)?;
            }
            let previous = found.account;
            // A change that names the roles is always written: the stored ones may hold a role that
            // cannot be read, which is then replaced.
            if next == previous && change.roles.is_none() {
                return Ok(Round::Done((previous, next)));
            }
            self.replace_account(previous, next).await
        })
        .await
    }

    /// Replaces an account, unless it was changed meanwhile.
    pub(super) async fn replace_account(
        &self,
        previous: Account,
        next: Account,
    ) -> Result<Round<(Account, Account)>, AdministerError> {
        let next = next.changed(|_| {});
        match self.stores.profiles.update(&previous, &next).await? {
            Updated::Done(ending) => {
                if let Some(ending) = ending {
                    self.finish_or_leave(ending).await;
                }
                Ok(Round::Done((previous, next)))
            }
            Updated::EmailTaken => Err(AdministerError::EmailTaken),
            Updated::Lost => Ok(Round::Overtaken(())),
        }
    }

    /// Whether an account has a way to sign in.
    async fn signs_in(&self, found: &Credentials) -> Result<bool, StoreError> {
        if found.password_hash.is_some() {
            return Ok(true);
        }
        let authenticators = self.stores.authenticators.find(found.account.id).await?;
        Ok(authenticators.is_some_and(|found| !found.passkeys.is_empty()))
    }
}

impl AccountChange {
    /// The account after the change, with the version it had.
    fn apply(&self, previous: &Account, now: Timestamp) -> Result<Account, AdministerError> {
        let mut next = previous.clone();
        self.name.apply(&mut next);
        if let Some(roles) = &self.roles {
            next.roles.clone_from(roles);
            if removes(&previous.roles, roles) {
                next = next.issuing_anew(now).ok_or(AdministerError::Contended)?;
            }
        }
        if let Some(claims) = &self.claims {
            next.claims = claims.clone();
        }
        next.mfa = self.mfa.unwrap_or(next.mfa);
        match self.email_verified {
            Some(true) => next.email_verified_at = next.email_verified_at.or(Some(now)),
            Some(false) => next.email_verified_at = None,
            None => {}
        }
        match self.status {
            Some(status) if status != next.standing.status => with_status(next, status, now),
            _ => Ok(next),
        }
    }
}

fn with_status(
    account: Account,
    status: AccountStatus,
    now: Timestamp,
) -> Result<Account, AdministerError> {
    if status == AccountStatus::Invited {
        return Err(AdministerError::NotAStatus);
    }
    let mut account = account.ended(now);
    account.standing.status = status;
    Ok(account)
}

fn becomes_active(previous: &Account, next: &Account) -> bool {
    let is_active = |account: &Account| account.standing.status == AccountStatus::Active;
    is_active(next) && !is_active(previous)
}

/// An account that would become active without a way to sign in. If it was disabled, it is invited
/// again instead: the only way to let its owner in.
fn invited_again(previous: &Account, mut next: Account) -> Result<Account, AdministerError> {
    if previous.standing.status == AccountStatus::Invited {
        return Err(AdministerError::NoAuthenticator);
    }
    next.standing.status = AccountStatus::Invited;
    Ok(next)
}

/// Whether a change of roles takes one away.
fn removes(previous: &[Role], next: &[Role]) -> bool {
    previous.iter().any(|role| !next.contains(role))
}

/// Emits an event for each kind of change.
fn note(previous: &Account, next: &Account, caller: Caller<'_>) {
    let id = next.id;
    if previous.standing.status != next.standing.status {
        let event = match next.standing.status {
            AccountStatus::Disabled => Event::AccountDisabled(id),
            AccountStatus::Active | AccountStatus::Invited => Event::AccountEnabled(id),
        };
        events::emit(event, caller);
    }
    if previous.roles != next.roles {
        events::emit(Event::RolesChanged(id), caller);
    }
    let profile = |account: &Account| {
        let verified = account.email_verified_at;
        (
            account.name.clone(),
            account.claims.clone(),
            verified,
            account.mfa,
        )
    };
    if profile(previous) != profile(next) {
        events::emit(Event::AccountChanged(id), caller);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_removed_when_it_is_not_named_in_whatever_order() {
        let roles = |text: &str| -> Vec<Role> {
            let names = text.split_whitespace();
            names.map(|name| name.parse().unwrap()).collect()
        };
        let removes = |previous, next| removes(&roles(previous), &roles(next));
        assert!(removes("a", ""));
        assert!(removes("a b", "a c"));
        assert!(!removes("", ""));
        assert!(!removes("", "a"));
        assert!(!removes("a b", "b a"));
        assert!(!removes("a", "b a"));
    }
}
