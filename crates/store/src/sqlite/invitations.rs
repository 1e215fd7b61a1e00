//! Invitations in SQLite: one row each.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use signet_core::account::Email;
use signet_core::ids::{AccountId, InvitationId};
use signet_core::invitation::Invitation;
use signet_core::one_time_token::OneTimeDigest;
use signet_verifier::Timestamp;

use super::fault::SqliteFault;
use super::job::atomically;
use super::{Sqlite, accounts, outbox, profiles};
use crate::account_record::password_column;
use crate::accounts::{Created, Credentials};
use crate::columns::millis;
use crate::error::StoreError;
use crate::invitation_record::{InvitationColumns, roles_text};
use crate::invitations::{Acceptance, Accepted, Invitations};
use crate::outbox::QueuedMail;
use crate::profiles::Updated;

#[async_trait]
impl Invitations for Sqlite {
    async fn put(
        &self,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError> {
        let (invitation, mail) = (invitation.clone(), mail.cloned());
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                store(connection, &invitation, mail.as_ref())
            })
        })
        .await
    }

    async fn create(
        &self,
        credentials: &Credentials,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<Created, StoreError> {
        let (credentials, invitation) = (credentials.clone(), invitation.clone());
        let mail = mail.cloned();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                let created = accounts::insert(connection, &credentials)?;
                if created == Created::Added {
                    store(connection, &invitation, mail.as_ref())?;
                }
                Ok(created)
            })
        })
        .await
    }

    async fn find(
        &self,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        self.read(STORE, |connection| look(connection, digest, now))
    }

    async fn by_email(
        &self,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(BY_EMAIL)?;
            let key = params![email.lookup_key(), millis(now)];
            let found = statement.query_row(key, |row| Ok(invitation(row)));
            found.optional()?.transpose()
        })
    }

    async fn list(
        &self,
        after: Option<InvitationId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        // Every id is behind no bytes at all.
        let after = after.as_ref().map_or(&[][..], |id| id.as_bytes());
        self.read(STORE, |connection| {
            let mut statement = connection.prepare_cached(LIST)?;
            let key = params![after, limit, millis(now)];
            let rows = statement.query_map(key, |row| Ok(invitation(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    async fn accept(
        &self,
        digest: OneTimeDigest,
        acceptance: &Acceptance,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let acceptance = acceptance.clone();
        self.write(STORE, move |connection| {
            atomically(connection, |connection| {
                if look(connection, digest, now)?.is_none() || !apply(connection, &acceptance)? {
                    return Ok(Accepted::Lost);
                }
                let mut statement = connection.prepare_cached(USE_UP)?;
                statement.execute([digest.as_bytes()])?;
                Ok(Accepted::Done)
            })
        })
        .await
    }

    async fn remove(&self, id: InvitationId) -> Result<bool, StoreError> {
        self.write(STORE, move |connection| {
            let mut statement = connection.prepare_cached(REMOVE)?;
            Ok(statement.execute([id.as_bytes()])? > 0)
        })
        .await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Stores an invitation and its mail; says whether its account exists.
fn store(
    connection: &Connection,
    invitation: &Invitation,
    mail: Option<&QueuedMail>,
) -> Result<bool, SqliteFault> {
    let mut statement = connection.prepare_cached(PUT)?;
    let stored = statement.execute(params![
        invitation.id.as_bytes(),
        invitation.digest.as_bytes(),
        invitation.email.as_str(),
        invitation.email.lookup_key(),
        invitation.account_id.as_ref().map(AccountId::as_bytes),
        roles_text(&invitation.roles),
        millis(invitation.created_at),
        millis(invitation.until),
    ])?;
    match mail {
        Some(mail) if stored > 0 => outbox::insert(connection, mail),
        _ => Ok(stored > 0),
    }
}

/// Adds or activates the account; says whether it could be done.
fn apply(connection: &Connection, acceptance: &Acceptance) -> Result<bool, SqliteFault> {
    let next = &acceptance.next;
    let Some(previous) = &acceptance.previous else {
        return Ok(accounts::insert(connection, next)? == Created::Added);
    };
    let updated = profiles::update(connection, previous, &next.account)?;
    if updated != Updated::Done(None) {
        return Ok(false);
    }
    let password = password_column(next.password_hash.as_ref());
    let mut statement = connection.prepare_cached(SET_PASSWORD)?;
    statement.execute(params![next.account.id.as_bytes(), password])?;
    Ok(true)
}

fn look(
    connection: &Connection,
    digest: OneTimeDigest,
    now: Timestamp,
) -> Result<Option<Invitation>, SqliteFault> {
    let mut statement = connection.prepare_cached(FIND)?;
    let key = params![digest.as_bytes(), millis(now)];
    let found = statement.query_row(key, |row| Ok(invitation(row)));
    found.optional()?.transpose()
}

/// Columns: `id`, `digest`, `email`, `account`, `roles`, `created_at`, `until`.
fn invitation(row: &Row<'_>) -> Result<Invitation, SqliteFault> {
    let (id, digest): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
    let (email, roles): (String, String) = (row.get(2)?, row.get(4)?);
    let columns = InvitationColumns {
        id: &id,
        digest: &digest,
        email: &email,
        account: row.get(3)?,
        roles: &roles,
        created_at: row.get(5)?,
        until: row.get(6)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "invitations";

const PUT: &str = "
    INSERT INTO invitations (id, digest, email, email_key, account, roles, created_at, until)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
    WHERE ?5 IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = ?5)
    ON CONFLICT (email_key)
    DO UPDATE SET id = excluded.id, digest = excluded.digest, email = excluded.email,
                  account = excluded.account, roles = excluded.roles,
                  created_at = excluded.created_at, until = excluded.until";

const FIND: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM invitations
    WHERE digest = ?1 AND until > ?2";

const BY_EMAIL: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM invitations
    WHERE email_key = ?1 AND until > ?2";

const LIST: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM invitations
    WHERE id > ?1 AND until > ?3 ORDER BY id LIMIT ?2";

const SET_PASSWORD: &str = "
    UPDATE accounts
    SET password_hash = ?2, authenticators_version = authenticators_version + 1 WHERE id = ?1";

const USE_UP: &str = "DELETE FROM invitations WHERE digest = ?1";

const REMOVE: &str = "DELETE FROM invitations WHERE id = ?1";

const PURGE: &str = "
    DELETE FROM invitations WHERE id IN (
        SELECT id FROM invitations WHERE until <= ?1 ORDER BY until LIMIT ?2
    )";
