//! What the outbox and changes with mail promise.

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_core::ids::MailId;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_store::{Backlog, Changed, Created, EndingChange, LeasedMail, QueuedMail, Updated};
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, account_id, after, credentials, step};

fn mail(number: u8) -> QueuedMail {
    QueuedMail {
        id: MailId::from_bytes([number; 16]),
        account_id: Some(account_id(1)),
        payload: vec![number; 300],
        due: NOW,
        until: after(3_600),
    }
}

fn link() -> Link {
    Link {
        purpose: OneTimePurpose::VerifyEmail,
        digest: OneTimeDigest::from_bytes([1; 32]),
        account_id: account_id(1),
        epoch: Epoch::default(),
        email: "ada@example.com".parse().unwrap(),
        until: after(60),
    }
}

async fn put(place: &Place, number: u8) -> bool {
    place.first.outbox.put(&mail(number)).await.unwrap()
}

/// The numbers and attempts of the mails that are leased at `now` for a minute.
async fn lease(place: &Place, now: Timestamp) -> Vec<(u8, u32)> {
    let until = now.saturating_add(std::time::Duration::from_mins(1));
    let leased = place.second.outbox.lease(now, until, 10).await.unwrap();
    let mut numbers: Vec<_> = leased
        .iter()
        .map(|leased| (leased.mail.id.as_bytes()[0], leased.attempt))
        .collect();
    numbers.sort_unstable();
    numbers
}

pub(crate) async fn a_mail_is_leased_as_it_was_stored(place: &Place) {
    assert!(!put(place, 1).await, "its account does not exist yet");
    place.register().await;
    assert!(put(place, 1).await);
    let leased = place.second.outbox.lease(NOW, after(60), 10).await.unwrap();
    let stored = QueuedMail {
        due: after(60),
        ..mail(1)
    };
    let expected = LeasedMail {
        mail: stored,
        attempt: 1,
    };
    assert_eq!(leased, [expected]);
}

pub(crate) async fn leased_mail_is_due_again_when_the_lease_expires(place: &Place) {
    place.register().await;
    put(place, 1).await;
    assert_eq!(lease(place, NOW).await, [(1, 1)]);
    assert_eq!(lease(place, after(59)).await, []);
    assert_eq!(lease(place, after(60)).await, [(1, 2)]);
}

pub(crate) async fn the_backlog_counts_leased_mail_too(place: &Place) {
    place.register().await;
    let backlog = || async { place.second.outbox.backlog().await.unwrap() };
    let expected = |mails, next_due| Backlog { mails, next_due };
    assert_eq!(backlog().await, expected(0, None));
    put(place, 1).await;
    put(place, 2).await;
    assert_eq!(backlog().await, expected(2, Some(NOW)));
    lease(place, NOW).await;
    assert_eq!(backlog().await, expected(2, Some(after(60))));
}

pub(crate) async fn only_the_latest_attempt_postpones_a_mail(place: &Place) {
    place.register().await;
    put(place, 1).await;
    lease(place, NOW).await;
    let outbox = &place.first.outbox;
    outbox.postpone(mail(1).id, 2, after(10)).await.unwrap();
    assert_eq!(lease(place, after(10)).await, []);
    outbox.postpone(mail(1).id, 1, after(10)).await.unwrap();
    assert_eq!(lease(place, after(9)).await, []);
    assert_eq!(lease(place, after(10)).await, [(1, 2)]);
}

pub(crate) async fn removed_mail_is_gone_as_is_mail_of_a_deleted_account(place: &Place) {
    let ada = place.register().await;
    put(place, 1).await;
    put(place, 2).await;
    place.first.outbox.remove(mail(1).id).await.unwrap();
    place.first.outbox.remove(mail(1).id).await.unwrap();
    assert_eq!(lease(place, NOW).await, [(2, 1)]);
    let accounts = &place.first.accounts;
    let deleted = accounts.change(ada.account.id, step(0), &EndingChange::Delete);
    assert!(matches!(deleted.await.unwrap(), Changed::Done(_)));
    assert_eq!(lease(place, after(60)).await, []);
}

pub(crate) async fn of_fifty_workers_one_leases_a_mail(place: &Place) {
    place.register().await;
    put(place, 1).await;
    let workers = (0..50).map(|turn| {
        let stores = place.handle(turn);
        async move { stores.outbox.lease(NOW, after(60), 10).await.unwrap().len() }
    });
    assert_eq!(join_all(workers).await.into_iter().sum::<usize>(), 1);
}

pub(crate) async fn a_mail_is_stored_with_its_link_or_not_at_all(place: &Place) {
    let changes = &place.first.mailed_changes;
    assert!(!changes.put_link(&link(), &mail(1)).await.unwrap());
    assert_eq!(lease(place, NOW).await, []);
    let ada = credentials(1, "ada@example.com");
    let created = changes.create(&ada, &link(), &mail(1)).await.unwrap();
    assert_eq!(created, Created::Added);
    let links = &place.second.links;
    let found = links.find(link().purpose, link().digest, NOW).await;
    assert_eq!(found.unwrap(), Some(link()));
    let again = credentials(2, "ADA@example.com");
    let created = changes.create(&again, &link(), &mail(2)).await.unwrap();
    assert_eq!(created, Created::EmailTaken);
    assert!(changes.put_link(&link(), &mail(3)).await.unwrap());
    assert_eq!(lease(place, NOW).await, [(1, 1), (3, 1)]);
}

pub(crate) async fn a_mail_is_stored_with_its_change_or_not_at_all(place: &Place) {
    let ada = place.register().await.account;
    let changes = &place.first.mailed_changes;
    let all = EndingChange::LogOutEverywhere;
    let early = step(7);
    let lost = changes.change((ada.id, early), &all, &mail(1)).await;
    assert_eq!(lost.unwrap(), Changed::Lost);
    let current = (ada.id, step(0));
    let done = changes.change(current, &all, &mail(2)).await.unwrap();
    assert!(matches!(done, Changed::Done(_)));
    let ada = ada.ended(Timestamp::from_seconds(0));
    let next = ada.clone().changed(|account| account.name = None);
    let updated = changes.update(&ada, &next, &mail(3)).await.unwrap();
    assert_eq!(updated, Updated::Done(None));
    let updated = changes.update(&ada, &next, &mail(4)).await.unwrap();
    assert_eq!(updated, Updated::Lost);
    let bob = credentials(2, "bob@example.com");
    place.first.accounts.create(&bob).await.unwrap();
    let taken = next
        .clone()
        .changed(|account| account.email = bob.account.email);
    let updated = changes.update(&next, &taken, &mail(5)).await.unwrap();
    assert_eq!(updated, Updated::EmailTaken);
    assert_eq!(lease(place, NOW).await, [(2, 1), (3, 1)]);
}

pub(crate) async fn mail_without_an_account_is_stored_and_purged_after_its_time(place: &Place) {
    let unknown = QueuedMail {
        account_id: None,
        ..mail(1)
    };
    let outbox = &place.first.outbox;
    assert!(outbox.put(&unknown).await.unwrap());
    let leased = place.second.outbox.lease(NOW, after(60), 10).await.unwrap();
    let accounts: Vec<_> = leased.iter().map(|leased| leased.mail.account_id).collect();
    assert_eq!(accounts, [None]);
    assert_eq!(outbox.purge(after(3_599), 10).await.unwrap(), 0);
    assert_eq!(outbox.purge(after(3_600), 10).await.unwrap(), 1);
    assert_eq!(outbox.purge(after(3_600), 10).await.unwrap(), 0);
}
