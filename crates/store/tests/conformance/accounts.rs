//! What accounts promise.

use signet_core::account::{Account, AccountStatus, Epoch, KeptSession};
use signet_store::{AccountFilter, Changed, Created, EndingChange, PendingEnding, Updated};
use signet_verifier::Timestamp;

use crate::given::{
    Place, account_id, credentials, ending_before, hash, keeping, new_password, step,
};

pub(crate) async fn an_account_is_found_by_id_and_by_email_in_any_case(place: &Place) {
    let ada = credentials(1, "Ada@Example.com");
    assert_eq!(
        place.first.accounts.create(&ada).await.unwrap(),
        Created::Added
    );
    let accounts = &place.second.accounts;
    let by_id = accounts.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(by_id.account, ada.account);
    assert_eq!(by_id.password_hash, ada.password_hash);
    let email = "aDA@example.COM".parse().unwrap();
    let by_email = accounts.by_email(&email).await.unwrap().unwrap();
    assert_eq!(by_email.account, ada.account);
    let account = accounts.account(account_id(1)).await.unwrap();
    assert_eq!(account, Some(ada.account));
    assert!(accounts.by_id(account_id(2)).await.unwrap().is_none());
    assert_eq!(accounts.account(account_id(2)).await.unwrap(), None);
    let nobody = "nobody@example.com".parse().unwrap();
    assert!(accounts.by_email(&nobody).await.unwrap().is_none());
}

pub(crate) async fn an_account_without_name_and_roles_is_found_as_it_was_stored(place: &Place) {
    let mut ada = credentials(1, "ada@example.com");
    ada.account.name = None;
    ada.account.roles.clear();
    ada.account.email_verified_at = None;
    ada.account.standing.status = AccountStatus::Disabled;
    ada.account.standing.epoch = Epoch::from_number(7);
    place.first.accounts.create(&ada).await.unwrap();
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    assert_eq!(found.unwrap().account, ada.account);
}

pub(crate) async fn an_email_address_belongs_to_one_account(place: &Place) {
    let ada = place.register().await;
    let accounts = &place.second.accounts;
    let other = credentials(2, "ADA@example.com");
    assert_eq!(accounts.create(&other).await.unwrap(), Created::EmailTaken);
    assert!(accounts.by_id(account_id(2)).await.unwrap().is_none());
    let found = accounts
        .by_email(&other.account.email)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.account, ada.account);
}

pub(crate) async fn an_account_is_never_overwritten_by_another(place: &Place) {
    let ada = place.register().await;
    let other = credentials(1, "other@example.com");
    assert!(place.second.accounts.create(&other).await.is_err());
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    assert_eq!(found.unwrap().account, ada.account);
}

pub(crate) async fn a_deleted_account_is_gone_and_its_address_free(place: &Place) {
    let ada = place.register().await;
    let accounts = &place.first.accounts;
    let ending = ending_before(Epoch::END, None);
    let changed = accounts
        .change(account_id(1), step(0), &EndingChange::Delete)
        .await
        .unwrap();
    assert_eq!(changed, Changed::Done(ending));
    let elsewhere = &place.second.accounts;
    assert!(elsewhere.by_id(account_id(1)).await.unwrap().is_none());
    assert_eq!(elsewhere.account(account_id(1)).await.unwrap(), None);
    assert!(
        elsewhere
            .by_email(&ada.account.email)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(elsewhere.pending_endings(10).await.unwrap(), [ending]);
    let again = credentials(2, "ada@example.com");
    assert_eq!(elsewhere.create(&again).await.unwrap(), Created::Added);
    let twice = accounts
        .change(account_id(1), step(0), &EndingChange::Delete)
        .await
        .unwrap();
    assert_eq!(twice, Changed::Lost);
}

pub(crate) async fn a_new_password_comes_with_the_next_epoch(place: &Place) {
    place.register().await;
    let (elsewhere, kept) = (&place.second.accounts, keeping(7, 0));
    let changed = change(place, 0, &new_password("b", kept)).await;
    let ending = ending_before(Epoch::from_number(1), Some(kept));
    assert_eq!(changed, Changed::Done(ending));
    let found = elsewhere.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.password_hash, Some(hash("b")));
    assert_eq!(found.account.standing.epoch, Epoch::from_number(1));
    assert_eq!(found.account.standing.kept, Some(kept));
    assert_eq!(elsewhere.pending_endings(10).await.unwrap(), [ending]);
}

pub(crate) async fn each_ending_says_anew_which_session_is_kept(place: &Place) {
    place.register().await;
    let endings = [
        (new_password("b", keeping(7, 0)), Some(keeping(7, 0))),
        (new_password("c", keeping(8, 1)), Some(keeping(8, 1))),
        (EndingChange::LogOutEverywhere, None),
        (
            EndingChange::LogOutOthers(keeping(9, 3)),
            Some(keeping(9, 3)),
        ),
        (new_password("d", keeping(9, 3)), Some(keeping(9, 3))),
        (EndingChange::Delete, None),
    ];
    for (epoch, (made, kept)) in (0..).zip(endings) {
        let changed = change(place, epoch, &made).await;
        assert!(matches!(changed, Changed::Done(ending) if ending.kept == kept));
        assert_eq!(kept_session(place).await, kept);
        let pending = place.second.accounts.pending_endings(10).await.unwrap();
        let noted: Vec<_> = pending.iter().map(|ending| ending.kept).collect();
        assert_eq!(noted, [kept]);
    }
}

pub(crate) async fn switching_an_account_off_ends_everything(place: &Place) {
    let ada = place.register().await;
    let profiles = &place.first.profiles;
    let with_status = |account: &Account, status| {
        let account = account.clone().ended(Timestamp::from_seconds(0));
        account.changed(|account| account.standing.status = status)
    };
    let off = with_status(&ada.account, AccountStatus::Disabled);
    let changed = profiles.update(&ada.account, &off).await.unwrap();
    assert_eq!(changed, Updated::Done(Some(pending(1))));
    let elsewhere = &place.second.accounts;
    let found = elsewhere.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.account, off);
    assert_eq!(found.account.standing.epoch, Epoch::from_number(1));
    assert_eq!(found.password_hash, ada.password_hash);
    let on = with_status(&off, AccountStatus::Active);
    let stale = with_status(&ada.account, AccountStatus::Active);
    let stale = profiles.update(&ada.account, &stale).await.unwrap();
    assert_eq!(stale, Updated::Lost);
    let changed = profiles.update(&off, &on).await.unwrap();
    assert_eq!(changed, Updated::Done(Some(pending(2))));
    let found = elsewhere.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.account.standing.status, AccountStatus::Active);
}

pub(crate) async fn accounts_are_listed_in_the_order_of_their_ids(place: &Place) {
    for number in [3, 1, 2] {
        let email = format!("{number}@example.com");
        let accounts = &place.first.accounts;
        accounts.create(&credentials(number, &email)).await.unwrap();
    }
    let listed = async |after: Option<u8>, limit| {
        let after = after.map(account_id);
        let listed = place
            .second
            .accounts
            .list(&AccountFilter::default(), after, limit)
            .await
            .unwrap();
        listed
            .into_iter()
            .map(|account| account.id)
            .collect::<Vec<_>>()
    };
    let ids = |numbers: &[u8]| numbers.iter().copied().map(account_id).collect::<Vec<_>>();
    assert_eq!(listed(None, 10).await, ids(&[1, 2, 3]));
    assert_eq!(listed(None, 2).await, ids(&[1, 2]));
    assert_eq!(listed(Some(2), 2).await, ids(&[3]));
    assert_eq!(listed(Some(3), 2).await, ids(&[]));
}

pub(crate) async fn logging_out_everywhere_changes_the_epoch_alone(place: &Place) {
    let mut ada = place.register().await;
    let accounts = &place.first.accounts;
    let everywhere = EndingChange::LogOutEverywhere;
    let changed = accounts
        .change(account_id(1), step(0), &everywhere)
        .await
        .unwrap();
    assert_eq!(changed, Changed::Done(pending(1)));
    ada.account.standing.epoch = Epoch::from_number(1);
    let found = place
        .second
        .accounts
        .by_id(account_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.account, ada.account);
    assert_eq!(found.password_hash, ada.password_hash);
}

pub(crate) async fn a_change_at_another_epoch_changes_nothing(place: &Place) {
    let ada = place.register().await;
    let accounts = &place.first.accounts;
    let other = step(1);
    for change in [
        new_password("b", keeping(7, 0)),
        EndingChange::LogOutEverywhere,
        EndingChange::Delete,
    ] {
        assert_eq!(
            accounts
                .change(account_id(1), other, &change)
                .await
                .unwrap(),
            Changed::Lost
        );
        let nobody = accounts
            .change(account_id(2), step(0), &change)
            .await
            .unwrap();
        assert_eq!(nobody, Changed::Lost);
    }
    let found = accounts.by_id(account_id(1)).await.unwrap().unwrap();
    assert_eq!(found.account, ada.account);
    assert_eq!(found.password_hash, ada.password_hash);
    assert_eq!(accounts.pending_endings(10).await.unwrap(), []);
}

pub(crate) async fn a_rehash_replaces_the_stored_hash_only_and_ends_nothing(place: &Place) {
    let ada = place.register().await;
    let accounts = &place.first.accounts;
    let (old, new, other) = (hash("a"), hash("b"), hash("c"));
    assert!(!accounts.rehash(account_id(1), &other, &new).await.unwrap());
    assert!(!accounts.rehash(account_id(2), &old, &new).await.unwrap());
    assert!(accounts.rehash(account_id(1), &old, &new).await.unwrap());
    let found = place
        .second
        .accounts
        .by_id(account_id(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.password_hash, Some(new));
    assert_eq!(found.account, ada.account);
    assert_eq!(accounts.pending_endings(10).await.unwrap(), []);
}

pub(crate) async fn endings_stay_pending_until_they_are_done(place: &Place) {
    let accounts = &place.first.accounts;
    let mut endings = Vec::new();
    for number in 1..=3 {
        let who = credentials(number, &format!("person{number}@example.com"));
        accounts.create(&who).await.unwrap();
        let change = EndingChange::LogOutEverywhere;
        let changed = accounts
            .change(account_id(number), step(0), &change)
            .await
            .unwrap();
        if let Changed::Done(ending) = changed {
            endings.push(ending);
        }
    }
    let elsewhere = &place.second.accounts;
    assert_eq!(elsewhere.pending_endings(10).await.unwrap(), endings);
    let oldest = endings.remove(0);
    assert_eq!(elsewhere.pending_endings(1).await.unwrap(), [oldest]);
    for _ in 0..2 {
        elsewhere.endings_done(oldest).await.unwrap();
        assert_eq!(accounts.pending_endings(10).await.unwrap(), endings);
    }
}

pub(crate) async fn a_later_change_stays_pending(place: &Place) {
    place.register().await;
    let accounts = &place.first.accounts;
    for epoch in 0..2 {
        let (expected, everywhere) = (step(epoch), EndingChange::LogOutEverywhere);
        accounts
            .change(account_id(1), expected, &everywhere)
            .await
            .unwrap();
    }
    assert_eq!(accounts.pending_endings(10).await.unwrap(), [pending(2)]);
    accounts.endings_done(pending(1)).await.unwrap();
    assert_eq!(accounts.pending_endings(10).await.unwrap(), [pending(2)]);
    accounts.endings_done(pending(2)).await.unwrap();
    assert_eq!(accounts.pending_endings(10).await.unwrap(), []);
}

/// Changes account 1, which is at `epoch`.
async fn change(place: &Place, epoch: u32, change: &EndingChange) -> Changed {
    let accounts = &place.first.accounts;
    let expected = step(epoch);
    accounts
        .change(account_id(1), expected, change)
        .await
        .unwrap()
}

async fn kept_session(place: &Place) -> Option<KeptSession> {
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    found.and_then(|found| found.account.standing.kept)
}

fn pending(epoch: u32) -> PendingEnding {
    ending_before(Epoch::from_number(epoch), None)
}
