//! What the steps over several stores promise.

use signet_core::account::{AccountStatus, Epoch};
use signet_core::session::Session;
use signet_store::{Begun, Changed, EndingChange};

use crate::given::{
    DENIED_UNTIL, MANY, NOW, Place, account_id, at_epoch, credentials, keeping, new_password,
    session, step,
};

pub(crate) async fn a_session_begins_at_the_current_epoch(place: &Place) {
    place.register().await;
    assert_eq!(begin(place, &session(1, 0)).await, Begun::Done);
    assert_eq!(place.find(1).await, Some(session(1, 0)));
}

pub(crate) async fn a_session_does_not_begin_at_an_earlier_epoch(place: &Place) {
    place.register().await;
    let everywhere = EndingChange::LogOutEverywhere;
    let accounts = &place.second.accounts;
    accounts
        .change(account_id(1), step(0), &everywhere)
        .await
        .unwrap();
    assert_eq!(begin(place, &session(1, 0)).await, Begun::AccountChanged);
    assert_eq!(place.find(1).await, None);
    assert!(place.is_denied(&session(1, 0)).await);
    let current = at_epoch(session(2, 0), 1);
    assert_eq!(begin(place, &current).await, Begun::Done);
}

pub(crate) async fn a_kept_session_outlives_the_endings_that_keep_it(place: &Place) {
    place.register().await;
    begin(place, &session(1, 0)).await;
    for (epoch, other) in [(0, 2), (1, 3)] {
        begin(place, &at_epoch(session(other, 0), epoch)).await;
        let accounts = &place.first.accounts;
        let changed = accounts
            .change(
                account_id(1),
                step(epoch),
                &new_password("b", keeping(1, 0)),
            )
            .await
            .unwrap();
        let Changed::Done(ending) = changed else {
            unreachable!("nobody else changes the account");
        };
        let pending = place.second.accounts.pending_endings(10).await.unwrap();
        assert_eq!(pending, [ending]);
        let finished = place.second.finish_ending(ending, DENIED_UNTIL).await;
        assert_eq!(finished.unwrap(), 1);
        assert_eq!(place.list().await, [1]);
    }
}

pub(crate) async fn a_session_does_not_begin_for_a_disabled_account(place: &Place) {
    let mut ada = credentials(1, "ada@example.com");
    ada.account.standing.status = AccountStatus::Disabled;
    place.first.accounts.create(&ada).await.unwrap();
    assert_eq!(begin(place, &session(1, 0)).await, Begun::AccountChanged);
    assert_eq!(place.find(1).await, None);
}

pub(crate) async fn a_session_does_not_begin_for_an_account_that_is_gone(place: &Place) {
    assert_eq!(begin(place, &session(1, 0)).await, Begun::AccountChanged);
    assert_eq!(place.find(1).await, None);
}

pub(crate) async fn finishing_an_ending_ends_sessions_and_the_note(place: &Place) {
    place.register().await;
    begin(place, &session(1, 0)).await;
    let accounts = &place.first.accounts;
    let change = EndingChange::Delete;
    let changed = accounts
        .change(account_id(1), step(0), &change)
        .await
        .unwrap();
    let Changed::Done(ending) = changed else {
        unreachable!("nobody else changes the account");
    };
    for ended in [1, 0] {
        let finished = place
            .second
            .finish_ending(ending, DENIED_UNTIL)
            .await
            .unwrap();
        assert_eq!(finished, ended);
    }
    assert_eq!(place.find(1).await, None);
    assert!(place.is_denied(&session(1, 0)).await);
    assert_eq!(accounts.pending_endings(10).await.unwrap(), []);
}

pub(crate) async fn after_a_restore_no_session_and_no_token_from_before_is_good(place: &Place) {
    place.register().await;
    let ended_in_the_lost_time = at_epoch(session(2, 0), 1_799_999_999);
    for twice in 1..=2 {
        for backend in &place.first.backends {
            backend.end_everything(NOW).await.unwrap();
        }
        let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
        let epoch = found.unwrap().account.standing.epoch;
        assert_eq!(epoch, Epoch::from_number(1_799_999_999 + twice));
    }
    for old in [session(1, 0), ended_in_the_lost_time] {
        assert_eq!(begin(place, &old).await, Begun::AccountChanged);
        assert!(place.is_denied(&old).await);
    }
    let next = at_epoch(session(3, 0), 1_800_000_001);
    assert_eq!(begin(place, &next).await, Begun::Done);
}

pub(crate) async fn every_backend_is_well_until_it_is_closed(place: &Place) {
    for backend in &place.first.backends {
        assert!(!backend.name().is_empty());
        backend.check().await.unwrap();
    }
    place.first.close().await.unwrap();
    place.first.close().await.unwrap();
    for backend in &place.first.backends {
        assert!(backend.check().await.is_err());
    }
    assert_eq!(begin(place, &session(1, 0)).await, Begun::AccountChanged);
}

async fn begin(place: &Place, session: &Session) -> Begun {
    place
        .second
        .begin_session(session, MANY, DENIED_UNTIL)
        .await
        .unwrap()
}
