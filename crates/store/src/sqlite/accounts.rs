//! Accounts in SQLite, and the endings that their changes leave pending.

use std::borrow::Cow;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use signet_core::account::{Account, Email, Epoch, EpochStep};
use signet_core::ids::AccountId;
use signet_core::names::Role;
use signet_core::password::PasswordHash;

use super::Sqlite;
use super::fault::SqliteFault;
use super::job::atomically;
use crate::account_record::{
    AccountColumns, KeptColumns, columns, password_column, read_ending, read_password,
    status_number,
};
use crate::accounts::{
    AccountFilter, Accounts, Changed, Created, Credentials, EndingChange, PendingEnding,
};
use crate::error::StoreError;

#[async_trait]
impl Accounts for Sqlite {
    async fn create(&self, credentials: &Credentials) -> Result<Created, StoreError> {
        let credentials = credentials.clone();
        self.write(STORE, move |connection| insert(connection, &credentials))
            .await
    }

    async fn by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        self.read(STORE, |connection| {
            let read = |row: &Row<'_>| self.credentials(row);
            find(connection, BY_EMAIL, &email.lookup_key(), read)
        })
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(STORE, |connection| {
            find(connection, ACCOUNT, id.as_bytes(), |row| self.account(row))
        })
    }

    async fn by_id(&self, id: AccountId) -> Result<Option<Credentials>, StoreError> {
        self.read(STORE, |connection| {
            find(connection, BY_ID, id.as_bytes(), |row| {
                self.credentials(row)
            })
        })
    }

    async fn list(
        &self,
        filter: &AccountFilter,
        after: Option<AccountId>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        if let Some(email) = &filter.email {
            return Ok(filter.pick(self.by_email(email).await?, after));
        }
        // Every id is behind no bytes at all.
        let after = after.as_ref().map_or(&[][..], |id| id.as_bytes());
        let role = filter.role.as_ref().map(Role::as_str);
        let status = filter.status.map(status_number);
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let rows = statement.query_map(params![after, limit, role, status], |row| {
                Ok(self.account(row))
            })?;
            rows.map(|row| row?).collect()
        })
    }

    async fn change(
        &self,
        id: AccountId,
        step: EpochStep,
        change: &EndingChange,
    ) -> Result<Changed, StoreError> {
        let is_deletion = matches!(change, EndingChange::Delete);
        let change = change.clone();
        let write = self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                apply(connection, id, step, &change)
            })
        });
        let changed = write.await?;
        if is_deletion && let Err(fault) = self.writer.empty_log().await {
            let error = fault.in_store(STORE);
            tracing::warn!(%error, "a deleted account stays in the write-ahead log for a while");
        }
        Ok(changed)
    }

    async fn rehash(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (old, new) = (old.clone(), new.clone());
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(REHASH)?;
            let changed = statement.execute(params![id.as_bytes(), old.as_str(), new.as_str()])?;
            Ok(changed > 0)
        })
        .await
    }

    async fn pending_endings(&self, limit: u32) -> Result<Vec<PendingEnding>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(PENDING)?;
            let endings = statement.query_map([limit], |row| Ok(ending(row)))?;
            endings.map(|ending| ending?).collect()
        })
    }

    async fn endings_done(&self, ending: PendingEnding) -> Result<(), StoreError> {
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(ENDINGS_DONE)?;
            let account = ending.account_id.as_bytes();
            statement.execute(params![account, ending.before.number()])?;
            Ok(())
        })
        .await
    }
}

impl Sqlite {
    /// Columns: `columns!()`, `password_hash`.
    fn credentials(&self, row: &Row<'_>) -> Result<Credentials, SqliteFault> {
        Ok(Credentials {
            account: self.account(row)?,
            password_hash: read_password(text(row, 16)?)?,
        })
    }

    /// Columns: `columns!()`.
    fn account(&self, row: &Row<'_>) -> Result<Account, SqliteFault> {
        let columns = AccountColumns {
            id: row.get(0)?,
            email: text(row, 1)?,
            email_verified: row.get(2)?,
            name: text_or_null(row, 3)?,
            roles: text(row, 4)?.split_ascii_whitespace().collect(),
            status: row.get(5)?,
            epoch: row.get(6)?,
            created_at: row.get(7)?,
            kept: kept(row, 8)?,
            email_verified_at: row.get(10)?,
            claims: text_or_null(row, 11)?.map(Cow::Borrowed),
            version: row.get(12)?,
            mfa_required: row.get(13)?,
            second_factors: row.get(14)?,
            issue_from: row.get(15)?,
        };
        Ok(columns.read(&self.unreadable_roles)?)
    }
}

/// The row with this key.
fn find<T>(
    connection: &Connection,
    sql: &str,
    key: &dyn ToSql,
    read: impl Fn(&Row<'_>) -> Result<T, SqliteFault>,
) -> Result<Option<T>, SqliteFault> {
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([key], |row| Ok(read(row)));
    found.optional()?.transpose()
}

pub(super) fn insert(
    connection: &Connection,
    credentials: &Credentials,
) -> Result<Created, SqliteFault> {
    let columns = AccountColumns::of(&credentials.account);
    let mut statement = connection.prepare_cached(INSERT)?;
    let inserted = statement.execute(params![
        columns.id,
        columns.email,
        credentials.account.email.lookup_key(),
        columns.email_verified,
        columns.name,
        columns.roles.join(" "),
        columns.status,
        columns.epoch,
        password_column(credentials.password_hash.as_ref()),
        columns.created_at,
        columns.email_verified_at,
        columns.claims,
        columns.version,
        columns.mfa_required,
        columns.issue_from,
    ])?;
    match inserted {
        0 => Ok(Created::EmailTaken),
        _ => Ok(Created::Added),
    }
}

pub(super) fn apply(
    connection: &Connection,
    id: AccountId,
    step: EpochStep,
    change: &EndingChange,
) -> Result<Changed, SqliteFault> {
    let (id_bytes, epoch) = (id.as_bytes(), step.from.number());
    let (next, kept) = (step.to, change.kept());
    let kept_id = kept.as_ref().map(|kept| kept.id.as_bytes());
    let since = kept.map(|kept| kept.since.number());
    let (changed, before) = match change {
        EndingChange::Password { hash, .. } => {
            let mut statement = connection.prepare_cached(CHANGE_PASSWORD)?;
            let hash = hash.as_str();
            let row = params![id_bytes, epoch, next.number(), kept_id, since, hash];
            (statement.execute(row)?, next)
        }
        EndingChange::LogOutEverywhere | EndingChange::LogOutOthers(_) => {
            let mut statement = connection.prepare_cached(NEXT_EPOCH)?;
            let row = params![id_bytes, epoch, next.number(), kept_id, since];
            (statement.execute(row)?, next)
        }
        EndingChange::Delete => {
            let mut statement = connection.prepare_cached(DELETE)?;
            (statement.execute(params![id_bytes, epoch])?, Epoch::END)
        }
    };
    if changed == 0 {
        return Ok(Changed::Lost);
    }
    let ending = PendingEnding {
        account_id: id,
        before,
        kept,
    };
    note_ending(connection, ending)?;
    Ok(Changed::Done(ending))
}

/// Notes that sessions are to be ended.
pub(super) fn note_ending(
    connection: &Connection,
    ending: PendingEnding,
) -> Result<(), SqliteFault> {
    let mut statement = connection.prepare_cached(NOTE_ENDING)?;
    statement.execute(params![
        ending.account_id.as_bytes(),
        ending.before.number()
    ])?;
    Ok(())
}

/// Columns: `account`, `before`, `kept_session`, `kept_since`.
fn ending(row: &Row<'_>) -> Result<PendingEnding, SqliteFault> {
    Ok(read_ending(row.get(0)?, row.get(1)?, kept(row, 2)?)?)
}

/// Columns from `first` on: `kept_session`, `kept_since`.
fn kept<'a>(row: &'a Row<'_>, first: usize) -> rusqlite::Result<KeptColumns<'a>> {
    Ok(KeptColumns {
        session: row.get_ref(first)?.as_blob_or_null()?,
        since: row.get(first + 1)?,
    })
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<&'a str> {
    Ok(row.get_ref(column)?.as_str()?)
}

fn text_or_null<'a>(row: &'a Row<'_>, column: usize) -> rusqlite::Result<Option<&'a str>> {
    Ok(row.get_ref(column)?.as_str_or_null()?)
}

const STORE: &str = "accounts";

const INSERT: &str = "
    INSERT INTO accounts (id, email, email_key, email_verified, name, roles, status, epoch,
                          password_hash, created_at, email_verified_at, claims, version,
                          mfa_required, issue_from)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
    ON CONFLICT (email_key) DO NOTHING";

pub(super) const ACCOUNT: &str = concat!("SELECT ", columns!(), " FROM accounts WHERE id = ?1");

pub(super) const BY_ID: &str = concat!(
    "SELECT ",
    columns!(),
    ", password_hash FROM accounts WHERE id = ?1"
);

const BY_EMAIL: &str = concat!(
    "SELECT ",
    columns!(),
    ", password_hash FROM accounts WHERE email_key = ?1"
);

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM accounts
     WHERE id > ?1 AND (?3 IS NULL OR instr(' ' || roles || ' ', ' ' || ?3 || ' ') > 0)
       AND (?4 IS NULL OR status = ?4)
     ORDER BY id LIMIT ?2"
);

const CHANGE_PASSWORD: &str = "
    UPDATE accounts
    SET epoch = ?3, kept_session = ?4, kept_since = ?5, password_hash = ?6,
        authenticators_version = authenticators_version + 1
    WHERE id = ?1 AND epoch = ?2";

const NEXT_EPOCH: &str = "
    UPDATE accounts SET epoch = ?3, kept_session = ?4, kept_since = ?5
    WHERE id = ?1 AND epoch = ?2";

const DELETE: &str = "DELETE FROM accounts WHERE id = ?1 AND epoch = ?2";

const REHASH: &str = "
    UPDATE accounts SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";

// A later change of the same account takes the place of an earlier one and ends what that ends.
const NOTE_ENDING: &str = "
    INSERT INTO pending_endings (account, before) VALUES (?1, ?2)
    ON CONFLICT (account) DO UPDATE SET before = max(before, excluded.before)";

// What is pending is always the latest change of the account, and the row of the account says
// which session it has kept. A deleted account keeps none.
pub(super) const PENDING: &str = "
    SELECT account, before, kept_session, kept_since
    FROM pending_endings LEFT JOIN accounts ON id = account ORDER BY seq LIMIT ?1";

const ENDINGS_DONE: &str = "DELETE FROM pending_endings WHERE account = ?1 AND before <= ?2";
