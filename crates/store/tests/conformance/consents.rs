//! What consents promise.

use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

use crate::clients::client;
use crate::given::{NOW, Place, account_id, after};

fn consent(seconds: u64) -> Consent {
    Consent::new(grant("read", seconds), None)
}

fn grant(scope: &str, seconds: u64) -> ConsentGrant {
    ConsentGrant {
        scope: vec!["openid".parse().unwrap(), scope.parse().unwrap()],
        audience: vec!["orders".parse().unwrap()],
        given_at: NOW,
        until: after(seconds),
    }
}

fn wiki() -> ClientId {
    "wiki".parse().unwrap()
}

async fn put(place: &Place, consent: &Consent) -> bool {
    let consents = &place.first.consents;
    consents.put(account_id(1), &wiki(), consent).await.unwrap()
}

async fn find(place: &Place, now: Timestamp) -> Option<Consent> {
    let consents = &place.second.consents;
    consents.find(account_id(1), &wiki(), now).await.unwrap()
}

async fn with_account_and_client(place: &Place) {
    place.register().await;
    place.first.clients.create(&client("wiki")).await.unwrap();
}

pub(crate) async fn a_consent_is_found_until_its_time(place: &Place) {
    with_account_and_client(place).await;
    assert_eq!(find(place, NOW).await, None);
    assert!(put(place, &consent(60)).await);
    assert_eq!(find(place, after(59)).await, Some(consent(60)));
    assert_eq!(find(place, after(60)).await, None);
    assert!(put(place, &consent(90)).await);
    assert_eq!(find(place, after(60)).await, Some(consent(90)));
    let other = "orders".parse().unwrap();
    let consents = &place.second.consents;
    let found = consents.find(account_id(1), &other, NOW).await.unwrap();
    assert_eq!(found, None);
}

pub(crate) async fn a_consent_with_several_grants_is_found_until_the_last_of_them_expires(
    place: &Place,
) {
    with_account_and_client(place).await;
    for both in [
        Consent::new(grant("write", 30), Some(consent(60))),
        Consent::new(grant("write", 60), Some(consent(30))),
    ] {
        assert!(put(place, &both).await);
        assert_eq!(find(place, after(59)).await, Some(both));
        assert_eq!(find(place, after(60)).await, None);
    }
}

pub(crate) async fn consents_go_with_their_account_and_their_client(place: &Place) {
    place.register().await;
    assert!(!put(place, &consent(60)).await, "without a client");
    place.first.clients.create(&client("wiki")).await.unwrap();
    assert!(put(place, &consent(60)).await);
    place.second.clients.delete(&wiki()).await.unwrap();
    assert_eq!(find(place, NOW).await, None);
    place.first.clients.create(&client("wiki")).await.unwrap();
    assert_eq!(find(place, NOW).await, None);
}

pub(crate) async fn purged_consents_are_those_past_their_time(place: &Place) {
    with_account_and_client(place).await;
    put(place, &consent(60)).await;
    let consents = &place.first.consents;
    assert_eq!(consents.purge(after(59), 10).await.unwrap(), 0);
    assert_eq!(consents.purge(after(60), 10).await.unwrap(), 1);
    assert_eq!(find(place, NOW).await, None);
}

pub(crate) async fn the_consents_of_an_account_are_listed_by_client(place: &Place) {
    with_account_and_client(place).await;
    let (first, second) = (&place.first.consents, &place.second.consents);
    assert_eq!(second.list(account_id(1), NOW).await.unwrap(), []);
    let blog: ClientId = "blog".parse().unwrap();
    place.first.clients.create(&client("blog")).await.unwrap();
    assert!(put(place, &consent(60)).await);
    let longer = consent(90);
    assert!(first.put(account_id(1), &blog, &longer).await.unwrap());
    let listed = second.list(account_id(1), after(59)).await.unwrap();
    let both = [(blog.clone(), longer.clone()), (wiki(), consent(60))];
    assert_eq!(listed, both);
    let listed = second.list(account_id(1), after(60)).await.unwrap();
    assert_eq!(listed, [(blog, longer)]);
    assert_eq!(second.list(account_id(2), NOW).await.unwrap(), []);
}

pub(crate) async fn a_consent_is_removed_once(place: &Place) {
    with_account_and_client(place).await;
    let consents = &place.first.consents;
    assert!(!consents.remove(account_id(1), &wiki()).await.unwrap());
    assert!(put(place, &consent(60)).await);
    assert!(!consents.remove(account_id(2), &wiki()).await.unwrap());
    assert!(consents.remove(account_id(1), &wiki()).await.unwrap());
    assert_eq!(find(place, NOW).await, None);
    assert!(!consents.remove(account_id(1), &wiki()).await.unwrap());
}
