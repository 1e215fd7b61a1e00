//! How fast sessions rotate in SQLite at `synchronous = FULL`, against one transaction each.
//!
//! `cargo bench -p signet-store --bench rotations` prints a table: rotations per second and
//! microseconds of CPU for each, with 20,000 sessions and several numbers of clients; then the
//! whole store side of a refresh, and bytes per session. The naive way is one connection behind a
//! lock and one transaction for each rotation, what a connection pool of one comes to, without the
//! cost of the pool. Only ratios of one run mean something.

#![expect(clippy::unwrap_used, reason = "a bench that fails may end")]
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use rusqlite::{Connection, params};
use rustix::time::{ClockId, clock_gettime};
use signet_core::account::{
    Account, AccountClaims, AccountStatus, Epoch, MfaPolicy, SecondFactors, Standing,
};
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::{Grant, SeenFrom, Session, SessionPolicy};
use signet_store::{Credentials, RedisOptions, StoreUrls, Stores, Swapped, open};
use signet_verifier::{Clock, SystemClock, Timestamp};
use tokio::task::spawn_blocking;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signet.db");
    let urls = StoreUrls {
        database_url: format!("sqlite://{}", path.display()),
        redis_url: None,
        redis: RedisOptions::default(),
        migration: signet_store::Migration::Automatic,
    };
    let stores = open(&urls, NOW).await.unwrap();
    let sessions = fill(&stores).await;
    let naive = Naive::new(folder.path(), &sessions);
    let ways = Arc::new(Ways { stores, naive });

    println!("clients  way        per second  CPU us each");
    for clients in [1, 64, 256] {
        let mut rates = Vec::new();
        for way in [Way::Grouped, Way::Refresh, Way::OneEach] {
            let measured = measure(&ways, way, deal(&sessions, clients)).await;
            let Measured { rate, cpu_micros } = measured;
            let name = format!("{way:?}");
            println!("{clients:>7}  {name:<9}  {rate:>10.0}  {cpu_micros:>11.1}");
            rates.push(rate);
        }
        let ratio = rates.first().unwrap() / rates.last().unwrap();
        println!("{clients:>7}  grouped against one each: {ratio:.1} times");
    }
    ways.stores.close().await.unwrap();
    let bytes = std::fs::metadata(&path).unwrap().len();
    let each = bytes / u64::from(SESSIONS);
    println!("bytes in the file for each session with its account: {each}");
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// A rotation as the issuer makes it when the record has been read and decided upon.
    Grouped,
    /// The whole store side of a refresh: read the session and the account, then rotate.
    Refresh,
    /// The naive rotation.
    OneEach,
}

struct Ways {
    stores: Stores,
    naive: Naive,
}

impl Ways {
    async fn rotate(&self, way: Way, session: &Arc<Mutex<Session>>) {
        match way {
            Way::Grouped => self.swap(&rotated(session)).await,
            Way::Refresh => self.refresh(&rotated(session)).await,
            Way::OneEach => self.naive.rotate(session).await,
        }
    }

    async fn swap(&self, next: &Session) {
        let swapped = self.stores.sessions.swap(next).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
    }

    async fn refresh(&self, next: &Session) {
        let Stores {
            accounts, sessions, ..
        } = &self.stores;
        let found = sessions.find(next.account_id, next.id, NOW).await.unwrap();
        let account = accounts.account(next.account_id).await.unwrap();
        assert!(found.is_some() && account.is_some());
        self.swap(next).await;
    }
}

fn ids(session: &Mutex<Session>) -> (AccountId, SessionId) {
    let session = session.lock().unwrap();
    (session.account_id, session.id)
}

fn rotated(session: &Mutex<Session>) -> Session {
    let mut session = session.lock().unwrap();
    session.version += 1;
    session.rotation.accepted = session.rotation.generation;
    session.rotation.generation = session.rotation.generation.next().unwrap();
    session.rotation.rotated_at = NOW.saturating_add(Duration::from_secs(session.version));
    session.clone()
}

/// One connection behind a lock, one transaction for each rotation.
struct Naive {
    connection: Arc<Mutex<Connection>>,
}

impl Naive {
    fn new(folder: &std::path::Path, sessions: &[Arc<Mutex<Session>>]) -> Self {
        let mut connection = Connection::open(folder.join("naive.db")).unwrap();
        connection.execute_batch(NAIVE_SCHEMA).unwrap();
        let transaction = connection.transaction().unwrap();
        for session in sessions {
            let session = session.lock().unwrap();
            let row = params![session.account_id.as_bytes(), session.id.as_bytes(), RECORD];
            let insert = "INSERT INTO sessions VALUES (?1, ?2, 1, ?3)";
            transaction
                .prepare_cached(insert)
                .unwrap()
                .execute(row)
                .unwrap();
        }
        transaction.commit().unwrap();
        Self {
            connection: Arc::new(Mutex::new(connection)),
        }
    }

    async fn rotate(&self, session: &Arc<Mutex<Session>>) {
        let connection = Arc::clone(&self.connection);
        let (account_id, id) = ids(session);
        let work = move || {
            let (account, sid) = (account_id.as_bytes(), id.as_bytes());
            let connection = connection.lock().unwrap();
            let mut statement = connection.prepare_cached(NAIVE_SWAP).unwrap();
            let swapped = statement.execute(params![account, sid, RECORD]).unwrap();
            assert_eq!(swapped, 1);
        };
        spawn_blocking(work).await.unwrap();
    }
}

/// What one way of doing it came to.
struct Measured {
    rate: f64,
    cpu_micros: f64,
}

/// Lets each client rotate its own sessions, one after another, for [`RUN`].
async fn measure(ways: &Arc<Ways>, way: Way, owned: Vec<Vec<Arc<Mutex<Session>>>>) -> Measured {
    let clock = SystemClock::new();
    let cpu_before = cpu();
    let clients = owned.into_iter().map(|sessions| {
        let ways = Arc::clone(ways);
        tokio::spawn(async move {
            let mut done = 0_u32;
            let mut turns = sessions.iter().cycle();
            while let Some(session) = turns.next().filter(|_| clock.monotonic() < RUN) {
                ways.rotate(way, session).await;
                done += 1;
            }
            done
        })
    });
    let counts = join_all(clients).await;
    let done: f64 = counts
        .into_iter()
        .map(|count| f64::from(count.unwrap()))
        .sum();
    Measured {
        rate: done / clock.monotonic().as_secs_f64(),
        cpu_micros: (cpu() - cpu_before) / done,
    }
}

/// CPU time of this process, microseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap().as_secs_f64() * 1e6
}

/// Deals the sessions out to the clients, so that no two rotate the same one.
fn deal(sessions: &[Arc<Mutex<Session>>], clients: usize) -> Vec<Vec<Arc<Mutex<Session>>>> {
    (0..clients)
        .map(|client| {
            sessions
                .iter()
                .skip(client)
                .step_by(clients)
                .cloned()
                .collect()
        })
        .collect()
}

async fn fill(stores: &Stores) -> Vec<Arc<Mutex<Session>>> {
    let mut sessions = Vec::new();
    for number in 0..SESSIONS {
        let (account, session) = (account(number), session(number));
        sessions.push(Arc::new(Mutex::new(session.clone())));
        stores.accounts.create(&account).await.unwrap();
        stores.sessions.create(&session, 100, NOW).await.unwrap();
    }
    sessions
}

fn account(number: u32) -> Credentials {
    let digest = "a".repeat(42);
    let hash = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA${digest}A");
    Credentials {
        account: Account {
            id: AccountId::from_bytes(id_bytes(number)),
            email: format!("person{number}@example.com").parse().unwrap(),
            email_verified_at: None,
            name: None,
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

/// Sixteen bytes that look random and are the same each time.
fn id_bytes(number: u32) -> [u8; 16] {
    u128::from(number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A record for the naive way, as long as a packed one.
const RECORD: [u8; 80] = [7; 80];

const SESSIONS: u32 = 20_000;

/// How long each way runs.
const RUN: Duration = Duration::from_secs(3);

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";

const NAIVE_SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE sessions (
        account BLOB NOT NULL,
        sid     BLOB NOT NULL,
        version INTEGER NOT NULL,
        record  BLOB NOT NULL,
        PRIMARY KEY (account, sid)
    ) WITHOUT ROWID;";

const NAIVE_SWAP: &str = "
    UPDATE sessions SET version = version + 1, record = ?3 WHERE account = ?1 AND sid = ?2";
