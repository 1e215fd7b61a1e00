//! Updates of accounts in SQLite.

use async_trait::async_trait;
use rusqlite::{Connection, params};
use signet_core::account::Account;

use super::Sqlite;
use super::accounts::note_ending;
use super::fault::SqliteFault;
use super::job::atomically;
use crate::account_record::AccountColumns;
use crate::error::StoreError;
use crate::profiles::{Profiles, Updated, ending};

#[async_trait]
impl Profiles for Sqlite {
    async fn update(&self, previous: &Account, next: &Account) -> Result<Updated, StoreError> {
        let (id, previous, next) = (next.id, previous.clone(), next.clone());
        let updated = self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                update(connection, &previous, &next)
            })
        });
        let updated = updated.await?;
        if let Updated::Done(_) = updated {
            self.unreadable_roles.note(&id, false);
        }
        Ok(updated)
    }
}

pub(super) fn update(
    connection: &Connection,
    previous: &Account,
    next: &Account,
) -> Result<Updated, SqliteFault> {
    let (columns, before) = (AccountColumns::of(next), AccountColumns::of(previous));
    let email_key = next.email.lookup_key();
    let mut statement = connection.prepare_cached(EMAIL_TAKEN)?;
    let email_taken: bool =
        statement.query_row(params![email_key, columns.id], |row| row.get(0))?;
    let mut statement = connection.prepare_cached(UPDATE)?;
    let changed = statement.execute(params![
        columns.id,
        before.version,
        before.epoch,
        columns.email,
        email_key,
        columns.email_verified,
        columns.email_verified_at,
        columns.name,
        columns.roles.join(" "),
        columns.claims,
        columns.status,
        columns.epoch,
        columns.version,
        !email_taken,
        columns.mfa_required,
        columns.issue_from,
    ])?;
    if changed == 0 {
        return refused(connection, &before, email_taken);
    }
    let ending = ending(previous, next);
    if let Some(ending) = ending {
        note_ending(connection, ending)?;
    }
    Ok(Updated::Done(ending))
}

/// A lost race is told before a taken address: the caller looks again, and may want another one.
fn refused(
    connection: &Connection,
    before: &AccountColumns<'_>,
    email_taken: bool,
) -> Result<Updated, SqliteFault> {
    let mut statement = connection.prepare_cached(IS_CURRENT)?;
    let key = params![before.id, before.version, before.epoch];
    let current: bool = statement.query_row(key, |row| row.get(0))?;
    Ok(if current && email_taken {
        Updated::EmailTaken
    } else {
        Updated::Lost
    })
}

const STORE: &str = "accounts";

const EMAIL_TAKEN: &str = "
    SELECT EXISTS (SELECT 1 FROM accounts WHERE email_key = ?1 AND id <> ?2)";

const IS_CURRENT: &str = "
    SELECT EXISTS (SELECT 1 FROM accounts WHERE id = ?1 AND version = ?2 AND epoch = ?3)";

const UPDATE: &str = "
    UPDATE accounts
    SET email = ?4, email_key = ?5, email_verified = ?6, email_verified_at = ?7, name = ?8,
        roles = ?9, claims = ?10, status = ?11, epoch = ?12, version = ?13,
        mfa_required = ?15, issue_from = ?16,
        kept_session = CASE WHEN ?12 > ?3 THEN NULL ELSE kept_session END,
        kept_since = CASE WHEN ?12 > ?3 THEN NULL ELSE kept_since END
    WHERE id = ?1 AND version = ?2 AND epoch = ?3 AND ?14";
