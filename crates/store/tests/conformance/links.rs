//! What one-time links promise.

use futures::future::join_all;
use signet_core::account::Epoch;
use signet_core::link::Link;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_store::EndingChange;
use signet_verifier::Timestamp;

use crate::given::{NOW, Place, account_id, after, step};

const RESET: OneTimePurpose = OneTimePurpose::ResetPassword;
const VERIFY: OneTimePurpose = OneTimePurpose::VerifyEmail;

fn link(purpose: OneTimePurpose, number: u8) -> Link {
    Link {
        purpose,
        digest: digest(number),
        account_id: account_id(1),
        epoch: Epoch::from_number(3),
        email: "Ada@example.com".parse().unwrap(),
        until: after(60),
    }
}

fn digest(number: u8) -> OneTimeDigest {
    OneTimeDigest::from_bytes([number; 32])
}

async fn put(place: &Place, link: &Link) -> bool {
    place.first.links.put(link).await.unwrap()
}

async fn take(place: &Place, number: u8, now: Timestamp) -> Option<Link> {
    let links = &place.second.links;
    links.take(RESET, digest(number), now).await.unwrap()
}

pub(crate) async fn a_link_is_found_and_taken_once(place: &Place) {
    place.register().await;
    assert!(put(place, &link(RESET, 1)).await);
    let links = &place.second.links;
    let found = links.find(RESET, digest(1), NOW).await.unwrap();
    assert_eq!(found, Some(link(RESET, 1)));
    assert_eq!(take(place, 2, NOW).await, None);
    assert_eq!(take(place, 1, after(59)).await, Some(link(RESET, 1)));
    assert_eq!(take(place, 1, NOW).await, None);
    let found = links.find(RESET, digest(1), NOW).await.unwrap();
    assert_eq!(found, None);
}

pub(crate) async fn a_link_does_not_exist_for_another_purpose_or_after_its_time(place: &Place) {
    place.register().await;
    put(place, &link(RESET, 1)).await;
    let links = &place.second.links;
    let other = links.take(VERIFY, digest(1), NOW).await.unwrap();
    assert_eq!(other, None);
    assert_eq!(take(place, 1, after(60)).await, None);
    let late = links.find(RESET, digest(1), after(60)).await.unwrap();
    assert_eq!(late, None);
    assert_eq!(take(place, 1, after(59)).await, Some(link(RESET, 1)));
}

pub(crate) async fn a_new_link_takes_the_place_of_the_earlier_one(place: &Place) {
    place.register().await;
    put(place, &link(RESET, 1)).await;
    put(place, &link(VERIFY, 2)).await;
    put(place, &link(RESET, 3)).await;
    assert_eq!(take(place, 1, NOW).await, None);
    assert_eq!(take(place, 3, NOW).await, Some(link(RESET, 3)));
    let links = &place.second.links;
    let other = links.take(VERIFY, digest(2), NOW).await.unwrap();
    assert_eq!(other, Some(link(VERIFY, 2)));
}

pub(crate) async fn links_go_with_their_account(place: &Place) {
    assert!(!put(place, &link(RESET, 1)).await);
    place.register().await;
    put(place, &link(RESET, 1)).await;
    let accounts = &place.first.accounts;
    accounts
        .change(account_id(1), step(0), &EndingChange::Delete)
        .await
        .unwrap();
    assert_eq!(take(place, 1, NOW).await, None);
}

pub(crate) async fn of_fifty_takers_of_a_link_one_wins(place: &Place) {
    place.register().await;
    put(place, &link(RESET, 1)).await;
    let tries = (0..50).map(|turn| async move {
        let links = place.handle(turn).links;
        links.take(RESET, digest(1), NOW).await.unwrap()
    });
    let taken = join_all(tries).await.into_iter().flatten();
    assert_eq!(taken.collect::<Vec<_>>(), [link(RESET, 1)]);
}

pub(crate) async fn purged_links_are_those_past_their_time(place: &Place) {
    place.register().await;
    put(place, &link(RESET, 1)).await;
    let mut later = link(VERIFY, 2);
    later.until = after(61);
    put(place, &later).await;
    assert_eq!(place.first.links.purge(after(60), 10).await.unwrap(), 1);
    let links = &place.second.links;
    let left = links.find(VERIFY, digest(2), after(60)).await.unwrap();
    assert_eq!(left, Some(later));
}
