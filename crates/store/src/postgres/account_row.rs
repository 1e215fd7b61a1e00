//! How a row of the table of accounts is read.

use std::borrow::Cow;

use signet_core::account::Account;
use signet_core::ids::AccountId;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;

use super::fault::PostgresFault;
use crate::account_record::{AccountColumns, KeptColumns, read_ending, read_password};
use crate::accounts::{Credentials, PendingEnding};
use crate::unreadable_rows::UnreadableRows;

/// The account in a row of `columns!()`, `password_hash`.
pub(super) fn credentials(
    row: &PgRow,
    unreadable_roles: &UnreadableRows<AccountId>,
) -> Result<Credentials, PostgresFault> {
    Ok(Credentials {
        account: account(row, unreadable_roles)?,
        password_hash: read_password(row.try_get(16)?)?,
    })
}

/// The account in a row of `columns!()`.
pub(super) fn account(
    row: &PgRow,
    unreadable_roles: &UnreadableRows<AccountId>,
) -> Result<Account, PostgresFault> {
    let roles: Vec<String> = row.try_get(4)?;
    let columns = AccountColumns {
        id: row.try_get::<Uuid, _>(0)?.into_bytes(),
        email: row.try_get(1)?,
        email_verified: row.try_get(2)?,
        name: row.try_get(3)?,
        roles: roles.iter().map(String::as_str).collect(),
        status: row.try_get(5)?,
        epoch: row.try_get(6)?,
        created_at: row.try_get(7)?,
        kept: kept(row, 8)?,
        email_verified_at: row.try_get(10)?,
        claims: row.try_get::<Option<&str>, _>(11)?.map(Cow::Borrowed),
        version: row.try_get(12)?,
        mfa_required: row.try_get(13)?,
        second_factors: row.try_get(14)?,
        issue_from: row.try_get(15)?,
    };
    Ok(columns.read(unreadable_roles)?)
}

/// The ending in a row of `account, before, kept_session, kept_since`.
pub(super) fn ending(row: &PgRow) -> Result<PendingEnding, PostgresFault> {
    let account = row.try_get::<Uuid, _>(0)?.into_bytes();
    Ok(read_ending(account, row.try_get(1)?, kept(row, 2)?)?)
}

/// Columns from `first` on: `kept_session`, `kept_since`.
fn kept(row: &PgRow, first: usize) -> Result<KeptColumns<'_>, sqlx::Error> {
    Ok(KeptColumns {
        session: row.try_get(first)?,
        since: row.try_get(first + 1)?,
    })
}
