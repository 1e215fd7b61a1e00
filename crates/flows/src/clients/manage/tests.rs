//! What a disabled, deleted or re-created client has of its tokens.

use signet_core::client::GrantType;
use signet_core::names::{BUILT_IN_CLIENT, COMMAND_LINE_CLIENT};
use signet_store::{RedisOptions, StoreUrls, open};
use signet_verifier::ManualClock;
use tempfile::TempDir;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_900);

fn operator() -> ClientId {
    ClientId::of_operator("ada").unwrap()
}

fn by(operator: &ClientId) -> Caller<'_> {
    Caller::command_line(operator)
}

async fn with_client(folder: &TempDir) -> (Stores, ClientId) {
    let file = folder.path().join("signet.db");
    let urls = StoreUrls {
        database_url: format!("sqlite://{}", file.display()),
        redis_url: None,
        redis: RedisOptions::default(),
        migration: signet_store::Migration::Automatic,
    };
    let stores = open(&urls, NOW).await.unwrap();
    let id: ClientId = "billing".parse().unwrap();
    add_client(&stores, &id).await;
    (stores, id)
}

async fn add_client(stores: &Stores, id: &ClientId) -> Client {
    let new = NewClient {
        id: id.clone(),
        name: None,
        permissions: Permissions {
            grants: vec![GrantType::ClientCredentials],
            audiences: vec!["orders".parse().unwrap()],
            ..Permissions::default()
        },
        authenticate: NewAuthentication::Secret,
        sign_in: SignInRules::default(),
        token_ttl: None,
    };
    let ttl = Duration::from_mins(10);
    let issued = register(stores, new, ttl, &ManualClock::new(NOW), by(&operator())).await;
    issued.unwrap().client
}

/// The earliest time from `now` on at which a token could be issued that is not denied.
async fn free_from(stores: &Stores, id: &ClientId, now: Timestamp) -> u64 {
    let free = first_free_second(stores, id, now).await.unwrap();
    free.as_seconds() - NOW.as_seconds()
}

#[tokio::test]
async fn a_client_that_was_disabled_is_denied_as_far_ahead_as_clocks_may_differ() {
    let folder = tempfile::tempdir().unwrap();
    let (stores, id) = with_client(&folder).await;
    let clock = ManualClock::new(NOW);
    assert_eq!(free_from(&stores, &id, NOW).await, 0);
    let off = set_status(
        &stores,
        &id,
        ClientStatus::Disabled,
        &clock,
        by(&operator()),
    )
    .await;
    assert_eq!(off.unwrap().status, ClientStatus::Disabled);
    assert_eq!(free_from(&stores, &id, NOW).await, 3);
    let on = set_status(&stores, &id, ClientStatus::Active, &clock, by(&operator())).await;
    let on = on.unwrap();
    assert_eq!(on.status, ClientStatus::Active);
    assert_eq!(on.issues_at(NOW).as_seconds() - NOW.as_seconds(), 3);
    stores.close().await.unwrap();
}

#[tokio::test]
async fn so_is_one_that_was_removed_and_what_the_command_line_has_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let (stores, registered) = with_client(&folder).await;
    let clock = ManualClock::new(NOW);
    for id in [registered.clone(), COMMAND_LINE_CLIENT.parse().unwrap()] {
        delete(&stores, &id, &clock, by(&operator())).await.unwrap();
        assert_eq!(free_from(&stores, &id, NOW).await, 3, "{id}");
    }
    let again = add_client(&stores, &registered).await;
    assert_eq!(again.issue_from.as_seconds() - NOW.as_seconds(), 3);
    assert_eq!(again.created_at, again.issue_from);
    stores.close().await.unwrap();
}

#[tokio::test]
async fn nothing_is_denied_to_a_client_that_cannot_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (stores, _) = with_client(&folder).await;
    for (id, said) in [
        (
            BUILT_IN_CLIENT,
            "the client signet is built into the server: it is not registered, and cannot be shown, \
             changed or removed",
        ),
        ("nobody", "there is no client with this id"),
    ] {
        let id: ClientId = id.parse().unwrap();
        let removed = delete(&stores, &id, &ManualClock::new(NOW), by(&operator())).await;
        assert_eq!(removed.unwrap_err().to_string(), said);
        assert_eq!(free_from(&stores, &id, NOW).await, 0, "{id}");
    }
    stores.close().await.unwrap();
}
