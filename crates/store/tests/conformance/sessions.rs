//! What sessions promise: found as stored, swapped by version, gone when expired.

use std::net::IpAddr;
use std::time::Duration;

use signet_core::session::SeenFrom;
use signet_store::Swapped;
use signet_verifier::Timestamp;

use crate::given::{DENIED_UNTIL, MANY, NOW, Place, account_id, session, session_id, successor};

pub(crate) async fn a_session_is_found_as_it_was_stored(place: &Place) {
    let origin = SeenFrom::new("Ünïcode/1.0", Some(IpAddr::from([1; 16])));
    let mut begun = session(1, 0).seen_from(origin);
    begun.refreshed_from = SeenFrom::new("Ünïcode/1.1", Some(IpAddr::from([1; 4])));
    begun.grant.cnf = Some("thumbprint".to_owned());
    place.begin(&begun).await;
    assert_eq!(place.find(1).await, Some(begun));
    assert_eq!(place.find(2).await, None);
    let foreign = place
        .first
        .sessions
        .find(account_id(2), session_id(1), NOW)
        .await
        .unwrap();
    assert_eq!(foreign, None);
}

pub(crate) async fn a_session_is_never_overwritten_by_another(place: &Place) {
    let begun = session(1, 0);
    place.begin(&begun).await;
    let other = session(1, 5);
    let refused = place
        .second
        .sessions
        .create(&other, MANY, DENIED_UNTIL)
        .await;
    assert!(refused.is_err());
    assert_eq!(place.find(1).await, Some(begun));
}

pub(crate) async fn a_swap_replaces_its_predecessor_only(place: &Place) {
    let sessions = &place.first.sessions;
    let begun = session(1, 0);
    let next = successor(&begun, 1);
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Lost);
    place.begin(&begun).await;
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Done);
    assert_eq!(sessions.swap(&next).await.unwrap(), Swapped::Lost);
    let far = successor(&successor(&next, 2), 3);
    assert_eq!(sessions.swap(&far).await.unwrap(), Swapped::Lost);
    assert_eq!(place.find(1).await, Some(next));
}

pub(crate) async fn a_session_expires_at_its_millisecond(place: &Place) {
    let mut begun = session(1, 0);
    begun.lifetime.idle_expires_at = NOW.saturating_add(Duration::from_millis(1_500));
    place.begin(&begun).await;
    let just_before = NOW.saturating_add(Duration::from_millis(1_499));
    let then = NOW.saturating_add(Duration::from_millis(1_500));
    assert_eq!(place.find_at(1, just_before).await, Some(begun.clone()));
    assert_eq!(place.find_at(1, then).await, None);
    assert_eq!(list_at(place, just_before).await, 1);
    assert_eq!(list_at(place, then).await, 0);
    let mut next = successor(&begun, 1);
    next.lifetime.idle_expires_at = then.saturating_add(Duration::from_millis(1));
    assert_eq!(
        place.first.sessions.swap(&next).await.unwrap(),
        Swapped::Done
    );
    assert_eq!(place.find_at(1, then).await, Some(next));
    assert_eq!(list_at(place, then).await, 1);
}

async fn list_at(place: &Place, now: Timestamp) -> usize {
    let listed = place
        .second
        .sessions
        .list(account_id(1), now)
        .await
        .unwrap();
    listed.len()
}

pub(crate) async fn sessions_are_listed_newest_first(place: &Place) {
    for (number, seconds) in [(1, 20), (2, 30), (3, 10)] {
        place.begin(&session(number, seconds)).await;
    }
    let mut foreign = session(4, 40);
    foreign.account_id = account_id(2);
    place.begin(&foreign).await;
    assert_eq!(place.list().await, [2, 1, 3]);
    let next = successor(&session(3, 10), 50);
    assert_eq!(
        place.first.sessions.swap(&next).await.unwrap(),
        Swapped::Done
    );
    assert_eq!(place.list().await, [2, 1, 3]);
}
