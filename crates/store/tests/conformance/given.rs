//! What cases are given: a fresh place to store things, and things to store.

use std::time::Duration;

use signet_core::account::{Account, AccountStatus, Epoch, Standing};
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::Role;
use signet_core::password::PasswordHash;
use signet_core::session::{Grant, Session, SessionPolicy};
use signet_store::{Credentials, StoreUrls, Stores, open};
use signet_verifier::Timestamp;
use tempfile::TempDir;

/// A fresh place with two handles on it.
pub(crate) struct Place {
    pub(crate) first: Stores,
    pub(crate) second: Stores,
    _folder: TempDir,
}

impl Place {
    /// Opens the place twice; `folder` is kept until the case is over.
    pub(crate) async fn open(database_url: &str, redis_url: Option<&str>, folder: TempDir) -> Self {
        let urls = StoreUrls {
            database_url: database_url.to_owned(),
            redis_url: redis_url.map(str::to_owned),
        };
        Self {
            first: open(&urls).await.unwrap(),
            second: open(&urls).await.unwrap(),
            _folder: folder,
        }
    }
}

/// When every case begins.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Until when ended sessions are denied in cases that do not look at it.
pub(crate) const DENIED_UNTIL: Timestamp = Timestamp::from_seconds(1_800_001_000);

/// More sessions than a case has.
pub(crate) const MANY: usize = 100;

pub(crate) fn account_id(number: u8) -> AccountId {
    AccountId::from_bytes([number; 16])
}

/// A registered account, active and at epoch 0.
pub(crate) fn credentials(number: u8, email: &str) -> Credentials {
    Credentials {
        account: Account {
            id: account_id(number),
            email: email.parse().unwrap(),
            email_verified: true,
            name: Some("Ada Lovelace".parse().unwrap()),
            roles: vec![role("admin"), role("orders:read")],
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
            },
            created_at: NOW,
        },
        password_hash: hash("a"),
    }
}

pub(crate) fn role(name: &str) -> Role {
    name.parse().unwrap()
}

/// Something of the shape of a password hash; other letters, other hashes.
pub(crate) fn hash(letter: &str) -> PasswordHash {
    let digest = letter.repeat(42);
    format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A")
        .parse()
        .unwrap()
}

pub(crate) fn session_id(number: u8) -> SessionId {
    SessionId::from_bytes([number; 16])
}

/// A session of account 1 at epoch 0 that begins `seconds` after [`NOW`].
pub(crate) fn session(number: u8, seconds: u64) -> Session {
    let begun_at = NOW.saturating_add(Duration::from_secs(seconds));
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let policy = SessionPolicy::default();
    Session::begin(session_id(number), account_id(1), grant, begun_at, &policy)
        .seen_from("curl/8.7.1", None)
}

/// The record that a refresh at `seconds` after [`NOW`] would swap in.
pub(crate) fn successor(session: &Session, seconds: u64) -> Session {
    let mut next = session.clone();
    next.version += 1;
    next.rotation.accepted = next.rotation.generation;
    next.rotation.generation = next.rotation.generation.next().unwrap();
    next.rotation.rotated_at = NOW.saturating_add(Duration::from_secs(seconds));
    next
}
