//! What is PostgreSQL's own: how it is opened, and what happens when it is gone, slow or damaged.
//! What it shares with every backend is in the conformance suite.

mod earlier;
mod failing;
mod opening;
mod rows;

use signet_core::account::{
    Account, AccountClaims, AccountStatus, Epoch, MfaPolicy, SecondFactors, Standing,
};
use signet_core::ids::AccountId;
use signet_test_servers::Postgres as Server;
use signet_verifier::Timestamp;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::{Postgres, PostgresAddress};
use crate::accounts::Credentials;
use crate::missing_database::MissingDatabase;
use crate::open_error::OpenError;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// The store on a server of its own.
async fn open(server: &Server) -> Postgres {
    open_at(&server.url()).await.unwrap()
}

/// The store at an address, or the sentence of its refusal.
async fn open_at(database_url: &str) -> Result<Postgres, OpenError> {
    let address = PostgresAddress::parse(database_url)?;
    Ok(Postgres::open(Box::new(address), MissingDatabase::Make).await?)
}

/// Runs statements as an administrator would, and returns their rows.
async fn sql(server: &Server, statements: &str) -> Vec<PgRow> {
    let url = format!("{}&options={WRITABLE}", server.url());
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let script = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
    connection.fetch_all(script).await.unwrap()
}

/// An administrator can write although the database is set to read-only.
const WRITABLE: &str = "-c%20default_transaction_read_only=off";

fn account_id(number: u32) -> AccountId {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    AccountId::from_bytes(bytes)
}

/// A registered account with an address of its own, active and at epoch 0.
fn credentials(number: u32) -> Credentials {
    let digest = "a".repeat(42);
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A");
    Credentials {
        account: Account {
            id: account_id(number),
            email: format!("ada{number}@example.com").parse().unwrap(),
            email_verified_at: Some(NOW),
            name: Some("Ada Lovelace".parse().unwrap()),
            roles: vec!["admin".parse().unwrap()],
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
