//! Invitations in PostgreSQL: one row each.

use async_trait::async_trait;
use signet_core::account::{Account, Email};
use signet_core::ids::InvitationId;
use signet_core::invitation::Invitation;
use signet_core::one_time_token::OneTimeDigest;
use signet_verifier::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;
use sqlx::{Row as _, query};

use super::Postgres;
use super::accounts::{self, uuid};
use super::connections::Statement;
use super::fault::PostgresFault;
use super::outbox;
use crate::account_record::{AccountColumns, password_column};
use crate::accounts::{Created, Credentials};
use crate::columns::millis;
use crate::error::StoreError;
use crate::invitation_record::{InvitationColumns, roles_text};
use crate::invitations::{Acceptance, Accepted, Invitations};
use crate::outbox::QueuedMail;

#[async_trait]
impl Invitations for Postgres {
    async fn put(
        &self,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<bool, StoreError> {
        let then = mail.map(outbox::insert).into_iter().collect();
        let stored = self.connections.changes_together(put(invitation), then);
        stored.await.map_err(|fault| fault.in_store(STORE))
    }

    async fn create(
        &self,
        credentials: &Credentials,
        invitation: &Invitation,
        mail: Option<&QueuedMail>,
    ) -> Result<Created, StoreError> {
        let mut then = vec![put(invitation)];
        then.extend(mail.map(outbox::insert));
        let first = accounts::insert(credentials);
        match self.connections.changes_together(first, then).await {
            Ok(true) => Ok(Created::Added),
            Ok(false) => Ok(Created::EmailTaken),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }

    async fn find(
        &self,
        digest: OneTimeDigest,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let statement = query(FIND)
            .bind(digest.as_bytes().to_vec())
            .bind(millis(now));
        let rows = self.rows(STORE, statement).await?;
        let found = rows.first().map(invitation);
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }

    async fn by_email(
        &self,
        email: &Email,
        now: Timestamp,
    ) -> Result<Option<Invitation>, StoreError> {
        let statement = query(BY_EMAIL).bind(email.lookup_key()).bind(millis(now));
        let rows = self.rows(STORE, statement).await?;
        let found = rows.first().map(invitation);
        found.transpose().map_err(|fault| fault.in_store(STORE))
    }

    async fn list(
        &self,
        after: Option<InvitationId>,
        limit: u32,
        now: Timestamp,
    ) -> Result<Vec<Invitation>, StoreError> {
        let after = after.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
        let statement = query(LIST)
            .bind(after)
            .bind(i64::from(limit))
            .bind(millis(now));
        let rows = self.rows(STORE, statement).await?;
        let invitations = rows.iter().map(invitation).collect::<Result<_, _>>();
        invitations.map_err(|fault| fault.in_store(STORE))
    }

    async fn accept(
        &self,
        digest: OneTimeDigest,
        acceptance: &Acceptance,
        now: Timestamp,
    ) -> Result<Accepted, StoreError> {
        let first = match &acceptance.previous {
            None => register(&acceptance.next, digest, now),
            Some(previous) => activate(previous, &acceptance.next, digest, now),
        };
        let then = vec![query(USE_UP).bind(digest.as_bytes().to_vec())];
        match self.connections.changes_together(first, then).await {
            Ok(true) => Ok(Accepted::Done),
            Ok(false) => Ok(Accepted::Lost),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }

    async fn remove(&self, id: InvitationId) -> Result<bool, StoreError> {
        let statement = query(REMOVE).bind(id.as_bytes().to_vec());
        self.changes(STORE, statement).await
    }

    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.purge_rows(STORE, PURGE, now, limit).await
    }
}

/// Stores an invitation, if its account exists.
fn put(invitation: &Invitation) -> Statement {
    query(PUT)
        .bind(invitation.id.as_bytes().to_vec())
        .bind(invitation.digest.as_bytes().to_vec())
        .bind(invitation.email.as_str().to_owned())
        .bind(invitation.email.lookup_key())
        .bind(invitation.account_id.map(uuid))
        .bind(roles_text(&invitation.roles))
        .bind(millis(invitation.created_at))
        .bind(millis(invitation.until))
}

/// Adds an account, if the invitation is valid and the address free.
fn register(credentials: &Credentials, digest: OneTimeDigest, now: Timestamp) -> Statement {
    let invitation = query(REGISTER)
        .bind(digest.as_bytes().to_vec())
        .bind(millis(now));
    accounts::bind_account(invitation, credentials)
}

/// Activates an account, if the invitation is valid and the account was not changed.
fn activate(
    previous: &Account,
    next: &Credentials,
    digest: OneTimeDigest,
    now: Timestamp,
) -> Statement {
    let before = AccountColumns::of(previous);
    let columns = AccountColumns::of(&next.account);
    query(ACTIVATE)
        .bind(digest.as_bytes().to_vec())
        .bind(millis(now))
        .bind(Uuid::from_bytes(columns.id))
        .bind(before.version)
        .bind(before.epoch)
        .bind(columns.email_verified)
        .bind(columns.email_verified_at)
        .bind(columns.name.map(str::to_owned))
        .bind(columns.status)
        .bind(columns.version)
        .bind(password_column(next.password_hash.as_ref()).to_owned())
}

/// Columns: `id`, `digest`, `email`, `account`, `roles`, `created_at`, `until`.
fn invitation(row: &PgRow) -> Result<Invitation, PostgresFault> {
    let columns = InvitationColumns {
        id: row.try_get(0)?,
        digest: row.try_get(1)?,
        email: row.try_get(2)?,
        account: row.try_get::<Option<Uuid>, _>(3)?.map(Uuid::into_bytes),
        roles: row.try_get(4)?,
        created_at: row.try_get(5)?,
        until: row.try_get(6)?,
    };
    Ok(columns.read()?)
}

const STORE: &str = "invitations";

const PUT: &str = "
    INSERT INTO signet.invitations
        (id, digest, email, email_key, account, roles, created_at, until)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8
    WHERE $5 IS NULL OR EXISTS (SELECT 1 FROM signet.accounts WHERE id = $5)
    ON CONFLICT (email_key)
    DO UPDATE SET id = excluded.id, digest = excluded.digest, email = excluded.email,
                  account = excluded.account, roles = excluded.roles,
                  created_at = excluded.created_at, until = excluded.until";

const FIND: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM signet.invitations
    WHERE digest = $1 AND until > $2";

const BY_EMAIL: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM signet.invitations
    WHERE email_key = $1 AND until > $2";

const LIST: &str = "
    SELECT id, digest, email, account, roles, created_at, until FROM signet.invitations
    WHERE id > $1 AND until > $3 ORDER BY id LIMIT $2";

/// Concurrent requests with one invitation choose the same id and the same address.
const REGISTER: &str = "
    INSERT INTO signet.accounts (id, email, email_key, email_verified, name, roles, status, epoch,
                                 password_hash, created_at, email_verified_at, claims, version,
                                 mfa_required, issue_from)
    SELECT $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
    FROM signet.invitations WHERE digest = $1 AND until > $2
    ON CONFLICT DO NOTHING";

const ACTIVATE: &str = "
    UPDATE signet.accounts
    SET email_verified = $6, email_verified_at = $7, name = $8, status = $9, version = $10,
        password_hash = $11, authenticators_version = authenticators_version + 1
    WHERE id = $3 AND version = $4 AND epoch = $5
      AND EXISTS (SELECT 1 FROM signet.invitations WHERE digest = $1 AND until > $2)";

const USE_UP: &str = "DELETE FROM signet.invitations WHERE digest = $1";

const REMOVE: &str = "DELETE FROM signet.invitations WHERE id = $1";

const PURGE: &str = "
    DELETE FROM signet.invitations WHERE id IN (
        SELECT id FROM signet.invitations WHERE until <= $1 ORDER BY until LIMIT $2
    )";
