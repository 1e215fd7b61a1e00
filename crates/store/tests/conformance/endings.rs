//! What sessions promise about their end: record and denial go together, and it is final.

use signet_core::account::{Epoch, KeptSession};
use signet_store::Swapped;

use crate::given::{
    DENIED_UNTIL, Place, account_id, at_epoch, ending_before, keeping, session, session_id,
    successor, token_of,
};

pub(crate) async fn an_ended_session_is_gone_and_its_tokens_denied(place: &Place) {
    let begun = session(1, 0);
    place.begin(&begun).await;
    assert!(!place.is_denied(&begun).await);
    assert!(end(place).await);
    assert!(!end(place).await);
    let swapped = place
        .first
        .sessions
        .swap(&successor(&begun, 1))
        .await
        .unwrap();
    assert_eq!(swapped, Swapped::Lost);
    assert_eq!(place.find(1).await, None);
    assert!(place.list().await.is_empty());
    assert!(place.is_denied(&begun).await);
    let deny_list = &place.second.deny_list;
    assert!(
        !deny_list
            .is_denied(token_of(&begun), DENIED_UNTIL)
            .await
            .unwrap()
    );
}

pub(crate) async fn ending_what_is_not_there_still_denies(place: &Place) {
    assert!(!end(place).await);
    assert!(place.is_denied(&session(1, 0)).await);
}

pub(crate) async fn only_sessions_of_earlier_epochs_end(place: &Place) {
    for number in 1..=3 {
        place
            .begin(&at_epoch(session(number, 0), number.into()))
            .await;
    }
    let mut foreign = session(4, 0);
    foreign.account_id = account_id(2);
    place.begin(&foreign).await;
    assert_eq!(end_before(place, Epoch::from_number(3), None).await, 2);
    assert_eq!(end_before(place, Epoch::from_number(3), None).await, 0);
    assert_eq!(place.list().await, [3]);
    assert!(place.is_denied(&session(1, 0)).await);
    assert!(place.is_denied(&session(2, 0)).await);
    assert!(!place.is_denied(&session(3, 0)).await);
    assert!(!place.is_denied(&foreign).await);
}

pub(crate) async fn the_kept_session_does_not_end(place: &Place) {
    for number in 1..=3 {
        place.begin(&at_epoch(session(number, 0), 4)).await;
    }
    let kept = Some(keeping(2, 4));
    assert_eq!(end_before(place, Epoch::from_number(6), kept).await, 2);
    assert_eq!(place.list().await, [2]);
    let own = at_epoch(session(2, 0), 4);
    assert_eq!(place.find(2).await, Some(own.clone()));
    assert!(!place.is_denied(&own).await);
    assert!(place.is_denied(&session(1, 0)).await);
    assert!(place.is_denied(&session(3, 0)).await);
}

pub(crate) async fn a_session_from_before_it_was_kept_ends(place: &Place) {
    let begun = at_epoch(session(2, 0), 3);
    place.begin(&begun).await;
    let kept = Some(keeping(2, 4));
    assert_eq!(end_before(place, Epoch::from_number(5), kept).await, 1);
    assert_eq!(place.find(2).await, None);
    assert!(place.is_denied(&begun).await);
}

pub(crate) async fn the_last_epoch_ends_all(place: &Place) {
    let late = u32::MAX - 1;
    place.begin(&at_epoch(session(1, 0), late)).await;
    place.begin(&session(2, 0)).await;
    assert_eq!(end_before(place, Epoch::END, None).await, 2);
    assert!(place.list().await.is_empty());
}

async fn end(place: &Place) -> bool {
    let sessions = &place.first.sessions;
    sessions
        .end(account_id(1), session_id(1), DENIED_UNTIL)
        .await
        .unwrap()
}

async fn end_before(place: &Place, before: Epoch, kept: Option<KeptSession>) -> usize {
    let sessions = &place.first.sessions;
    sessions
        .end_before(ending_before(before, kept), DENIED_UNTIL)
        .await
        .unwrap()
}
