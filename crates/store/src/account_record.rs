//! The columns of an account, as every database stores them, and the account they stand for.
//!
//! A database binds and reads the columns; what they mean is said here once. This module must not
//! know any database.

use std::borrow::Cow;
use std::str::FromStr;

use signet_core::account::{
    Account, AccountClaims, AccountStatus, DisplayName, KeptSession, MfaPolicy, SecondFactors,
    Standing,
};
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::Role;
use signet_core::password::PasswordHash;
use signet_verifier::Timestamp;

use crate::accounts::PendingEnding;
use crate::columns::{epoch, epoch_number, millis, timestamp};
use crate::error::ImpossibleRow;
use crate::unreadable_rows::UnreadableRows;

/// The columns of an account without its password hash, as every database names them.
macro_rules! columns {
    () => {
        "id, email, email_verified, name, roles, status, epoch, created_at, kept_session, \
         kept_since, email_verified_at, claims, version, mfa_required, second_factors, \
         issue_from"
    };
}
pub(crate) use columns;

/// The values of an account's columns. The password hash is none of them: most readers do not need
/// it, and it takes long to parse.
pub(crate) struct AccountColumns<'a> {
    pub(crate) id: [u8; 16],
    pub(crate) email: &'a str,
    pub(crate) email_verified: bool,
    pub(crate) email_verified_at: Option<i64>,
    pub(crate) name: Option<&'a str>,
    pub(crate) roles: Vec<&'a str>,
    pub(crate) status: i16,
    pub(crate) epoch: i64,
    pub(crate) claims: Option<Cow<'a, str>>,
    pub(crate) version: i64,
    pub(crate) mfa_required: bool,
    pub(crate) second_factors: i16,
    pub(crate) issue_from: i64,
    pub(crate) created_at: i64,
    pub(crate) kept: KeptColumns<'a>,
}

/// The values of the two columns that name the session which the latest ending has spared.
#[derive(Clone, Copy)]
pub(crate) struct KeptColumns<'a> {
    pub(crate) session: Option<&'a [u8]>,
    pub(crate) since: Option<i64>,
}

impl<'a> AccountColumns<'a> {
    /// The columns of an account that has spared no session yet.
    pub(crate) fn of(account: &'a Account) -> Self {
        Self {
            id: *account.id.as_bytes(),
            email: account.email.as_str(),
            email_verified: account.email_verified_at.is_some(),
            email_verified_at: account.email_verified_at.map(millis),
            name: account.name.as_ref().map(DisplayName::as_str),
            roles: account.roles.iter().map(Role::as_str).collect(),
            status: status_number(account.standing.status),
            epoch: epoch_number(account.standing.epoch),
            claims: (!account.claims.is_empty()).then(|| Cow::Owned(account.claims.to_json())),
            version: i64::try_from(account.version).unwrap_or(i64::MAX),
            mfa_required: account.mfa == MfaPolicy::Required,
            second_factors: i16::from(account.second_factors.number()),
            issue_from: millis(account.issue_from),
            created_at: millis(account.created_at),
            kept: KeptColumns {
                session: None,
                since: None,
            },
        }
    }

    /// The account with these columns.
    pub(crate) fn read(
        &self,
        unreadable_roles: &UnreadableRows<AccountId>,
    ) -> Result<Account, ImpossibleRow> {
        Ok(Account {
            id: AccountId::from_bytes(self.id),
            email: parsed(self.email, "an invalid email address")?,
            email_verified_at: self.verified_at()?,
            name: self
                .name
                .map(DisplayName::from_stored)
                .transpose()
                .map_err(|_| ImpossibleRow("a name that breaks its rule"))?,
            roles: self.read_roles(unreadable_roles),
            issue_from: timestamp(self.issue_from)?,
            standing: Standing {
                status: status(self.status)?,
                epoch: epoch(self.epoch)?,
                kept: self.kept.read()?,
            },
            claims: match &self.claims {
                None => AccountClaims::default(),
                Some(text) => AccountClaims::from_json(text)
                    .map_err(|_| ImpossibleRow("claims that break their rule"))?,
            },
            mfa: if self.mfa_required {
                MfaPolicy::Required
            } else {
                MfaPolicy::Optional
            },
            second_factors: u8::try_from(self.second_factors)
                .ok()
                .and_then(SecondFactors::from_number)
                .ok_or(ImpossibleRow("second factors of no version"))?,
            version: u64::try_from(self.version)
                .map_err(|_| ImpossibleRow("an account version below zero"))?,
            created_at: timestamp(self.created_at)?,
        })
    }

    /// An earlier version has written no time; the address was verified when the account was made.
    fn verified_at(&self) -> Result<Option<Timestamp>, ImpossibleRow> {
        let at = self.email_verified_at.unwrap_or(self.created_at);
        self.email_verified.then(|| timestamp(at)).transpose()
    }
}

impl AccountColumns<'_> {
    /// The roles that can be read. A role that breaks its rule grants nothing, and does not keep its
    /// account from signing in.
    fn read_roles(&self, unreadable_roles: &UnreadableRows<AccountId>) -> Vec<Role> {
        let roles: Vec<Role> = self.roles.iter().flat_map(|role| role.parse()).collect();
        let unreadable = self.roles.len() - roles.len();
        unreadable_roles.note(&AccountId::from_bytes(self.id), unreadable > 0);
        roles
    }
}

impl KeptColumns<'_> {
    fn read(self) -> Result<Option<KeptSession>, ImpossibleRow> {
        let (session, since) = match (self.session, self.since) {
            (None, None) => return Ok(None),
            (Some(session), Some(since)) => (session, since),
            _ => return Err(ImpossibleRow("half of a kept session")),
        };
        let id = session
            .try_into()
            .map_err(|_| ImpossibleRow("an invalid id of a kept session"))?;
        Ok(Some(KeptSession {
            id: SessionId::from_bytes(id),
            since: epoch(since)?,
        }))
    }
}

/// The value of the column of the password hash.
pub(crate) fn password_column(hash: Option<&PasswordHash>) -> &str {
    hash.map_or(NO_PASSWORD, PasswordHash::as_str)
}

/// The password hash that its column holds.
pub(crate) fn read_password(column: &str) -> Result<Option<PasswordHash>, ImpossibleRow> {
    match column {
        NO_PASSWORD => Ok(None),
        hash => parsed(hash, "an invalid password hash").map(Some),
    }
}

/// The pending ending with these columns.
pub(crate) fn read_ending(
    account: [u8; 16],
    before: i64,
    kept: KeptColumns<'_>,
) -> Result<PendingEnding, ImpossibleRow> {
    Ok(PendingEnding {
        account_id: AccountId::from_bytes(account),
        before: epoch(before)?,
        kept: kept.read()?,
    })
}

/// The number of a status.
pub(crate) fn status_number(status: AccountStatus) -> i16 {
    match status {
        AccountStatus::Active => 0,
        AccountStatus::Disabled => 1,
        AccountStatus::Invited => 2,
    }
}

fn status(number: i16) -> Result<AccountStatus, ImpossibleRow> {
    match number {
        0 => Ok(AccountStatus::Active),
        1 => Ok(AccountStatus::Disabled),
        2 => Ok(AccountStatus::Invited),
        _ => Err(ImpossibleRow("an unknown account status")),
    }
}

fn parsed<T: FromStr>(text: &str, what: &'static str) -> Result<T, ImpossibleRow> {
    text.parse().map_err(|_| ImpossibleRow(what))
}

/// What the column of the password hash holds for an account without a password. Its output is all
/// zeroes, so no password that anybody knows matches it. Versions of Signet that know accounts with
/// passwords only read a hash and refuse every password.
pub(crate) const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_no_password_is_a_hash_to_earlier_versions() {
        let hash: PasswordHash = NO_PASSWORD.parse().unwrap();
        assert_eq!(hash.as_str().len(), 97);
    }
}
