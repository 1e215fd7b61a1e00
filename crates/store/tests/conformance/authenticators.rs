//! What authenticators promise.

use futures::future::join_all;
use signet_core::authenticators::{AuthenticatorSet, OneTimeCode, Passkey};
use signet_core::one_time_token::OneTimeDigest;
use signet_core::second_factor::RecoveryCodeDigest;
use signet_store::{AuthenticatorsSwapped, Changed, EndingChange};

use crate::given::{NOW, Place, account_id, after, credentials, step};

fn passkey(number: u8) -> Passkey {
    Passkey {
        credential_id: vec![number; 32],
        public_key: vec![0xa5, number],
        counter: 7,
        backup_eligible: true,
        backed_up: false,
        name: Some("Laptop".parse().unwrap()),
        created_at: NOW,
        last_used_at: Some(after(3)),
    }
}

fn code(number: u8) -> RecoveryCodeDigest {
    RecoveryCodeDigest::from_bytes([number; 32])
}

async fn find(place: &Place, number: u8) -> Option<AuthenticatorSet> {
    let authenticators = &place.second.authenticators;
    authenticators.find(account_id(number)).await.unwrap()
}

async fn swap(place: &Place, next: &AuthenticatorSet) -> AuthenticatorsSwapped {
    place.first.authenticators.swap(next).await.unwrap()
}

async fn owner(place: &Place, number: u8) -> Option<u8> {
    let authenticators = &place.second.authenticators;
    let owner = authenticators.owner(&[number; 32]).await.unwrap();
    owner.map(|owner| owner.as_bytes()[0])
}

pub(crate) async fn a_new_account_has_its_password_alone(place: &Place) {
    assert_eq!(find(place, 1).await, None);
    place.register().await;
    let expected = AuthenticatorSet::none(account_id(1), true);
    assert_eq!(find(place, 1).await, Some(expected));
}

pub(crate) async fn authenticators_are_found_as_they_were_stored(place: &Place) {
    place.register().await;
    let next = find(place, 1)
        .await
        .unwrap()
        .enrol_totp(vec![1, 2, 3])
        .unwrap();
    assert_eq!(swap(place, &next).await, AuthenticatorsSwapped::Done);
    assert_eq!(find(place, 1).await, Some(next.clone()));
    let mut next = next.accept_totp(60_000_000).unwrap();
    next.recovery_codes = vec![code(1), code(2)];
    next.passkeys = vec![passkey(1), passkey(2)];
    assert_eq!(swap(place, &next).await, AuthenticatorsSwapped::Done);
    assert_eq!(find(place, 1).await, Some(next.clone()));
    assert_eq!(owner(place, 2).await, Some(1));

    let next = next.remove_passkey(&[1; 32]).unwrap();
    assert_eq!(swap(place, &next).await, AuthenticatorsSwapped::Done);
    assert_eq!(find(place, 1).await, Some(next));
    assert_eq!(owner(place, 1).await, None);
    assert_eq!(owner(place, 2).await, Some(1));
}

pub(crate) async fn a_record_is_replaced_by_its_successor_only(place: &Place) {
    place.register().await;
    let first = find(place, 1).await.unwrap();
    let next = first.clone().add_passkey(passkey(1)).unwrap();
    assert_eq!(swap(place, &next).await, AuthenticatorsSwapped::Done);
    let stale = first.add_passkey(passkey(2)).unwrap();
    assert_eq!(swap(place, &stale).await, AuthenticatorsSwapped::Lost);
    assert_eq!(find(place, 1).await, Some(next));
    assert_eq!(owner(place, 2).await, None);
    let nobody = AuthenticatorSet::none(account_id(2), true);
    let nobody = nobody.add_passkey(passkey(3)).unwrap();
    assert_eq!(swap(place, &nobody).await, AuthenticatorsSwapped::Lost);
    assert_eq!(owner(place, 3).await, None);
}

pub(crate) async fn a_credential_id_belongs_to_one_account(place: &Place) {
    place.register().await;
    let bob = credentials(2, "bob@example.com");
    place.first.accounts.create(&bob).await.unwrap();
    let ada = find(place, 1).await.unwrap();
    let ada = ada.add_passkey(passkey(1)).unwrap();
    assert_eq!(swap(place, &ada).await, AuthenticatorsSwapped::Done);
    let before = find(place, 2).await.unwrap();
    let bob = before.clone().add_passkey(passkey(1)).unwrap();
    let swapped = swap(place, &bob).await;
    assert_eq!(swapped, AuthenticatorsSwapped::CredentialTaken);
    assert_eq!(find(place, 2).await, Some(before));
    assert_eq!(owner(place, 1).await, Some(1));
}

pub(crate) async fn removing_the_password_removes_its_hash(place: &Place) {
    place.register().await;
    let next = find(place, 1).await.unwrap();
    let next = next.add_passkey(passkey(1)).unwrap();
    swap(place, &next).await;
    let next = next.remove_password().unwrap();
    assert_eq!(swap(place, &next).await, AuthenticatorsSwapped::Done);
    assert_eq!(find(place, 1).await, Some(next));
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    assert_eq!(found.unwrap().password_hash, None);
}

pub(crate) async fn a_new_password_survives_a_change_that_was_decided_before_it(place: &Place) {
    let hash = place.register().await.password_hash.unwrap();
    let next = find(place, 1).await.unwrap();
    let next = next.add_passkey(passkey(1)).unwrap();
    swap(place, &next).await;
    let next = next.remove_password().unwrap();
    swap(place, &next).await;
    let used = next.change_passkey(&[1; 32], |passkey| passkey.counter = 7);
    let change = EndingChange::Password {
        hash: hash.clone(),
        kept: None,
    };
    let accounts = &place.first.accounts;
    let changed = accounts.change(account_id(1), step(0), &change).await;
    assert!(matches!(changed, Ok(Changed::Done(_))), "{changed:?}");
    let late = swap(place, &used.unwrap()).await;
    assert_eq!(late, AuthenticatorsSwapped::Lost);
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    assert_eq!(found.unwrap().password_hash, Some(hash));
    assert!(find(place, 1).await.unwrap().has_password);
}

pub(crate) async fn of_two_ways_removed_at_once_one_stays(place: &Place) {
    place.register().await;
    let both = find(place, 1).await.unwrap();
    let both = both.add_passkey(passkey(1)).unwrap();
    swap(place, &both).await;
    let removals = [
        both.clone().remove_password().unwrap(),
        both.remove_passkey(&[1; 32]).unwrap(),
    ];
    let swaps = removals.iter().enumerate().map(|(turn, next)| async move {
        let stores = place.handle(turn);
        stores.authenticators.swap(next).await.unwrap()
    });
    let mut swapped = join_all(swaps).await;
    swapped.sort_unstable_by_key(|swapped| *swapped == AuthenticatorsSwapped::Lost);
    let expected = [AuthenticatorsSwapped::Done, AuthenticatorsSwapped::Lost];
    assert_eq!(swapped, expected);
    let left = find(place, 1).await.unwrap();
    assert_ne!(left.has_password, !left.passkeys.is_empty());
}

pub(crate) async fn the_latest_use_of_a_code_is_found_as_it_was_stored(place: &Place) {
    place.register().await;
    let found = find(place, 1).await.unwrap();
    let offered = found.enrol_totp(vec![1]).unwrap();
    swap(place, &offered).await;
    let mut next = offered.confirm_totp(7, vec![code(1), code(2)]).unwrap();
    swap(place, &next).await;
    let sign_in = OneTimeDigest::from_bytes([7; 32]);
    for used in [OneTimeCode::Recovery(code(1)), OneTimeCode::Totp(8)] {
        next = next.use_code(used, Some(sign_in)).unwrap();
        assert!(next.last_use.is_some());
        swap(place, &next).await;
        assert_eq!(find(place, 1).await.as_ref(), Some(&next));
    }
    let removed = next.remove_totp().unwrap();
    swap(place, &removed).await;
    assert_eq!(find(place, 1).await.unwrap().last_use, None);
}

pub(crate) async fn of_fifty_uses_of_a_recovery_code_one_is_done(place: &Place) {
    place.register().await;
    let enrolled = find(place, 1).await.unwrap();
    let enrolled = enrolled.add_passkey(passkey(1)).unwrap();
    swap(place, &enrolled).await;
    let codes = enrolled.replace_recovery_codes(vec![code(1), code(2)]);
    let codes = codes.unwrap();
    swap(place, &codes).await;
    let used = codes.use_recovery_code(code(1)).unwrap();
    let swaps = (0..50).map(|turn| {
        let (used, stores) = (&used, place.handle(turn));
        async move { stores.authenticators.swap(used).await.unwrap() }
    });
    let swapped = join_all(swaps).await;
    let done = swapped
        .iter()
        .filter(|swapped| **swapped == AuthenticatorsSwapped::Done);
    assert_eq!(done.count(), 1);
    assert_eq!(find(place, 1).await.unwrap().recovery_codes, [code(2)]);
}

pub(crate) async fn a_deleted_account_frees_its_passkeys(place: &Place) {
    place.register().await;
    let next = find(place, 1).await.unwrap();
    let next = next.add_passkey(passkey(1)).unwrap();
    swap(place, &next).await;
    let accounts = &place.first.accounts;
    accounts
        .change(account_id(1), step(0), &EndingChange::Delete)
        .await
        .unwrap();
    assert_eq!(find(place, 1).await, None);
    assert_eq!(owner(place, 1).await, None);
}
