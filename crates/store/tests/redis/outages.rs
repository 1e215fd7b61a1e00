//! A server that is gone, hangs or drops us: every call is answered in time, and all is well soon
//! after it is back.

use std::error::Error;
use std::time::Duration;

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_core::session::Session;
use signet_store::{Denied, StoreError, Stores, Swapped};
use signet_test_servers::Redis;
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::given::{
    DENIED_UNTIL, MANY, NOW, Place, account_id, ending_before, session, session_id, successor,
    token_of,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_every_call_fails_at_once() {
    let mut place = Place::open(Some(Redis::start())).await;
    place.begin(&session(1, 0)).await;
    server(&mut place).kill();
    // Soon it is known, and requests fail at once.
    let known = async {
        while every_call_fails(&place.first)
            .await
            .iter()
            .any(|cause| cause != "Redis cannot be reached; trying again in the background")
        {
            yield_now().await;
        }
    };
    timeout(PATIENCE, known).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_hangs_costs_no_more_than_the_deadline() {
    let mut place = Place::open(Some(Redis::start())).await;
    place.begin(&session(1, 0)).await;
    server(&mut place).pause();
    every_call_fails(&place.first).await;
    server(&mut place).resume();
    is_well_again(&place).await;
    // What was not answered may have been done all the same: the calls ended everything.
    place.begin(&session(3, 0)).await;
    assert_eq!(place.find(3).await, Some(session(3, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_comes_back_with_its_sessions() {
    let durable = ["--appendonly", "yes", "--appendfsync", "everysec"];
    let mut place = Place::open(Some(Redis::with(&durable))).await;
    let numbers = 1..=16;
    for number in numbers.clone() {
        place.begin(&session(number, 0)).await;
    }
    let ended = place
        .first
        .sessions
        .end(account_id(1), session_id(16), DENIED_UNTIL)
        .await;
    assert!(ended.unwrap());

    let load = (1..=8).map(|number| tokio::spawn(rotate_until_it_fails(place.handle(0), number)));
    let load: Vec<_> = load.collect();
    let busy = async { while place.find(8).await.unwrap().version < 50 {} };
    timeout(PATIENCE, busy).await.unwrap();
    server(&mut place).kill();
    let answered: Vec<_> = join_all(load)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    server(&mut place).start_again();
    is_well_again(&place).await;

    for (number, answered) in numbers.zip(answered) {
        let found = place.find(number).await.unwrap();
        // What was not answered may have been done all the same.
        assert!(
            found.version >= answered,
            "{number}: {} {answered}",
            found.version
        );
        let next = successor(&found, 1);
        let swapped = place.second.sessions.swap(&next).await.unwrap();
        assert_eq!(swapped, Swapped::Done);
    }
    assert_eq!(place.find(16).await, None);
    assert!(place.is_denied(&session(16, 0)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_connections_are_replaced_while_callers_wait() {
    let place = Place::open(Some(Redis::start())).await;
    place.begin(&session(1, 0)).await;
    let redis = place.redis.as_ref().unwrap();
    for _ in 0..10 {
        redis.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
        is_well_again(&place).await;
        assert!(place.find(1).await.is_some());
    }
}

/// Swaps session after session; answers with the last version that was acknowledged.
async fn rotate_until_it_fails(stores: Stores, number: u8) -> u64 {
    let mut current = session(number, 0);
    loop {
        let next = successor(&current, 1);
        match stores.sessions.swap(&next).await {
            Ok(swapped) => assert_eq!(swapped, Swapped::Done),
            Err(_) => return current.version,
        }
        current = next;
    }
}

/// Why each of the calls failed, in time.
async fn every_call_fails(stores: &Stores) -> Vec<String> {
    let begun = session(2, 0);
    let calls = (stores, &begun);
    let (account, id) = (account_id(1), session_id(1));
    let ending = ending_before(Epoch::END, None);
    let denied = Denied::Session {
        account_id: account,
        id,
    };
    let mut causes = vec![
        fails(create(calls)).await,
        fails(stores.sessions.find(account, id, NOW)).await,
        fails(stores.sessions.swap(&successor(&begun, 1))).await,
        fails(stores.sessions.end(account, id, DENIED_UNTIL)).await,
        fails(stores.sessions.end_before(ending, DENIED_UNTIL)).await,
        fails(stores.sessions.list(account, NOW)).await,
        fails(stores.deny_list.deny(&denied, DENIED_UNTIL)).await,
        fails(stores.deny_list.is_denied(token_of(&begun), NOW)).await,
    ];
    for backend in &stores.backends {
        if backend.name() == "redis" {
            causes.push(fails(backend.check()).await);
        }
    }
    causes
}

async fn create((stores, session): (&Stores, &Session)) -> Result<(), StoreError> {
    stores.sessions.create(session, MANY, DENIED_UNTIL).await
}

async fn fails<T>(call: impl Future<Output = Result<T, StoreError>>) -> String {
    let answer = timeout(DEADLINE + SCHEDULING, call).await.unwrap();
    assert!(matches!(answer, Err(StoreError::Unavailable { .. })));
    answer.err().unwrap().source().unwrap().to_string()
}

/// Both handles write and end, within two seconds where nothing else uses the machine.
pub(crate) async fn is_well_again(place: &Place) {
    let well = async {
        for stores in [&place.first, &place.second] {
            let end = || {
                stores
                    .sessions
                    .end(account_id(9), session_id(9), DENIED_UNTIL)
            };
            while end().await.is_err() {
                yield_now().await;
            }
            while stores
                .sessions
                .find(account_id(9), session_id(9), NOW)
                .await
                .is_err()
            {
                yield_now().await;
            }
        }
    };
    timeout(PATIENCE, well).await.unwrap();
}

fn server(place: &mut Place) -> &mut Redis {
    place.redis.as_mut().unwrap()
}

/// What callers are promised.
const DEADLINE: Duration = Duration::from_millis(500);

/// How late a test on a busy machine may look at its watch.
const SCHEDULING: Duration = Duration::from_secs(5);

/// What has not happened by then on the busiest of machines will never happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
