//! A server that is gone, slow or read-only, and what callers are told meanwhile.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_test_servers::Postgres as Server;
use signet_verifier::{Clock as _, SystemClock};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Executor as _, Row as _};

use super::{NOW, account_id, credentials, open, sql};
use crate::accounts::{Accounts, Changed, Created, EndingChange};
use crate::backend::Backend;
use crate::error::StoreError;
use crate::postgres::Postgres;

#[tokio::test]
async fn a_healthy_server_tells_the_time() {
    let server = Server::start();
    let health = open(&server).await.check().await.unwrap();
    let (clock, now) = (health.clock.unwrap(), SystemClock::new().now());
    let apart = now.saturating_since(clock).max(clock.saturating_since(now));
    assert!(apart < Duration::from_secs(2), "{apart:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed_under_load() {
    let mut server = Server::start();
    let store = Arc::new(open(&server).await);
    let load = Arc::new(Load::default());
    let workers = (0..8).map(|_| tokio::spawn(Arc::clone(&load).work(Arc::clone(&store))));
    let workers: Vec<_> = workers.collect();
    load.until(|load| load.added.load(Ordering::SeqCst) >= 100)
        .await;
    server.kill();
    load.until(|load| load.refused.load(Ordering::SeqCst) >= 8)
        .await;
    server.start_again();
    recovers(&store).await;
    load.over.store(true, Ordering::SeqCst);
    for worker in workers {
        for number in worker.await.unwrap() {
            let found = store.by_id(account_id(number)).await.unwrap();
            assert!(
                found.is_some(),
                "account {number} was acknowledged and is lost"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_is_unavailable_within_the_deadline() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    server.pause();
    let clock = SystemClock::new();
    for _ in 0..2 {
        let begun_at = clock.monotonic();
        let answers = join_all((0..40).map(|_| store.by_id(account_id(1)))).await;
        let waited = clock.monotonic().saturating_sub(begun_at);
        assert!(waited < DEADLINE, "{waited:?}");
        assert!(answers.iter().all(is_unavailable), "{answers:?}");
        assert!(is_unavailable(&store.check().await));
    }
    server.resume();
    recovers(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_known_to_be_down_costs_milliseconds() {
    let mut server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    server.kill();
    while !is_known_to_be_down(&store.by_id(account_id(1)).await) {}
    let clock = SystemClock::new();
    let begun_at = clock.monotonic();
    let answers = join_all((0..100).map(|_| store.by_id(account_id(1)))).await;
    let waited = clock.monotonic().saturating_sub(begun_at);
    assert!(answers.iter().all(is_known_to_be_down), "{answers:?}");
    assert!(waited < Duration::from_millis(250), "{waited:?}");
    server.start_again();
    recovers(&store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_pool_is_no_outage() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    let mut other = lock_accounts(&server).await;
    let change = EndingChange::LogOutEverywhere;
    let epoch = Epoch::default().step(NOW);
    let answers = join_all((0..40).map(|_| store.change(account_id(1), epoch, &change))).await;
    assert!(answers.iter().all(is_unavailable), "{answers:?}");
    assert!(!answers.iter().any(is_known_to_be_down), "{answers:?}");
    let is_full = |answer: &Result<_, _>| format!("{answer:?}").contains("PoolFull");
    assert!(answers.iter().any(is_full), "{answers:?}");
    other.execute("ROLLBACK").await.unwrap();
    recovers(&store).await;
}

#[tokio::test]
async fn a_server_that_has_been_restarted_meanwhile_costs_nobody_an_error() {
    let mut server = Server::start();
    let store = open(&server).await;
    // Several connections, and none of them is in use when the server goes.
    join_all((0..16).map(|_| store.by_id(account_id(1)))).await;
    server.kill();
    server.start_again();
    let clock = SystemClock::new();
    let begun_at = clock.monotonic();
    while clock.monotonic().saturating_sub(begun_at) < Duration::from_millis(1_100) {
        tokio::task::yield_now().await;
    }
    for answer in join_all((0..16).map(|_| store.by_id(account_id(1)))).await {
        assert!(answer.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_read_only_database_can_be_read_and_is_not_well() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    sql(
        &server,
        "ALTER DATABASE postgres SET default_transaction_read_only = on",
    )
    .await;
    let reader = open(&server).await;
    assert!(reader.by_id(account_id(1)).await.unwrap().is_some());
    assert!(is_unavailable(&reader.create(&credentials(2)).await));
    let change = reader.change(
        account_id(1),
        Epoch::default().step(NOW),
        &EndingChange::Delete,
    );
    assert!(is_unavailable(&change.await));
    let unwell = reader.check().await.unwrap_err();
    assert!(format!("{unwell:?}").contains("ReadOnly"), "{unwell:?}");
    // The other way round: a connection that has met the replica is not used again.
    sql(
        &server,
        "ALTER DATABASE postgres RESET default_transaction_read_only",
    )
    .await;
    recovers(&reader).await;
}

#[tokio::test]
async fn a_change_that_waits_too_long_for_another_is_not_made() {
    let server = Server::start();
    let store = open(&server).await;
    store.create(&credentials(1)).await.unwrap();
    let mut other = lock_accounts(&server).await;
    let change = EndingChange::LogOutEverywhere;
    let waited = store
        .change(account_id(1), Epoch::default().step(NOW), &change)
        .await;
    assert!(is_unavailable(&waited));
    other.execute("ROLLBACK").await.unwrap();
    let made = store
        .change(account_id(1), Epoch::default().step(NOW), &change)
        .await;
    assert!(matches!(made.unwrap(), Changed::Done(_)));
}

#[tokio::test]
async fn callers_who_go_away_cost_no_connection() {
    let server = Server::start();
    let store = open(&server).await;
    let used = abandon_calls(&server, &store).await;
    let still_used = abandon_calls(&server, &store).await;
    let gone: Vec<_> = used.difference(&still_used).collect();
    assert_eq!(gone, [&0; 0]);
}

/// Lets 100 callers go away while they wait; returns the processes behind the connections.
async fn abandon_calls(server: &Server, store: &Postgres) -> BTreeSet<i32> {
    for _ in 0..100 {
        let mut call = Box::pin(store.by_id(account_id(1)));
        assert!(futures::poll!(&mut call).is_pending());
        drop(call);
        store.by_id(account_id(1)).await.unwrap();
    }
    let pids = "SELECT pid FROM pg_stat_activity WHERE application_name = 'signet'";
    let pids = sql(server, pids).await;
    pids.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn closing_ends_every_connection_and_can_be_repeated() {
    let server = Server::start();
    let store = open(&server).await;
    join_all((0..16).map(|_| store.by_id(account_id(1)))).await;
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert!(is_unavailable(&store.by_id(account_id(1)).await));
}

/// Accounts that are registered while the server comes and goes.
#[derive(Default)]
struct Load {
    next: AtomicU32,
    added: AtomicU32,
    refused: AtomicU32,
    over: AtomicBool,
}

impl Load {
    /// Registers accounts until it is over; returns those that were acknowledged.
    async fn work(self: Arc<Self>, store: Arc<Postgres>) -> Vec<u32> {
        let mut acknowledged = Vec::new();
        while !self.over.load(Ordering::SeqCst) {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            match store.create(&credentials(number)).await {
                Ok(Created::Added) => {
                    acknowledged.push(number);
                    self.added.fetch_add(1, Ordering::SeqCst);
                }
                Ok(Created::EmailTaken) => panic!("account {number} is new"),
                Err(StoreError::Unavailable { .. }) => {
                    self.refused.fetch_add(1, Ordering::SeqCst);
                }
                Err(corrupt) => panic!("{corrupt}"),
            }
        }
        acknowledged
    }

    async fn until(&self, reached: impl Fn(&Self) -> bool) {
        while !reached(self) {
            tokio::task::yield_now().await;
        }
    }
}

/// Fails unless the store answers again within 2 seconds.
async fn recovers(store: &Postgres) {
    let clock = SystemClock::new();
    let back_at = clock.monotonic();
    while let Err(error) = store.check().await {
        let waited = clock.monotonic().saturating_sub(back_at);
        assert!(waited < Duration::from_secs(2), "{waited:?}: {error:?}");
    }
}

/// Locks every account, until the connection is told to roll back.
async fn lock_accounts(server: &Server) -> PgConnection {
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    connection.execute("BEGIN").await.unwrap();
    let statement = "SELECT FROM signet.accounts FOR UPDATE";
    connection.execute(statement).await.unwrap();
    connection
}

fn is_unavailable<T>(answer: &Result<T, StoreError>) -> bool {
    matches!(answer, Err(StoreError::Unavailable { .. }))
}

fn is_known_to_be_down<T: Debug>(answer: &Result<T, StoreError>) -> bool {
    format!("{answer:?}").contains("DatabaseDown")
}

/// A connection is waited for and then an answer; the rest is what a busy machine may add.
const DEADLINE: Duration = Duration::from_secs(3);
