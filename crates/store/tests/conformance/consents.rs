//! What consents promise.

use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

use crate::clients::client;
use crate::given::{NOW, Place, account_id, after};
use crate::races::at_once;

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

async fn add(place: &Place, grant: &ConsentGrant) -> bool {
    let consents = &place.first.consents;
    consents.add(account_id(1), &wiki(), grant).await.unwrap()
}

async fn remove(place: &Place) -> bool {
    let consents = &place.first.consents;
    consents.remove(account_id(1), &wiki()).await.unwrap()
}

async fn add_usual(place: &Place, seconds: u64) -> bool {
    add(place, &grant("read", seconds)).await
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
    assert!(add_usual(place, 60).await);
    assert_eq!(find(place, after(59)).await, Some(consent(60)));
    assert_eq!(find(place, after(60)).await, None);
    assert!(add_usual(place, 90).await);
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
    for (first, second) in [(60, 30), (30, 60)] {
        assert!(add_usual(place, first).await);
        assert!(add(place, &grant("write", second)).await);
        let both = Consent::new(grant("write", second), Some(consent(first)));
        assert_eq!(find(place, after(59)).await, Some(both));
        assert_eq!(find(place, after(60)).await, None);
        assert!(remove(place).await);
    }
}

pub(crate) async fn consents_go_with_their_account_and_their_client(place: &Place) {
    place.register().await;
    assert!(!add_usual(place, 60).await, "without a client");
    place.first.clients.create(&client("wiki")).await.unwrap();
    assert!(add_usual(place, 60).await);
    place.second.clients.delete(&wiki()).await.unwrap();
    assert_eq!(find(place, NOW).await, None);
    place.first.clients.create(&client("wiki")).await.unwrap();
    assert_eq!(find(place, NOW).await, None);
}

pub(crate) async fn purged_consents_are_those_past_their_time(place: &Place) {
    with_account_and_client(place).await;
    add_usual(place, 60).await;
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
    assert!(add_usual(place, 60).await);
    let longer = consent(90);
    let added = first.add(account_id(1), &blog, &grant("read", 90)).await;
    assert!(added.unwrap());
    let listed = second.list(account_id(1), after(59)).await.unwrap();
    let both = [(blog.clone(), longer.clone()), (wiki(), consent(60))];
    assert_eq!(listed, both);
    let listed = second.list(account_id(1), after(60)).await.unwrap();
    assert_eq!(listed, [(blog, longer)]);
    assert_eq!(second.list(account_id(2), NOW).await.unwrap(), []);
}

pub(crate) async fn a_consent_is_removed_once(place: &Place) {
    with_account_and_client(place).await;
    assert!(!remove(place).await);
    assert!(add_usual(place, 60).await);
    let (consents, wiki) = (&place.first.consents, wiki());
    assert!(!consents.remove(account_id(2), &wiki).await.unwrap());
    assert!(remove(place).await);
    assert_eq!(find(place, NOW).await, None);
    assert!(!remove(place).await);
}

pub(crate) async fn of_thirty_grants_at_once_none_is_lost(place: &Place) {
    with_account_and_client(place).await;
    at_once(place, THIRTY, |stores, turn| async move {
        let grant = grant(&format!("s{turn}"), 60);
        let added = stores.consents.add(account_id(1), &wiki(), &grant).await;
        assert!(added.unwrap());
    })
    .await;
    let found = find(place, NOW).await.unwrap();
    let mut scopes: Vec<_> = found.grants().map(|grant| grant.scope.clone()).collect();
    scopes.sort();
    let mut all: Vec<_> = (0..THIRTY)
        .map(|turn| grant(&format!("s{turn}"), 60).scope)
        .collect();
    all.sort();
    assert_eq!(scopes, all);
}

pub(crate) async fn a_grant_beside_a_withdrawal_brings_nothing_back(place: &Place) {
    with_account_and_client(place).await;
    for _ in 0..ROUNDS {
        assert!(add_usual(place, 60).await);
        at_once(place, 2, |stores, turn| async move {
            let (consents, id, wiki) = (stores.consents, account_id(1), wiki());
            let done = match turn {
                0 => consents.add(id, &wiki, &grant("write", 60)).await,
                _ => consents.remove(id, &wiki).await,
            };
            assert!(done.unwrap());
        })
        .await;
        // The withdrawal came last, or the grant found nothing.
        if let Some(left) = find(place, NOW).await {
            assert_eq!(left, Consent::new(grant("write", 60), None));
            assert!(remove(place).await);
        }
    }
}

pub(crate) async fn a_grant_beside_a_purge_stays(place: &Place) {
    with_account_and_client(place).await;
    let later = ConsentGrant {
        given_at: after(30),
        ..grant("write", 60)
    };
    for _ in 0..ROUNDS {
        assert!(add_usual(place, 30).await);
        at_once(place, 2, |stores, turn| {
            let later = later.clone();
            async move {
                let consents = stores.consents;
                match turn {
                    0 => assert!(consents.add(account_id(1), &wiki(), &later).await.unwrap()),
                    _ => assert!(consents.purge(after(30), 10).await.unwrap() <= 1),
                }
            }
        })
        .await;
        let left = Consent::new(later.clone(), None);
        assert_eq!(find(place, after(30)).await, Some(left));
        assert!(remove(place).await);
    }
}

pub(crate) async fn a_grant_beside_the_deletion_of_its_client_goes_with_it(place: &Place) {
    place.register().await;
    for _ in 0..ROUNDS {
        place.first.clients.create(&client("wiki")).await.unwrap();
        at_once(place, 2, |stores, turn| async move {
            if turn == 0 {
                assert!(stores.clients.delete(&wiki()).await.unwrap());
            } else {
                let grant = grant("read", 60);
                let added = stores.consents.add(account_id(1), &wiki(), &grant).await;
                // Whether it came first.
                let _either = added.unwrap();
            }
        })
        .await;
        assert_eq!(find(place, NOW).await, None);
    }
}

const THIRTY: usize = 30;

/// How often two that compete begin together.
const ROUNDS: usize = 20;
