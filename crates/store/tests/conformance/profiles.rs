//! What updates of accounts promise.

use futures::future::join_all;
use serde_json::json;
use signet_core::account::{Account, AccountClaims, AccountStatus, Epoch};
use signet_store::{AccountFilter, Changed, Created, EndingChange, PendingEnding, Updated};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, account_id, after, credentials, keeping, new_password, step};

async fn update(place: &Place, previous: &Account, next: &Account) -> Updated {
    let profiles = &place.first.profiles;
    profiles.update(previous, next).await.unwrap()
}

async fn find(place: &Place) -> Account {
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    found.unwrap().account
}

fn claims() -> AccountClaims {
    let claims = json!({"tenant": "acme", "plan": 3});
    AccountClaims::from_object(claims.as_object().unwrap().clone()).unwrap()
}

/// Everything that an update can change.
fn renewed(account: Account) -> Account {
    account.changed(|account| {
        account.email = "Countess@Example.org".parse().unwrap();
        account.email_verified_at = Some(after(7));
        account.name = None;
        account.roles = vec!["billing".parse().unwrap()];
        account.issue_from = after(3);
        account.claims = claims();
        account.standing.status = AccountStatus::Invited;
    })
}

pub(crate) async fn an_update_changes_everything_but_id_and_password(place: &Place) {
    let ada = place.register().await;
    let next = renewed(ada.account.clone());
    assert_eq!(
        update(place, &ada.account, &next).await,
        Updated::Done(None)
    );
    let accounts = &place.second.accounts;
    let found = accounts.by_email(&next.email).await.unwrap().unwrap();
    assert_eq!(found.account, next);
    assert_eq!(found.password_hash, ada.password_hash);
    let gone = accounts.by_email(&ada.account.email).await.unwrap();
    assert!(gone.is_none());
    assert_eq!(accounts.pending_endings(10).await.unwrap(), []);
}

pub(crate) async fn an_account_without_a_password_is_found_as_it_was_stored(place: &Place) {
    let mut ada = credentials(1, "ada@example.com");
    ada.password_hash = None;
    ada.account = renewed(ada.account);
    let created = place.first.accounts.create(&ada).await.unwrap();
    assert_eq!(created, Created::Added);
    let found = place.second.accounts.by_id(account_id(1)).await.unwrap();
    let found = found.unwrap();
    assert_eq!(found.account, ada.account);
    assert_eq!(found.password_hash, None);
}

pub(crate) async fn an_update_that_raises_the_epoch_ends_what_came_before(place: &Place) {
    let ada = place.register().await.account;
    let kept = new_password("b", keeping(1, 0));
    let accounts = &place.first.accounts;
    let changed = accounts.change(account_id(1), step(0), &kept);
    let Changed::Done(ending) = changed.await.unwrap() else {
        unreachable!("nobody else changes the account");
    };
    accounts.endings_done(ending).await.unwrap();
    let previous = find(place).await;
    assert_eq!(previous.standing.kept, Some(keeping(1, 0)));
    assert_ne!(previous, ada);
    let renamed = previous.clone().changed(|account| account.name = None);
    assert_eq!(
        update(place, &previous, &renamed).await,
        Updated::Done(None)
    );
    assert_eq!(find(place).await.standing.kept, Some(keeping(1, 0)));

    let next = renamed
        .clone()
        .changed(|account| account.roles.clear())
        .ended(Timestamp::from_seconds(0));
    let ending = PendingEnding {
        account_id: account_id(1),
        before: Epoch::from_number(2),
        kept: None,
    };
    let updated = update(place, &renamed, &next).await;
    assert_eq!(updated, Updated::Done(Some(ending)));
    assert_eq!(find(place).await, next);
    assert_eq!(accounts.pending_endings(10).await.unwrap(), [ending]);
}

pub(crate) async fn an_update_of_an_earlier_version_or_epoch_changes_nothing(place: &Place) {
    let ada = place.register().await.account;
    let next = renewed(ada.clone());
    update(place, &ada, &next).await;
    assert_eq!(
        update(place, &ada, &renewed(ada.clone())).await,
        Updated::Lost
    );
    let accounts = &place.first.accounts;
    let everywhere = EndingChange::LogOutEverywhere;
    accounts
        .change(account_id(1), step(0), &everywhere)
        .await
        .unwrap();
    let stale = renewed(next.clone());
    assert_eq!(update(place, &next, &stale).await, Updated::Lost);
    let current = find(place).await;
    assert_eq!(current.version, 1);
    assert_eq!(current.standing.epoch, Epoch::from_number(1));
    let stranger = Account {
        id: account_id(2),
        ..current
    };
    let renamed = renewed(stranger.clone());
    assert_eq!(update(place, &stranger, &renamed).await, Updated::Lost);
}

pub(crate) async fn an_address_of_another_account_is_refused(place: &Place) {
    let ada = place.register().await.account;
    let bob = credentials(2, "Bob@example.com");
    place.first.accounts.create(&bob).await.unwrap();
    let email = "bOB@example.com".parse().unwrap();
    let next = ada.clone().changed(|account| account.email = email);
    assert_eq!(update(place, &ada, &next).await, Updated::EmailTaken);
    assert_eq!(find(place).await, ada);
    let email = "ADA@example.com".parse().unwrap();
    let next = ada.clone().changed(|account| account.email = email);
    assert_eq!(update(place, &ada, &next).await, Updated::Done(None));
}

pub(crate) async fn of_fifty_updates_of_one_version_one_is_done(place: &Place) {
    let ada = place.register().await.account;
    let tries = (0..50).map(|turn| {
        let (ada, stores) = (&ada, place.handle(turn));
        async move {
            let name = format!("Ada {turn}").parse().unwrap();
            let next = ada.clone().changed(|account| account.name = Some(name));
            stores.profiles.update(ada, &next).await.unwrap()
        }
    });
    let updated = join_all(tries).await;
    let done = updated.iter().filter(|updated| **updated != Updated::Lost);
    assert_eq!(done.count(), 1);
    assert_eq!(find(place).await.version, 1);
}

pub(crate) async fn accounts_are_listed_by_address_role_and_status(place: &Place) {
    for number in 1..=4 {
        let mut account = credentials(number, &format!("ada{number}@example.com"));
        if number % 2 == 0 {
            account.account.roles = vec!["orders".parse().unwrap()];
        }
        if number > 2 {
            account.account.standing.status = AccountStatus::Disabled;
        }
        place.first.accounts.create(&account).await.unwrap();
    }
    let filter = |role: Option<&str>, status| AccountFilter {
        email: None,
        role: role.map(|role| role.parse().unwrap()),
        status,
    };
    let disabled = Some(AccountStatus::Disabled);
    for (filter, after, expected) in [
        (filter(None, None), 0, vec![1, 2, 3, 4]),
        (filter(Some("orders"), None), 0, vec![2, 4]),
        (filter(Some("orders:read"), None), 0, vec![1, 3]),
        (filter(Some("orders:read"), None), 1, vec![3]),
        (filter(Some("order"), None), 0, vec![]),
        (filter(None, disabled), 0, vec![3, 4]),
        (filter(Some("orders"), disabled), 0, vec![4]),
        (filter(None, Some(AccountStatus::Invited)), 0, vec![]),
    ] {
        assert_eq!(list(place, &filter, after).await, expected, "{filter:?}");
    }
    let by_email = |status| AccountFilter {
        email: Some("ADA3@example.com".parse().unwrap()),
        role: None,
        status,
    };
    assert_eq!(list(place, &by_email(None), 0).await, [3]);
    assert_eq!(list(place, &by_email(disabled), 0).await, [3]);
    assert_eq!(list(place, &by_email(None), 3).await, Vec::<u8>::new());
    let active = by_email(Some(AccountStatus::Active));
    assert_eq!(list(place, &active, 0).await, Vec::<u8>::new());
    assert_eq!(find(place).await.created_at, NOW);
}

async fn list(place: &Place, filter: &AccountFilter, after: u8) -> Vec<u8> {
    let after = (after > 0).then(|| account_id(after));
    let accounts = &place.second.accounts;
    let listed = accounts.list(filter, after, 10).await.unwrap();
    listed
        .iter()
        .map(|account| account.id.as_bytes()[0])
        .collect()
}
