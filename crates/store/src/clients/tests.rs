//! Clients whose rows break a rule, for every database.

use std::time::Duration;

use signet_core::client::{
    Authentication, Client, GrantType, Permissions, Registration, SignInRules,
};
use signet_verifier::Timestamp;

use super::Clients;
use crate::backend::Backend;

/// Adds the clients `a` to `e`.
pub(crate) async fn add_five(store: &impl Clients) {
    for id in ["a", "b", "c", "d", "e"] {
        store.create(&client(id)).await.unwrap();
    }
}

/// Checks a store after [`SPOIL`]: it lists the clients `a` and `e` and names the others once.
pub(crate) async fn two_are_listed_and_three_are_named(store: &(impl Clients + Backend)) {
    for limit in [2, 1_000] {
        let listed = store.list(None, limit).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|client| client.id.as_str()).collect();
        assert_eq!(listed, ["a", "e"]);
    }
    assert_eq!(unreadable(store).await, 3);
    let mut named = store.newly_unreadable_clients();
    named.sort();
    assert_eq!(named, ["b", "c c", "d"]);
    assert!(store.newly_unreadable_clients().is_empty());
}

/// How many clients are known to be unreadable.
pub(crate) async fn unreadable(store: &impl Backend) -> usize {
    store.check().await.unwrap().unreadable_clients
}

fn client(id: &str) -> Client {
    let registration = Registration {
        id: id.parse().unwrap(),
        name: None,
        permissions: Permissions {
            grants: vec![GrantType::RefreshToken],
            audiences: vec!["api".parse().unwrap()],
            ..Permissions::default()
        },
        authentication: Authentication::Nothing,
        sign_in: SignInRules::default(),
        token_ttl: None,
    };
    let now = Timestamp::from_seconds(1_800_000_000);
    registration.check(Duration::from_mins(10), now).unwrap()
}

/// Statements that break the rows of three clients: the record, the id and the version.
pub(crate) const SPOIL: [&str; 3] = [
    "UPDATE clients SET record = '{}' WHERE id = 'b'",
    "UPDATE clients SET id = 'c c' WHERE id = 'c'",
    "UPDATE clients SET version = -1 WHERE id = 'd'",
];

/// Removes these clients, as an operator does with SQL.
pub(crate) const REMOVE: &str = "DELETE FROM clients WHERE id IN ('b', 'c c', 'd')";
