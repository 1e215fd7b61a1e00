//! Accounts in PostgreSQL, and the endings that their changes leave pending.
//!
//! Every change is one statement, and so one transaction and one round trip, that no crash and no
//! lost connection can leave half done.

use std::borrow::Cow;

use async_trait::async_trait;
use signet_core::account::{Account, Email, Epoch, EpochStep};
use signet_core::ids::AccountId;
use signet_core::password::PasswordHash;
use sqlx::postgres::PgRow;
use sqlx::query;
use sqlx::types::Uuid;

use super::Postgres;
use super::account_row::{account, credentials, ending};
use super::connections::Statement;
use super::fault::PostgresFault;
use crate::account_record::{AccountColumns, columns, password_column, status_number};
use crate::accounts::{
    AccountFilter, Accounts, Changed, Created, Credentials, EndingChange, PendingEnding,
};
use crate::columns::epoch_number;
use crate::error::StoreError;
use crate::unreadable_rows::UnreadableRows;

#[async_trait]
impl Accounts for Postgres {
    async fn create(&self, credentials: &Credentials) -> Result<Created, StoreError> {
        let inserted = self.changes(STORE, insert(credentials)).await?;
        Ok(if inserted {
            Created::Added
        } else {
            Created::EmailTaken
        })
    }

    async fn by_email(&self, email: &Email) -> Result<Option<Credentials>, StoreError> {
        self.find(query(BY_EMAIL).bind(email.lookup_key()), credentials)
            .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.find(query(ACCOUNT).bind(uuid(id)), account).await
    }

    async fn by_id(&self, id: AccountId) -> Result<Option<Credentials>, StoreError> {
        self.find(query(BY_ID).bind(uuid(id)), credentials).await
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
        // No account has the nil UUID.
        let after = after.map_or(Uuid::nil(), uuid);
        let statement = query(LIST)
            .bind(after)
            .bind(i64::from(limit))
            .bind(filter.role.as_ref().map(ToString::to_string))
            .bind(filter.status.map(status_number));
        let rows = self.rows(STORE, statement).await?;
        let accounts = rows.iter().map(|row| account(row, &self.unreadable_roles));
        let accounts = accounts.collect::<Result<_, _>>();
        accounts.map_err(|fault| fault.in_store(STORE))
    }

    async fn change(
        &self,
        id: AccountId,
        step: EpochStep,
        change: &EndingChange,
    ) -> Result<Changed, StoreError> {
        let (statement, ending) = self::change(id, step, change);
        Ok(if self.changes(STORE, statement).await? {
            Changed::Done(ending)
        } else {
            Changed::Lost
        })
    }

    async fn rehash(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let statement = query(REHASH)
            .bind(uuid(id))
            .bind(old.as_str().to_owned())
            .bind(new.as_str().to_owned());
        self.changes(STORE, statement).await
    }

    async fn pending_endings(&self, limit: u32) -> Result<Vec<PendingEnding>, StoreError> {
        let statement = query(PENDING).bind(i64::from(limit));
        let rows = self.rows(STORE, statement).await?;
        let endings = rows.iter().map(ending).collect::<Result<_, _>>();
        endings.map_err(|fault| fault.in_store(STORE))
    }

    async fn endings_done(&self, ending: PendingEnding) -> Result<(), StoreError> {
        let statement = query(ENDINGS_DONE)
            .bind(uuid(ending.account_id))
            .bind(epoch_number(ending.before));
        self.changes(STORE, statement).await.map(drop)
    }
}

impl Postgres {
    async fn find<T>(
        &self,
        statement: Statement,
        read: impl Fn(&PgRow, &UnreadableRows<AccountId>) -> Result<T, PostgresFault>,
    ) -> Result<Option<T>, StoreError> {
        let rows = self.rows(STORE, statement).await?;
        let row = rows.first();
        let found = row.map(|row| read(row, &self.unreadable_roles));
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }
}

pub(super) fn insert(credentials: &Credentials) -> Statement {
    inserting(INSERT, credentials)
}

/// The same, if no sessions of an account with the same id are to be ended, and no account has the
/// id.
pub(super) fn insert_imported(credentials: &Credentials) -> Statement {
    inserting(INSERT_IMPORTED, credentials)
}

fn inserting(sql: &'static str, credentials: &Credentials) -> Statement {
    bind_account(query(sql), credentials)
}

/// Binds every value of a new account, in the order of the columns.
pub(super) fn bind_account(statement: Statement, credentials: &Credentials) -> Statement {
    let columns = AccountColumns::of(&credentials.account);
    let roles: Vec<_> = columns.roles.iter().map(ToString::to_string).collect();
    statement
        .bind(Uuid::from_bytes(columns.id))
        .bind(columns.email.to_owned())
        .bind(credentials.account.email.lookup_key())
        .bind(columns.email_verified)
        .bind(columns.name.map(str::to_owned))
        .bind(roles)
        .bind(columns.status)
        .bind(columns.epoch)
        .bind(password_column(credentials.password_hash.as_ref()).to_owned())
        .bind(columns.created_at)
        .bind(columns.email_verified_at)
        .bind(columns.claims.map(Cow::into_owned))
        .bind(columns.version)
        .bind(columns.mfa_required)
        .bind(columns.issue_from)
}

/// The statement of a change, and what it ends.
pub(super) fn change(
    id: AccountId,
    step: EpochStep,
    change: &EndingChange,
) -> (Statement, PendingEnding) {
    let (sql, before) = match change {
        EndingChange::Password { .. } => (CHANGE_PASSWORD, step.to),
        EndingChange::LogOutEverywhere | EndingChange::LogOutOthers(_) => (NEXT_EPOCH, step.to),
        EndingChange::Delete => (DELETE, Epoch::END),
    };
    let mut statement = query(sql)
        .bind(uuid(id))
        .bind(epoch_number(step.from))
        .bind(epoch_number(before));
    let kept = change.kept();
    if !matches!(change, EndingChange::Delete) {
        statement = statement
            .bind(kept.map(|kept| kept.id.as_bytes().to_vec()))
            .bind(kept.map(|kept| epoch_number(kept.since)));
    }
    if let EndingChange::Password { hash, .. } = change {
        statement = statement.bind(hash.as_str().to_owned());
    }
    let ending = PendingEnding {
        account_id: id,
        before,
        kept,
    };
    (statement, ending)
}

pub(super) fn uuid(id: AccountId) -> Uuid {
    Uuid::from_bytes(*id.as_bytes())
}

const STORE: &str = "accounts";

const INSERT: &str = "
    INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch,
                                 password_hash, created_at, email_verified_at, claims, version,
                                 mfa_required, issue_from)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
    ON CONFLICT (email_key) DO NOTHING";

const INSERT_IMPORTED: &str = "
    INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch,
                                 password_hash, created_at, email_verified_at, claims, version,
                                 mfa_required, issue_from)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
    WHERE NOT EXISTS (SELECT FROM signet.pending_endings WHERE account = $1)
    ON CONFLICT DO NOTHING";

const ACCOUNT: &str = concat!("SELECT ", columns!(), " FROM signet.accounts WHERE id = $1");

const BY_ID: &str = concat!(
    "SELECT ",
    columns!(),
    ", password_hash FROM signet.accounts WHERE id = $1"
);

const BY_EMAIL: &str = concat!(
    "SELECT ",
    columns!(),
    ", password_hash FROM signet.accounts WHERE email_key = $1"
);

const LIST: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM signet.accounts
     WHERE id > $1 AND ($3::text IS NULL OR $3 = ANY (roles))
       AND ($4::smallint IS NULL OR status = $4)
     ORDER BY id LIMIT $2"
);

// A later change of the same account takes the place of an earlier one and ends what that ends.
macro_rules! noting_the_ending {
    ($change:literal) => {
        concat!(
            "WITH changed AS (",
            $change,
            " RETURNING id)
            INSERT INTO signet.pending_endings AS pending (account, before)
            SELECT id, $3 FROM changed
            ON CONFLICT (account)
            DO UPDATE SET before = greatest(pending.before, excluded.before)"
        )
    };
}

const CHANGE_PASSWORD: &str = noting_the_ending!(
    "UPDATE signet.accounts
     SET epoch = $3, kept_session = $4, kept_since = $5, password_hash = $6,
         authenticators_version = authenticators_version + 1
     WHERE id = $1 AND epoch = $2"
);

const NEXT_EPOCH: &str = noting_the_ending!(
    "UPDATE signet.accounts SET epoch = $3, kept_session = $4, kept_since = $5
     WHERE id = $1 AND epoch = $2"
);

const DELETE: &str = noting_the_ending!("DELETE FROM signet.accounts WHERE id = $1 AND epoch = $2");

const REHASH: &str = "
    UPDATE signet.accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2";

// What is pending is always the latest change of the account, and the row of the account says
// which session it has kept. A deleted account keeps none.
const PENDING: &str = "
    SELECT account, before, kept_session, kept_since
    FROM signet.pending_endings LEFT JOIN signet.accounts ON id = account ORDER BY seq LIMIT $1";

const ENDINGS_DONE: &str = "
    DELETE FROM signet.pending_endings WHERE account = $1 AND before <= $2";
