//! What sessions promise about how many there are: the limit of an account, and purging.

use std::time::Duration;

use signet_core::session::Session;

use crate::given::{DENIED_UNTIL, NOW, Place, after, session};

pub(crate) async fn beyond_the_limit_the_oldest_sessions_end(place: &Place) {
    for (number, seconds) in [(1, 20), (2, 10), (3, 30)] {
        begin_within(place, &session(number, seconds), 3).await;
    }
    begin_within(place, &session(4, 40), 3).await;
    assert_eq!(place.list().await, [4, 3, 1]);
    assert!(place.is_denied(&session(2, 10)).await);
    assert!(!place.is_denied(&session(1, 20)).await);
    // A limit that has become smaller.
    begin_within(place, &session(5, 50), 2).await;
    assert_eq!(place.list().await, [5, 4]);
    assert!(place.is_denied(&session(1, 20)).await);
}

pub(crate) async fn the_new_session_stays_however_old_it_claims_to_be(place: &Place) {
    begin_within(place, &session(1, 20), 2).await;
    begin_within(place, &session(2, 30), 2).await;
    // Another replica's clock is behind.
    begin_within(place, &session(3, 10), 2).await;
    assert_eq!(place.list().await, [2, 3]);
}

pub(crate) async fn expired_sessions_do_not_count(place: &Place) {
    let short = ending_after(session(1, 0), 5);
    begin_within(place, &short, 2).await;
    begin_within(place, &session(2, 1), 2).await;
    begin_within(place, &session(3, 5), 2).await;
    assert_eq!(place.list().await.first(), Some(&3));
    assert!(place.find(2).await.is_some());
    assert!(!place.is_denied(&session(2, 1)).await);
    assert!(!place.is_denied(&short).await);
}

pub(crate) async fn purging_removes_what_has_expired(place: &Place) {
    let dying = ending_after(session(1, 0), 5);
    place.begin(&dying).await;
    place.begin(&session(2, 0)).await;
    let sessions = &place.second.sessions;
    let just_before = after(5).saturating_sub(Duration::from_millis(1));
    assert_eq!(sessions.purge(just_before, 10).await.unwrap(), 0);
    assert_eq!(place.find(1).await, Some(dying.clone()));
    // A backend that collects its own garbage has nothing to say; the effect is the same.
    let _removed = sessions.purge(after(5), 10).await.unwrap();
    assert_eq!(place.find_at(1, after(5)).await, None);
    assert!(place.find(2).await.is_some());
    assert!(!place.is_denied(&dying).await);
}

pub(crate) async fn purging_goes_on_where_it_stopped(place: &Place) {
    for number in 1..=10 {
        place.begin(&ending_after(session(number, 0), 5)).await;
    }
    let removed = purge_all(place).await;
    // What has been removed is not there at any time; what removes itself is not there then.
    let collects_its_own = removed == [0];
    assert!(collects_its_own || removed == [4, 4, 2, 0], "{removed:?}");
    let seen_at = if collects_its_own { after(5) } else { NOW };
    assert!(place.list_at(seen_at).await.is_empty());
    place.begin(&ending_after(session(11, 0), 5)).await;
    assert_eq!(place.list().await.first(), Some(&11));
    purge_all(place).await;
    assert!(place.list_at(seen_at).await.is_empty());
}

async fn purge_all(place: &Place) -> Vec<usize> {
    let sessions = &place.second.sessions;
    let mut removed = Vec::new();
    while removed.last() != Some(&0) {
        removed.push(sessions.purge(after(5), 4).await.unwrap());
    }
    removed
}

async fn begin_within(place: &Place, session: &Session, limit: usize) {
    let sessions = &place.first.sessions;
    sessions.create(session, limit, DENIED_UNTIL).await.unwrap();
}

fn ending_after(mut session: Session, seconds: u64) -> Session {
    session.lifetime.idle_expires_at = NOW.saturating_add(Duration::from_secs(seconds));
    session
}
