//! Clients whose rows break a rule, for every database.

use std::time::Duration;

use signet_core::client::{
    Authentication, Client, ClientStatus, GrantType, Permissions, Registration, SignInRules,
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

/// Checks a store with five clients: a record that SQL changes is found changed at once, though its
/// version stays. `run` runs one of the statements of this file.
pub(crate) async fn a_record_is_found_as_sql_has_left_it(
    store: &(impl Clients + Backend),
    run: impl AsyncFn(&str),
) {
    let id = "a".parse().unwrap();
    let find = async || store.find(&id).await.unwrap().unwrap();
    assert_eq!(find().await.status, ClientStatus::Active);
    run(DISABLE).await;
    let found = find().await;
    assert_eq!(found.status, ClientStatus::Disabled);
    assert_eq!(found.version, 1);
    run(HIDE).await;
    for _ in 0..2 {
        assert!(store.find(&id).await.is_err());
        assert_eq!(unreadable(store).await, 1);
    }
    run(MEND).await;
    assert_eq!(find().await.status, ClientStatus::Disabled);
    assert_eq!(unreadable(store).await, 0);
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

const DISABLE: &str = r#"
    UPDATE clients SET record = replace(record, '"disabled":false', '"disabled":true')
    WHERE id = 'a'"#;

const HIDE: &str = "UPDATE clients SET record = '?' || record WHERE id = 'a'";

const MEND: &str = "UPDATE clients SET record = substr(record, 2) WHERE id = 'a'";

/// Removes these clients, as an operator does with SQL.
pub(crate) const REMOVE: &str = "DELETE FROM clients WHERE id IN ('b', 'c c', 'd')";
