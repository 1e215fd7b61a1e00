//! A Cluster that loses a master, moves slots, or forgets a part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_store::{StoreError, Stores, Swapped, TokenFacts};
use signet_test_servers::RedisCluster;
use signet_verifier::Timestamp;
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::timeout;

use crate::given::{DENIED_UNTIL, NOW, Place, session, session_id, successor, token_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_loss_of_a_master_loses_no_ending() {
    let mut servers = RedisCluster::start(1);
    let place = Place::open_at(servers.url(), ()).await;
    let (kept, ended): (Vec<_>, Vec<_>) = (1..=60).map(of_account).partition(is_even);
    for session in kept.iter().chain(&ended) {
        place.begin(session).await;
    }
    for session in &ended {
        let id = (session.account_id, session.id);
        let done = place.first.sessions.end(id.0, id.1, DENIED_UNTIL).await;
        assert!(done.unwrap());
    }
    servers.masters[0].kill();
    for session in &ended {
        assert!(is_denied_at_last(&place.second, session).await);
        assert_eq!(found_at_last(&place.second, session).await, None);
    }
    for session in &kept {
        let next = successor(session, 1);
        assert_eq!(swapped_at_last(&place.first, &next).await, Swapped::Done);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moving_slots_loses_nothing_while_sessions_rotate() {
    let servers = Arc::new(RedisCluster::start(0));
    let place = Place::open_at(servers.url(), ()).await;
    let begun: Vec<_> = (1..=60).map(of_account).collect();
    for session in &begun {
        place.begin(session).await;
    }
    let is_moved = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = begun
        .into_iter()
        .map(|session| tokio::spawn(rotate(place.first.clone(), session, Arc::clone(&is_moved))))
        .collect();
    let moving = Arc::clone(&servers);
    spawn_blocking(move || moving.move_slots(2_000, 0, 1))
        .await
        .unwrap();
    is_moved.store(true, Ordering::Relaxed);
    for rotated in load {
        let last = rotated.await.unwrap();
        assert_eq!(found_at_last(&place.second, &last).await, Some(last));
    }
}

#[tokio::test]
async fn a_server_that_forgets_its_part_refuses_the_tokens_of_that_part_alone() {
    let servers = RedisCluster::start(0);
    let place = Place::open_at(servers.url(), ()).await;
    let sessions: Vec<_> = (1..=60).map(of_account).collect();
    for session in &sessions {
        assert!(!is_denied_at_last(&place.first, session).await);
    }
    assert_eq!(servers.masters[0].cli(&["FLUSHALL"]), "OK");
    let mut refused = 0;
    for session in &sessions {
        refused += u32::from(is_denied_at_last(&place.second, session).await);
    }
    // A token is looked up in up to three parts: of its account, its client and itself.
    assert!((10..=60).contains(&refused), "{refused}");
}

/// Rotates until the slots are moved, and ten times more. What fails is tried again, as a client
/// does that hears 503.
async fn rotate(stores: Stores, begun: Session, is_moved: Arc<AtomicBool>) -> Session {
    let mut current = begun;
    let mut rounds_left = 10;
    while rounds_left > 0 {
        if is_moved.load(Ordering::Relaxed) {
            rounds_left -= 1;
        }
        let next = successor(&current, 1);
        let swapped = swapped_at_last(&stores, &next).await;
        if swapped == Swapped::Lost {
            // The answer to an earlier try was lost, not the session.
            let found = found_at_last(&stores, &next).await.unwrap();
            assert_eq!(found.version, next.version);
        }
        current = next;
    }
    current
}

fn of_account(number: u8) -> Session {
    let mut session = session(1, 0);
    session.account_id = AccountId::from_bytes([number; 16]);
    session.id = session_id(number);
    session
}

fn is_even(session: &Session) -> bool {
    let id: SessionId = session.id;
    id.as_bytes()[0].is_multiple_of(2)
}

async fn swapped_at_last(stores: &Stores, next: &Session) -> Swapped {
    at_last(|| stores.sessions.swap(next)).await
}

async fn found_at_last(stores: &Stores, session: &Session) -> Option<Session> {
    at_last(|| stores.sessions.find(session.account_id, session.id, NOW)).await
}

async fn is_denied_at_last(stores: &Stores, session: &Session) -> bool {
    let token = TokenFacts {
        issued_at: LATER,
        ..token_of(session)
    };
    at_last(|| stores.deny_list.is_denied(token, LATER)).await
}

/// The answer that comes once the servers are well.
async fn at_last<T, F>(call: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut last = None;
    let answer = async {
        loop {
            match call().await {
                Ok(answer) => return answer,
                Err(error) => last = Some(error),
            }
            yield_now().await;
        }
    };
    let answer = timeout(PATIENCE, answer).await;
    assert!(answer.is_ok(), "no answer: {last:?}");
    answer.unwrap()
}

/// A token of this second is refused after a loss that is noticed at once.
const LATER: Timestamp = Timestamp::from_seconds(1_800_000_010);

const PATIENCE: Duration = Duration::from_secs(30);
