//! A row of the table of accounts, and the account it becomes when it is possible.

use signet_core::account::{Account, AccountStatus, Epoch, KeptSession, Standing};
use signet_core::ids::{AccountId, SessionId};
use signet_verifier::Timestamp;
use sqlx::Row as _;
use sqlx::postgres::PgRow;
use sqlx::types::Uuid;

use super::fault::Fault;
use crate::accounts::{Credentials, PendingEnding};

/// What the columns hold, in the order of [`COLUMNS`].
struct AccountRow {
    id: Uuid,
    email: String,
    email_verified: bool,
    name: Option<String>,
    roles: Vec<String>,
    status: i16,
    epoch: i64,
    password_hash: String,
    created_at: i64,
    kept_session: Option<Vec<u8>>,
    kept_since: Option<i64>,
}

/// The columns that [`credentials`] reads.
macro_rules! columns {
    () => {
        "id, email, email_verified, name, roles, status, epoch, password_hash, created_at, \
         kept_session, kept_since"
    };
}
pub(super) use columns;

/// The account in a row of `columns!()`.
pub(super) fn credentials(row: &PgRow) -> Result<Credentials, Fault> {
    let row = AccountRow {
        id: row.try_get(0)?,
        email: row.try_get(1)?,
        email_verified: row.try_get(2)?,
        name: row.try_get(3)?,
        roles: row.try_get(4)?,
        status: row.try_get(5)?,
        epoch: row.try_get(6)?,
        password_hash: row.try_get(7)?,
        created_at: row.try_get(8)?,
        kept_session: row.try_get(9)?,
        kept_since: row.try_get(10)?,
    };
    row.try_into()
}

/// The ending in a row of `account, before, kept_session, kept_since`.
pub(super) fn ending(row: &PgRow) -> Result<PendingEnding, Fault> {
    Ok(PendingEnding {
        account_id: account_id(row.try_get(0)?),
        before: epoch(row.try_get(1)?)?,
        kept: kept(row.try_get(2)?, row.try_get(3)?)?,
    })
}

impl TryFrom<AccountRow> for Credentials {
    type Error = Fault;

    fn try_from(row: AccountRow) -> Result<Self, Fault> {
        let name = row.name.as_deref();
        let roles = row.roles.iter();
        let created_at = u64::try_from(row.created_at);
        let account = Account {
            id: account_id(row.id),
            email: parsed(&row.email, "an email address that is none")?,
            email_verified: row.email_verified,
            name: name
                .map(|name| parsed(name, "a name that breaks its rule"))
                .transpose()?,
            roles: roles
                .map(|role| parsed(role, "a role that breaks its rule"))
                .collect::<Result<_, _>>()?,
            standing: Standing {
                status: status(row.status)?,
                epoch: epoch(row.epoch)?,
                kept: kept(row.kept_session, row.kept_since)?,
            },
            created_at: created_at
                .map(Timestamp::from_millis)
                .map_err(|_| Fault::Impossible("a time before 1970"))?,
        };
        Ok(Self {
            account,
            password_hash: parsed(&row.password_hash, "a password hash that is none")?,
        })
    }
}

fn account_id(id: Uuid) -> AccountId {
    AccountId::from_bytes(id.into_bytes())
}

fn parsed<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, Fault> {
    text.parse().map_err(|_| Fault::Impossible(what))
}

fn epoch(number: i64) -> Result<Epoch, Fault> {
    u32::try_from(number)
        .map(Epoch::from_number)
        .map_err(|_| Fault::Impossible("an epoch out of range"))
}

fn kept(session: Option<Vec<u8>>, since: Option<i64>) -> Result<Option<KeptSession>, Fault> {
    let (Some(session), Some(since)) = (&session, since) else {
        return match (session, since) {
            (None, None) => Ok(None),
            _ => Err(Fault::Impossible("half of a kept session")),
        };
    };
    let id = session.as_slice().try_into();
    Ok(Some(KeptSession {
        id: id
            .map(SessionId::from_bytes)
            .map_err(|_| Fault::Impossible("a kept session that is none"))?,
        since: epoch(since)?,
    }))
}

/// The number of a status, in the column.
pub(super) fn status_number(status: AccountStatus) -> i16 {
    match status {
        AccountStatus::Active => 0,
        AccountStatus::Disabled => 1,
    }
}

fn status(number: i16) -> Result<AccountStatus, Fault> {
    match number {
        0 => Ok(AccountStatus::Active),
        1 => Ok(AccountStatus::Disabled),
        _ => Err(Fault::Impossible("an account status that is none")),
    }
}
