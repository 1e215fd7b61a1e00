//! What the SQLite backend does when the disk, the file or a row lets it down.

mod backup;
mod earlier;
mod failing;
mod latest_time;
mod opening;
mod rows;

use std::path::PathBuf;

use signet_core::account::{
    Account, AccountClaims, AccountStatus, Epoch, MfaPolicy, SecondFactors, Standing,
};
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::{Grant, SeenFrom, Session, SessionPolicy};
use signet_verifier::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::{Credentials, OpenError, Sessions};

/// A folder for a database that is not there yet.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data/signet.db")
    }

    fn open(&self) -> Sqlite {
        Sqlite::open(&self.path(), MissingDatabase::Make).unwrap()
    }

    /// Changes the file as a foreign hand would.
    fn meddle(&self, sql: &str) {
        let connection = Connection::open(self.path()).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    /// Why the database cannot be opened.
    fn refusal(&self) -> String {
        let refused = Sqlite::open(&self.path(), MissingDatabase::Make)
            .err()
            .unwrap();
        let path = self.path().display().to_string();
        OpenError::from(refused).to_string().replace(&path, "PATH")
    }
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Sixteen bytes that look random and are the same each time.
fn id_bytes(number: u32) -> [u8; 16] {
    u128::from(number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

fn session(number: u32) -> Session {
    let grant = Grant {
        client_id: "signet".parse().unwrap(),
        scope: vec!["account".parse().unwrap()],
        audience: vec!["api".parse().unwrap()],
        amr: vec!["pwd".to_owned()],
        epoch: Epoch::default(),
        cnf: None,
    };
    let id = SessionId::from_bytes(id_bytes(number.wrapping_mul(7)));
    let account_id = AccountId::from_bytes(id_bytes(number));
    let address = std::net::IpAddr::from([203, 0, 113, 9]);
    Session::begin(id, account_id, grant, NOW, &SessionPolicy::default())
        .seen_from(SeenFrom::new(BROWSER, Some(address)))
}

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";

async fn begin(sqlite: &Sqlite, session: &Session) -> Result<(), StoreError> {
    Sessions::create(sqlite, session, 100, NOW).await
}

async fn find(sqlite: &Sqlite, session: &Session) -> Result<Option<Session>, StoreError> {
    sqlite.find(session.account_id, session.id, NOW).await
}

fn ada() -> Credentials {
    let digest = "a".repeat(42);
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A");
    Credentials {
        account: Account {
            id: AccountId::from_bytes(id_bytes(1)),
            email: "Ada.Lovelace@example.com".parse().unwrap(),
            email_verified_at: None,
            name: Some("Countess".parse().unwrap()),
            roles: Vec::new(),
            issue_from: Timestamp::default(),
            standing: Standing {
                status: AccountStatus::Active,
                epoch: Epoch::default(),
                kept: None,
            },
            claims: AccountClaims::default(),
            mfa: MfaPolicy::Optional,
            second_factors: SecondFactors::default(),
            version: 0,
            created_at: NOW,
        },
        password_hash: Some(hash.parse().unwrap()),
    }
}
