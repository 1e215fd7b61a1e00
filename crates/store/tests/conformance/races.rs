//! What the traits promise when many ask at once, through two handles.

use std::sync::Arc;

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_core::session::Session;
use signet_store::{Begun, Changed, Created, EndingChange, Stores, Swapped};
use tokio::sync::Barrier;

use crate::given::{
    DENIED_UNTIL, NOW, Place, account_id, after, credentials, ending_before, session, session_id,
    step, successor,
};

pub(crate) async fn of_fifty_swaps_to_one_version_one_is_done(place: &Place) {
    let begun = session(1, 0);
    place.begin(&begun).await;
    let swapped = at_once(place, FIFTY, |stores, turn| {
        let next = successor(&begun, turn as u64);
        async move { (stores.sessions.swap(&next).await.unwrap(), next) }
    })
    .await;
    let mut done = swapped
        .into_iter()
        .filter(|(outcome, _)| *outcome == Swapped::Done);
    let (_, winner) = done.next().unwrap();
    assert_eq!(done.next(), None);
    assert_eq!(place.find(1).await, Some(winner));
}

pub(crate) async fn swaps_in_turn_from_two_handles_are_all_done(place: &Place) {
    // Different sessions do not stand in each other's way, whichever process swaps them.
    for number in 0..20 {
        place.begin(&session(number, 0)).await;
    }
    let refreshed = at_once(place, 20, |stores, turn| async move {
        let mut current = session(u8::try_from(turn).unwrap(), 0);
        for seconds in 1..=20 {
            let next = successor(&current, seconds);
            assert_eq!(stores.sessions.swap(&next).await.unwrap(), Swapped::Done);
            current = next;
        }
        current
    })
    .await;
    for current in refreshed {
        let found = place
            .first
            .sessions
            .find(account_id(1), current.id, NOW)
            .await
            .unwrap();
        assert_eq!(found, Some(current));
    }
}

pub(crate) async fn an_ended_session_stays_ended_against_swaps(place: &Place) {
    for number in 0..ROUNDS {
        let begun = session(number, 0);
        place.begin(&begun).await;
        at_once(place, 10, |stores, turn| {
            let begun = begun.clone();
            async move { end_or_refresh(turn == 5, &stores, begun).await }
        })
        .await;
        assert_eq!(place.find(number).await, None);
        assert!(place.is_denied(&begun).await);
    }
}

pub(crate) async fn a_session_begun_at_an_old_epoch_does_not_last(place: &Place) {
    place.register().await;
    for number in 0..ROUNDS {
        let epoch = Epoch::from_number(number.into());
        let mut begun = session(number, 0);
        begun.grant.epoch = epoch;
        at_once(place, 2, |stores, turn| {
            let begun = begun.clone();
            async move { change_or_begin(turn == 0, &stores, begun).await }
        })
        .await;
        // Either the one who signed in saw the change, or the change saw the session.
        assert_eq!(place.find(number).await, None);
        assert!(place.is_denied(&begun).await);
    }
}

pub(crate) async fn ending_earlier_epochs_wins_against_swaps(place: &Place) {
    for number in 0..ROUNDS {
        place.begin(&session(number, 0)).await;
    }
    at_once(place, usize::from(ROUNDS) + 1, |stores, turn| async move {
        if let Ok(number @ 0..ROUNDS) = u8::try_from(turn) {
            refresh_until_gone(&stores, session(number, 0)).await;
        } else {
            let ending = ending_before(Epoch::from_number(1), None);
            let sessions = &stores.sessions;
            let ended = sessions.end_before(ending, DENIED_UNTIL).await.unwrap();
            assert_eq!(ended, usize::from(ROUNDS));
        }
    })
    .await;
    assert!(place.list().await.is_empty());
}

pub(crate) async fn of_fifty_accounts_with_one_email_one_is_added(place: &Place) {
    let created = at_once(place, FIFTY, |stores, turn| async move {
        let number = u8::try_from(turn).unwrap();
        let who = credentials(number, "ada@example.com");
        (stores.accounts.create(&who).await.unwrap(), who)
    })
    .await;
    let mut added = created
        .into_iter()
        .filter(|(outcome, _)| *outcome == Created::Added);
    let (_, winner) = added.next().unwrap();
    assert!(added.next().is_none());
    let found = place
        .first
        .accounts
        .by_email(&winner.account.email)
        .await
        .unwrap();
    assert_eq!(found.unwrap().account, winner.account);
}

pub(crate) async fn of_fifty_changes_at_one_epoch_one_is_done(place: &Place) {
    place.register().await;
    let changed = at_once(place, FIFTY, |stores, _| async move {
        let (epoch, change) = (step(0), EndingChange::LogOutEverywhere);
        stores
            .accounts
            .change(account_id(1), epoch, &change)
            .await
            .unwrap()
    })
    .await;
    let done = changed.iter().filter(|outcome| **outcome != Changed::Lost);
    assert_eq!(done.count(), 1);
    let found = place
        .first
        .accounts
        .by_id(account_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.account.standing.epoch, Epoch::from_number(1));
}

pub(crate) async fn the_limit_holds_against_concurrent_sign_ins(place: &Place) {
    let limit = 100;
    let begun = at_once(place, 150, |stores, turn| async move {
        let begun = session(u8::try_from(turn).unwrap(), turn as u64);
        stores
            .sessions
            .create(&begun, limit, DENIED_UNTIL)
            .await
            .unwrap();
        begun
    })
    .await;
    let left = place.list().await;
    assert_eq!(left.len(), limit);
    for session in begun {
        let is_left = left.contains(&session.id.as_bytes()[0]);
        assert_eq!(place.is_denied(&session).await, !is_left);
    }
}

pub(crate) async fn purging_leaves_the_living_alone(place: &Place) {
    // Even numbers expire; odd ones are refreshed meanwhile, and each time live a little longer.
    for number in 0..ROUNDS {
        place.begin(&ending_after(session(number, 0), 5)).await;
    }
    at_once(place, usize::from(ROUNDS), |stores, turn| async move {
        let number = u8::try_from(turn).unwrap();
        if number.is_multiple_of(2) {
            let _removed = stores.sessions.purge(after(5), 3).await.unwrap();
        } else {
            let begun = ending_after(session(number, 0), 5);
            let next = ending_after(successor(&begun, 1), 6);
            let swapped = stores.sessions.swap(&next).await.unwrap();
            let found = stores
                .sessions
                .find(account_id(1), session_id(number), after(5))
                .await;
            let expected = (swapped == Swapped::Done).then_some(next);
            assert_eq!(found.unwrap(), expected);
        }
    })
    .await;
    for number in (0..ROUNDS).step_by(2) {
        assert_eq!(place.find_at(number, after(5)).await, None);
    }
}

/// Runs `job` `times` times at once, in turn through both handles; the answers in that order.
/// Runs `times` jobs at the same moment, on the two handles in turn.
pub(crate) async fn at_once<T, F>(
    place: &Place,
    times: usize,
    mut job: impl FnMut(Stores, usize) -> F,
) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let start = Arc::new(Barrier::new(times));
    let jobs = (0..times).map(|turn| {
        let (start, running) = (Arc::clone(&start), job(place.handle(turn), turn));
        tokio::spawn(async move {
            start.wait().await;
            running.await
        })
    });
    join_all(jobs)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

/// Refreshes as a client would, a few times, until the session is gone.
async fn refresh_until_gone(stores: &Stores, begun: Session) {
    for seconds in 1..=20 {
        let sessions = &stores.sessions;
        let Some(current) = sessions
            .find(begun.account_id, begun.id, NOW)
            .await
            .unwrap()
        else {
            return;
        };
        let _either = sessions.swap(&successor(&current, seconds)).await.unwrap();
    }
}

async fn end_or_refresh(end: bool, stores: &Stores, begun: Session) {
    if !end {
        return refresh_until_gone(stores, begun).await;
    }
    let sessions = &stores.sessions;
    let there = sessions
        .end(begun.account_id, begun.id, DENIED_UNTIL)
        .await
        .unwrap();
    assert!(there);
}

async fn change_or_begin(change: bool, stores: &Stores, begun: Session) {
    if !change {
        let outcome = stores
            .begin_session(&begun, 100, DENIED_UNTIL)
            .await
            .unwrap();
        assert!(matches!(outcome, Begun::Done | Begun::AccountChanged));
        return;
    }
    let (id, step) = (
        begun.account_id,
        begun
            .grant
            .epoch
            .step(signet_verifier::Timestamp::from_seconds(0)),
    );
    let changed = stores
        .accounts
        .change(id, step, &EndingChange::LogOutEverywhere)
        .await
        .unwrap();
    let Changed::Done(ending) = changed else {
        unreachable!("nobody else changes the account");
    };
    stores.finish_ending(ending, DENIED_UNTIL).await.unwrap();
}

fn ending_after(mut session: Session, seconds: u64) -> Session {
    session.lifetime.idle_expires_at = after(seconds);
    session
}

/// How many ask at once.
const FIFTY: usize = 50;

/// How often a race of two is run.
const ROUNDS: u8 = 20;
