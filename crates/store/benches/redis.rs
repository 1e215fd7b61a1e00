//! What the store side of a refresh costs in Redis: find the session, then swap it.
//!
//! `cargo bench -p signet-store --bench redis` starts a redis-server of its own and prints, for
//! several numbers of clients, refreshes per second and microseconds of our CPU for each (the
//! server's are not counted), then bytes per session. Only ratios of one run mean something.

#![expect(clippy::unwrap_used, reason = "a bench that fails may end")]
#![expect(clippy::print_stdout, reason = "the table is what it is for")]

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use signet_core::account::Epoch;
use signet_core::ids::{AccountId, SessionId};
use signet_core::session::{Grant, SeenFrom, Session, SessionPolicy};
use signet_store::{RedisOptions, Sessions, StoreUrls, Swapped, open};
use signet_test_servers::Redis;
use signet_verifier::{Clock, SystemClock, Timestamp};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let redis = Redis::start();
    let folder = tempfile::tempdir().unwrap();
    let urls = StoreUrls {
        database_url: format!("sqlite://{}/signet.db", folder.path().display()),
        redis_url: Some(redis.url()),
        redis: RedisOptions::default(),
        migration: signet_store::Migration::Automatic,
    };
    let sessions = open(&urls, NOW).await.unwrap().sessions;
    let empty = memory_used(&redis);
    for number in 0..SESSIONS {
        let begun = session(number);
        sessions.create(&begun, 100, NOW).await.unwrap();
    }
    let each = (memory_used(&redis) - empty) / u64::from(SESSIONS);

    println!("clients  refreshes per second  CPU us each");
    for clients in [1, 16, 64] {
        let (rate, cpu_micros) = measure(&sessions, clients).await;
        println!("{clients:>7}  {rate:>20.0}  {cpu_micros:>11.1}");
    }
    println!(
        "bytes of a session, as MEMORY USAGE counts: {}",
        memory_usage(&redis)
    );
    println!("bytes for each account with one session, index and tables included: {each}");
}

/// Lets each client refresh its own sessions, one after another, for [`RUN`].
async fn measure(sessions: &Arc<dyn Sessions>, clients: u32) -> (f64, f64) {
    let clock = SystemClock::new();
    let cpu_before = cpu();
    let running = (0..clients).map(|client| {
        let sessions = Arc::clone(sessions);
        tokio::spawn(async move {
            let mut done = 0_u32;
            let mut turns = (client..SESSIONS).step_by(64).cycle();
            while let Some(number) = turns.next().filter(|_| clock.monotonic() < RUN) {
                refresh(sessions.as_ref(), number).await;
                done += 1;
            }
            f64::from(done)
        })
    });
    let counts = join_all(running).await;
    let done: f64 = counts.into_iter().map(Result::unwrap).sum();
    let rate = done / clock.monotonic().as_secs_f64();
    (rate, (cpu() - cpu_before) / done)
}

async fn refresh(sessions: &dyn Sessions, number: u32) {
    let found = sessions
        .find(account_id(number), session_id(number), NOW)
        .await;
    let mut next = found.unwrap().unwrap();
    next.version += 1;
    next.rotation.accepted = next.rotation.generation;
    next.rotation.generation = next.rotation.generation.next().unwrap();
    next.rotation.rotated_at = NOW.saturating_add(Duration::from_secs(next.version));
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Done);
}

/// CPU time of this process, microseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap().as_secs_f64() * 1e6
}

fn memory_used(redis: &Redis) -> u64 {
    let info = redis.cli(&["INFO", "memory"]);
    let used = info
        .lines()
        .find_map(|line| line.strip_prefix("used_memory:"));
    used.unwrap().trim().parse().unwrap()
}

/// Of the first session that a look at the keys finds.
fn memory_usage(redis: &Redis) -> String {
    let script = "for _, key in ipairs(redis.call('KEYS', 'signet:s*')) do \
                  return redis.call('MEMORY', 'USAGE', key) end";
    redis.cli(&["EVAL", script, "0"])
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
    let address = std::net::IpAddr::from([203, 0, 113, 9]);
    let (id, account_id) = (session_id(number), account_id(number));
    Session::begin(id, account_id, grant, NOW, &SessionPolicy::default())
        .seen_from(SeenFrom::new(BROWSER, Some(address)))
}

fn account_id(number: u32) -> AccountId {
    AccountId::from_bytes(id_bytes(number))
}

fn session_id(number: u32) -> SessionId {
    SessionId::from_bytes(id_bytes(number.wrapping_mul(7)))
}

/// Sixteen bytes that look random and are the same each time.
fn id_bytes(number: u32) -> [u8; 16] {
    u128::from(number)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

const SESSIONS: u32 = 20_000;

/// How long each number of clients runs.
const RUN: Duration = Duration::from_secs(3);

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
                       Chrome/142.0.0.0 Safari/537.36";
