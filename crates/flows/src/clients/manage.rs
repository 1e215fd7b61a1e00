//! What an operator does with clients. What takes something away from a client also takes the
//! access tokens that it has.

use std::time::Duration;

use signet_core::account::DisplayName;
use signet_core::client::{
    Authentication, Client, ClientKeys, ClientSecret, ClientSecrets, ClientStatus, Permissions,
    Registration, RegistrationProblem, SignInRules,
};
use signet_core::ids::TokenId;
use signet_core::names::{COMMAND_LINE_CLIENT, ClientId};
use signet_core::session::denied_until;
use signet_store::{Denied, Registered, StoreError, Stores, Swapped, TokenFacts};
use signet_verifier::Timestamp;

use crate::events::{self, Event};
use crate::origin::Caller;
use crate::random::system_rng;

/// A client to be registered.
#[derive(Debug)]
pub struct NewClient {
    /// Its name in requests and tokens.
    pub id: ClientId,
    /// What it is called among people.
    pub name: Option<DisplayName>,
    /// What it may ask for.
    pub permissions: Permissions,
    /// How it will prove who it is.
    pub authenticate: Authenticate,
    /// Its rules for the people who sign in with it.
    pub sign_in: SignInRules,
    /// How long its access tokens live; none for the server's lifetime.
    pub token_ttl: Option<Duration>,
}

/// How a new client will prove who it is.
#[derive(Debug)]
pub enum Authenticate {
    /// Not at all.
    Nothing,
    /// By a secret that the server makes.
    Secret,
    /// By assertions signed with one of these keys.
    PrivateKey(ClientKeys),
}

/// What is done about the secret before the newest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rotate {
    /// A new secret; the newest so far stays good beside it.
    Begin,
    /// A new secret, and no other is good from now on.
    AtOnce,
    /// No new secret; the newest is the only one from now on.
    Finish,
}

/// A client, and its new secret: the one time that it is known.
#[derive(Debug)]
pub struct IssuedClient {
    /// The client as it is now.
    pub client: Client,
    /// Its new secret, if it has one.
    pub secret: Option<ClientSecret>,
}

/// Registers a client, with a new secret if it is to have one. In the second in which another of
/// that id was removed it waits for the next one.
///
/// # Errors
///
/// [`ManageError`]
pub async fn register(
    stores: &Stores,
    new: NewClient,
    server_ttl: Duration,
    now: Timestamp,
    caller: Caller<'_>,
) -> Result<IssuedClient, ManageError> {
    let (authentication, secret) = match new.authenticate {
        Authenticate::Nothing => (Authentication::Nothing, None),
        Authenticate::PrivateKey(keys) => (Authentication::PrivateKey(keys), None),
        Authenticate::Secret => {
            let secret = ClientSecret::random(&mut system_rng());
            let secrets = ClientSecrets::new(&secret);
            (Authentication::Secret(secrets), Some(secret))
        }
    };
    let registration = Registration {
        id: new.id,
        name: new.name,
        permissions: new.permissions,
        authentication,
        sign_in: new.sign_in,
        token_ttl: new.token_ttl,
    };
    let client = registration.check(server_ttl, now)?;
    outlast_denial(stores, &client.id, now).await?;
    match stores.clients.create(&client).await? {
        Registered::Added => {
            events::emit(Event::ClientRegistered(&client.id), caller);
            Ok(IssuedClient { client, secret })
        }
        Registered::IdTaken => Err(ManageError::IdTaken),
    }
}

/// Moves a client from one secret to the next.
///
/// # Errors
///
/// [`ManageError`]
pub async fn rotate_secret(
    stores: &Stores,
    id: &ClientId,
    rotate: Rotate,
    caller: Caller<'_>,
) -> Result<IssuedClient, ManageError> {
    let client = find(stores, id).await?;
    let Authentication::Secret(secrets) = &client.authentication else {
        return Err(ManageError::NoSecret);
    };
    let secret = (rotate != Rotate::Finish).then(|| ClientSecret::random(&mut system_rng()));
    let secrets = match (&secret, rotate) {
        (Some(secret), Rotate::AtOnce) => ClientSecrets::new(secret),
        (Some(secret), _) => secrets.rotated(secret),
        (None, _) => secrets.finished(),
    };
    let next = client.changed(|client| client.authentication = Authentication::Secret(secrets));
    swap(stores, &next).await?;
    events::emit(Event::ClientSecretRotated(id), caller);
    Ok(IssuedClient {
        client: next,
        secret,
    })
}

/// Switches a client off or on again. Switching it off denies the tokens that it has. Switching it
/// on in the same second waits for the next one.
///
/// # Errors
///
/// [`ManageError`]
pub async fn set_status(
    stores: &Stores,
    id: &ClientId,
    status: ClientStatus,
    now: Timestamp,
    caller: Caller<'_>,
) -> Result<Client, ManageError> {
    let mut client = find(stores, id).await?;
    if status == ClientStatus::Active {
        outlast_denial(stores, id, now).await?;
    }
    if client.status != status {
        client = client.changed(|client| client.status = status);
        swap(stores, &client).await?;
    }
    if status == ClientStatus::Disabled {
        deny_tokens(stores, id, now).await?;
    }
    let event = match status {
        ClientStatus::Active => Event::ClientEnabled(id),
        ClientStatus::Disabled => Event::ClientDisabled(id),
    };
    events::emit(event, caller);
    Ok(client)
}

/// Removes a client and denies the tokens that it has; of [`COMMAND_LINE_CLIENT`], which is none,
/// the tokens only.
///
/// # Errors
///
/// [`ManageError`]
pub async fn delete(
    stores: &Stores,
    id: &ClientId,
    now: Timestamp,
    caller: Caller<'_>,
) -> Result<(), ManageError> {
    if id.as_str() != COMMAND_LINE_CLIENT {
        find(stores, id).await?;
    }
    // First: after a failure in between, the client is still there to be removed again.
    deny_tokens(stores, id, now).await?;
    stores.clients.delete(id).await?;
    events::emit(Event::ClientDeleted(id), caller);
    Ok(())
}

/// The client with this id, switched off or not.
async fn find(stores: &Stores, id: &ClientId) -> Result<Client, ManageError> {
    let found = stores.clients.find(id).await?;
    found.ok_or(ManageError::Unknown)
}

async fn swap(stores: &Stores, next: &Client) -> Result<(), ManageError> {
    match stores.clients.swap(next).await? {
        Swapped::Done => Ok(()),
        Swapped::Lost => Err(ManageError::Contended),
    }
}

async fn deny_tokens(stores: &Stores, id: &ClientId, now: Timestamp) -> Result<(), StoreError> {
    let denied = Denied::Client {
        id: id.clone(),
        issued_until: now,
    };
    stores.deny_list.deny(&denied, denied_until(now)).await
}

/// Waits until a new token of the client can be told from those that were denied.
async fn outlast_denial(stores: &Stores, id: &ClientId, now: Timestamp) -> Result<(), StoreError> {
    if let Some(rest) = denied_for(stores, id, now).await? {
        tokio::time::sleep(rest).await;
    }
    Ok(())
}

/// How much longer new tokens of the client would be denied with those before; none if they are
/// not.
async fn denied_for(
    stores: &Stores,
    id: &ClientId,
    now: Timestamp,
) -> Result<Option<Duration>, StoreError> {
    let new_token = TokenFacts {
        account_id: None,
        session_id: None,
        client_id: id,
        id: TokenId::random(&mut system_rng()),
        issued_at: Timestamp::from_seconds(now.as_seconds()),
    };
    let is_denied = stores.deny_list.is_denied(new_token, now).await?;
    Ok(is_denied.then(|| rest_of_second(now)))
}

/// How long it is until tokens say another time: they say in whole seconds when they were issued.
fn rest_of_second(now: Timestamp) -> Duration {
    let this_second = Timestamp::from_seconds(now.as_seconds());
    let next_second = this_second.saturating_add(Duration::from_secs(1));
    next_second.saturating_since(now)
}

/// Why something was not done with a client.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is no client with this id.
    #[error("there is no client with this id")]
    Unknown,
    /// Another client has this id.
    #[error("a client with this id exists")]
    IdTaken,
    /// The client does not prove who it is by a secret.
    #[error("this client has no secret")]
    NoSecret,
    /// Somebody else changed the client at the same moment.
    #[error("the client was changed by somebody else at this moment; look at it and try again")]
    Contended,
    /// A client cannot be registered like this.
    #[error("{0}")]
    Registration(#[from] RegistrationProblem),
    /// The store cannot answer.
    #[error("{0}")]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests {
    use signet_core::client::GrantType;
    use signet_core::names::BUILT_IN_CLIENT;
    use signet_store::{RedisOptions, StoreUrls, open};
    use tempfile::TempDir;

    use super::*;

    const BY: Caller<'_> = Caller::COMMAND_LINE;
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_900);
    /// What is left of the second in which something was denied.
    const REST_OF_SECOND: Duration = Duration::from_millis(100);

    async fn with_client(folder: &TempDir) -> (Stores, ClientId) {
        let file = folder.path().join("signet.db");
        let urls = StoreUrls {
            database_url: format!("sqlite://{}", file.display()),
            redis_url: None,
            redis: RedisOptions::default(),
        };
        let stores = open(&urls, NOW).await.unwrap();
        let id: ClientId = "billing".parse().unwrap();
        add_client(&stores, &id).await;
        (stores, id)
    }

    async fn add_client(stores: &Stores, id: &ClientId) {
        let new = NewClient {
            id: id.clone(),
            name: None,
            permissions: Permissions {
                grants: vec![GrantType::ClientCredentials],
                audiences: vec!["orders".parse().unwrap()],
                ..Permissions::default()
            },
            authenticate: Authenticate::Secret,
            sign_in: SignInRules::default(),
            token_ttl: None,
        };
        let ttl = Duration::from_mins(10);
        register(stores, new, ttl, NOW, BY).await.unwrap();
    }

    #[test]
    fn a_second_ends_with_the_next_one() {
        for (millis, rest) in [(0, 1_000), (1, 999), (900, 100), (999, 1)] {
            let now = Timestamp::from_millis(1_800_000_000_000 + millis);
            assert_eq!(rest_of_second(now), Duration::from_millis(rest), "{millis}");
        }
    }

    #[tokio::test]
    async fn a_client_that_was_switched_off_is_denied_to_the_end_of_the_second() {
        let folder = tempfile::tempdir().unwrap();
        let (stores, id) = with_client(&folder).await;
        assert_eq!(denied_for(&stores, &id, NOW).await.unwrap(), None);
        let off = set_status(&stores, &id, ClientStatus::Disabled, NOW, BY).await;
        assert_eq!(off.unwrap().status, ClientStatus::Disabled);
        let rest = denied_for(&stores, &id, NOW).await.unwrap();
        assert_eq!(rest, Some(REST_OF_SECOND));
        let next_second = NOW.saturating_add(REST_OF_SECOND);
        assert_eq!(denied_for(&stores, &id, next_second).await.unwrap(), None);
        let on = set_status(&stores, &id, ClientStatus::Active, next_second, BY).await;
        assert_eq!(on.unwrap().status, ClientStatus::Active);
        stores.close().await.unwrap();
    }

    #[tokio::test]
    async fn so_is_one_that_was_removed_and_what_the_command_line_has_given_out() {
        let folder = tempfile::tempdir().unwrap();
        let (stores, registered) = with_client(&folder).await;
        for id in [registered, COMMAND_LINE_CLIENT.parse().unwrap()] {
            delete(&stores, &id, NOW, BY).await.unwrap();
            let rest = denied_for(&stores, &id, NOW).await.unwrap();
            assert_eq!(rest, Some(REST_OF_SECOND), "{id}");
        }
        stores.close().await.unwrap();
    }

    #[tokio::test]
    async fn nothing_is_denied_to_a_client_that_cannot_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (stores, _) = with_client(&folder).await;
        for id in [BUILT_IN_CLIENT, "nobody"] {
            let id: ClientId = id.parse().unwrap();
            let removed = delete(&stores, &id, NOW, BY).await;
            assert!(matches!(removed, Err(ManageError::Unknown)), "{id}");
            assert_eq!(denied_for(&stores, &id, NOW).await.unwrap(), None, "{id}");
        }
        stores.close().await.unwrap();
    }
}
