//! Updates of accounts in PostgreSQL.

use std::borrow::Cow;

use async_trait::async_trait;
use signet_core::account::Account;
use sqlx::query;

use super::Postgres;
use super::accounts::uuid;
use super::connections::Statement;
use crate::account_record::AccountColumns;
use crate::error::StoreError;
use crate::profiles::{Profiles, Updated, ending};

#[async_trait]
impl Profiles for Postgres {
    async fn update(&self, previous: &Account, next: &Account) -> Result<Updated, StoreError> {
        let updated = self.connections.rows(update(previous, next)).await;
        match updated {
            Ok(rows) if rows.is_empty() => Ok(Updated::Lost),
            Ok(_) => {
                self.unreadable_roles.note(&next.id, false);
                Ok(Updated::Done(ending(previous, next)))
            }
            Err(fault) if fault.is_taken() => Ok(Updated::EmailTaken),
            Err(fault) => Err(fault.in_store(STORE)),
        }
    }
}

pub(super) fn update(previous: &Account, next: &Account) -> Statement {
    let columns = AccountColumns::of(next);
    let before = AccountColumns::of(previous);
    let roles: Vec<_> = columns.roles.iter().map(ToString::to_string).collect();
    query(UPDATE)
        .bind(uuid(next.id))
        .bind(before.version)
        .bind(before.epoch)
        .bind(columns.email.to_owned())
        .bind(next.email.lookup_key())
        .bind(columns.email_verified)
        .bind(columns.email_verified_at)
        .bind(columns.name.map(str::to_owned))
        .bind(roles)
        .bind(columns.claims.map(Cow::into_owned))
        .bind(columns.status)
        .bind(columns.epoch)
        .bind(columns.version)
        .bind(columns.mfa_required)
        .bind(columns.issue_from)
}

const STORE: &str = "accounts";

const UPDATE: &str = "
    WITH changed AS (
        UPDATE signet.accounts
        SET email = $4, email_key = $5, email_verified = $6, email_verified_at = $7, name = $8,
            roles = $9, claims = $10, status = $11, epoch = $12, version = $13,
            mfa_required = $14, issue_from = $15,
            kept_session = CASE WHEN $12 > $3 THEN NULL ELSE kept_session END,
            kept_since = CASE WHEN $12 > $3 THEN NULL ELSE kept_since END
        WHERE id = $1 AND version = $2 AND epoch = $3
        RETURNING id
    ), ended AS (
        INSERT INTO signet.pending_endings AS pending (account, before)
        SELECT id, $12 FROM changed WHERE $12 > $3
        ON CONFLICT (account) DO UPDATE SET before = greatest(pending.before, excluded.before)
    )
    SELECT id FROM changed";
