//! What an operator does with clients. What takes something away from a client also takes the
//! access tokens that it has.

use std::sync::Arc;
use std::time::Duration;

use signet_core::account::DisplayName;
use signet_core::client::{
    Authentication, Client, ClientKeys, ClientSecret, ClientSecrets, ClientStatus, Permissions,
    Registration, RegistrationProblem, SignInRules,
};
use signet_core::names::{ADMIN_SCOPE, ClientId, Scope};
use signet_store::{Registered, StoreError, Stores, Swapped};
use signet_verifier::{Clock, Timestamp};

use super::deny_tokens::{after_removed, deny_tokens, first_free_second, latest_issue_from};
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
    pub authenticate: NewAuthentication,
    /// Its rules for the people who sign in with it.
    pub sign_in: SignInRules,
    /// How long its access tokens live; none for the server's lifetime.
    pub token_ttl: Option<Duration>,
}

/// How a new client will prove who it is.
#[derive(Debug)]
pub enum NewAuthentication {
    /// Not at all.
    Nothing,
    /// By a secret that the server makes.
    Secret,
    /// By assertions signed with one of these keys.
    PrivateKey(ClientKeys),
}

impl NewAuthentication {
    /// What the client authenticates with, and its secret if it gets one.
    pub(super) fn begin(self) -> (Authentication, Option<ClientSecret>) {
        match self {
            Self::Nothing => (Authentication::Nothing, None),
            Self::PrivateKey(keys) => (Authentication::PrivateKey(keys), None),
            Self::Secret => {
                let secret = ClientSecret::random(&mut system_rng());
                let secrets = ClientSecrets::new(&secret);
                (Authentication::Secret(secrets), Some(secret))
            }
        }
    }
}

/// What is done about the secret before the newest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rotate {
    /// A new secret; the newest so far stays good beside it.
    Begin,
    /// A new secret, and no other is good from now on.
    AtOnce,
    /// As [`Rotate::AtOnce`], and the access tokens that the client has are denied.
    AtOnceDenyingTokens,
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

/// Registers a client, with a new secret if it is to have one.
///
/// # Errors
///
/// [`ManageError`]
pub async fn register(
    stores: &Stores,
    new: NewClient,
    server_ttl: Duration,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<IssuedClient, ManageError> {
    let (authentication, secret) = new.authenticate.begin();
    let registration = Registration {
        id: new.id,
        name: new.name,
        permissions: new.permissions,
        authentication,
        sign_in: new.sign_in,
        token_ttl: new.token_ttl,
    };
    let now = clock.now();
    let client = registration.check(server_ttl, now)?;
    check_reach(caller, &client)?;
    let client = after_removed(stores, client, now).await?;
    let client = client.ok_or(ManageError::Contended)?;
    match stores.clients.create(&client).await? {
        Registered::Added => {
            events::emit(Event::ClientRegistered(&client.id), caller);
            Ok(IssuedClient { client, secret })
        }
        Registered::IdTaken => Err(ManageError::IdTaken),
    }
}

/// Moves a client from one secret to the next. If its tokens are denied, its next tokens say that
/// they were issued a few seconds later, so that they are not on the deny list.
///
/// # Errors
///
/// [`ManageError`]
pub async fn rotate_secret(
    stores: &Stores,
    id: &ClientId,
    rotate: Rotate,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<IssuedClient, ManageError> {
    let client = find(stores, id).await?;
    check_reach(caller, &client)?;
    let Authentication::Secret(secrets) = &client.authentication else {
        return Err(ManageError::NoSecret);
    };
    let secret = (rotate != Rotate::Finish).then(|| ClientSecret::random(&mut system_rng()));
    let secrets = match (&secret, rotate) {
        (Some(secret), Rotate::AtOnce | Rotate::AtOnceDenyingTokens) => ClientSecrets::new(secret),
        (Some(secret), _) => secrets.rotated(secret),
        (None, _) => secrets.finished(),
    };
    let mut next = client.changed(|client| client.authentication = Authentication::Secret(secrets));
    swap(stores, &next).await?;
    if rotate == Rotate::AtOnceDenyingTokens {
        deny_tokens(stores, id, next.issue_from, clock).await?;
        next = issuing_past_denials(stores, next, clock.now()).await?;
    }
    events::emit(Event::ClientSecretRotated(id), caller);
    Ok(IssuedClient {
        client: next,
        secret,
    })
}

/// Switches a client off or on again. Switching it off denies the tokens that it has. If it is
/// switched on within a few seconds of that, its new tokens say that they were issued a few seconds
/// later, so that they are not on the deny list.
///
/// # Errors
///
/// [`ManageError`]
pub async fn set_status(
    stores: &Stores,
    id: &ClientId,
    status: ClientStatus,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<Client, ManageError> {
    let client = find(stores, id).await?;
    check_reach(caller, &client)?;
    let client = match status {
        ClientStatus::Active => enable(stores, client, clock.now()).await?,
        ClientStatus::Disabled => {
            let client = disable(stores, client).await?;
            deny_tokens(stores, id, client.issue_from, clock).await?;
            client
        }
    };
    let event = match status {
        ClientStatus::Active => Event::ClientEnabled(id),
        ClientStatus::Disabled => Event::ClientDisabled(id),
    };
    events::emit(event, caller);
    Ok(client)
}

/// Removes a client and denies the tokens that it has. Its sessions are over: no client can refresh them,
/// also none that is registered with the same id later. The command line, and a person at it, is no
/// client: only its tokens are denied.
///
/// # Errors
///
/// [`ManageError`]
pub async fn delete(
    stores: &Stores,
    id: &ClientId,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<(), ManageError> {
    let issue_from = if id.is_command_line() {
        check_reach_for(caller, &[Scope::administration()])?;
        clock.now()
    } else {
        disable_readable(stores, id, clock, caller).await?
    };
    // Before: after a failure in between, the client is still there to be removed again.
    deny_tokens(stores, id, issue_from, clock).await?;
    if stores.clients.delete(id).await? {
        // After: another administrator may have enabled the client meanwhile.
        deny_tokens(stores, id, issue_from, clock).await?;
    }
    events::emit(Event::ClientDeleted(id), caller);
    Ok(())
}

pub(super) fn check_reach(caller: Caller<'_>, client: &Client) -> Result<(), ManageError> {
    check_reach_for(caller, &client.permissions.scopes)
}

fn check_reach_for(caller: Caller<'_>, scopes: &[Scope]) -> Result<(), ManageError> {
    if caller.may_change_client_with(scopes) {
        return Ok(());
    }
    Err(ManageError::Administers)
}

/// The client with this id, switched off or not.
///
/// # Errors
///
/// [`ManageError::BuiltIn`], [`ManageError::Unknown`] or [`ManageError::Store`]
pub async fn find(stores: &Stores, id: &ClientId) -> Result<Client, ManageError> {
    if id.is_built_in() {
        return Err(ManageError::BuiltIn(id.clone()));
    }
    let found = stores.clients.find(id).await?;
    let client = found.ok_or(ManageError::Unknown)?;
    Ok(Arc::unwrap_or_clone(client))
}

/// Disables a client that is about to be removed. Returns the last `iat` that its tokens may have. A
/// row that breaks a rule cannot be changed, and does not say what its client may do.
async fn disable_readable(
    stores: &Stores,
    id: &ClientId,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<Timestamp, ManageError> {
    match find(stores, id).await {
        Ok(client) => {
            check_reach(caller, &client)?;
            Ok(disable(stores, client).await?.issue_from)
        }
        Err(ManageError::Store(StoreError::Corrupt { .. })) => {
            check_reach_for(caller, &[Scope::administration()])?;
            Ok(latest_issue_from(clock.now()))
        }
        Err(error) => Err(error),
    }
}

async fn disable(stores: &Stores, client: Client) -> Result<Client, ManageError> {
    if client.status == ClientStatus::Disabled {
        return Ok(client);
    }
    let next = client.changed(|client| client.status = ClientStatus::Disabled);
    swap(stores, &next).await?;
    Ok(next)
}

async fn enable(stores: &Stores, client: Client, now: Timestamp) -> Result<Client, ManageError> {
    if client.status == ClientStatus::Active {
        return Ok(client);
    }
    let from = now.max(client.issue_from);
    let issue_from = first_free_second(stores, &client.id, from).await?;
    let next = client.changed(|client| {
        client.status = ClientStatus::Active;
        client.issue_from = issue_from;
    });
    swap(stores, &next).await?;
    Ok(next)
}

/// Stores that the next tokens of the client are issued after those that are denied.
pub(super) async fn issuing_past_denials(
    stores: &Stores,
    client: Client,
    now: Timestamp,
) -> Result<Client, ManageError> {
    let from = now.max(client.issue_from);
    let issue_from = first_free_second(stores, &client.id, from).await?;
    let next = client.changed(|client| client.issue_from = issue_from);
    swap(stores, &next).await?;
    Ok(next)
}

pub(super) async fn swap(stores: &Stores, next: &Client) -> Result<(), ManageError> {
    match stores.clients.swap(next).await? {
        Swapped::Done => Ok(()),
        Swapped::Lost => Err(ManageError::Contended),
    }
}

/// Why something was not done with a client.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is no client with this id.
    #[error("there is no client with this id")]
    Unknown,
    /// The server uses this id itself.
    #[error(
        "the client {0} is built into the server: it is not registered, and cannot be shown, changed \
         or removed"
    )]
    BuiltIn(ClientId),
    /// Another client has this id.
    #[error("a client with this id exists")]
    IdTaken,
    /// The client does not prove who it is by a secret.
    #[error("this client has no secret")]
    NoSecret,
    /// Another administrator changed the client at the same moment.
    #[error(
        "another administrator changed the client at the same moment; look at it and try again"
    )]
    Contended,
    /// The caller has seen an older version.
    #[error(
        "the client has changed since version {read} was read, and is at version {current} now; look at \
         it, and repeat the change with version {current} if it still fits"
    )]
    Outdated {
        /// The version that the caller has seen.
        read: u64,
        /// The version now.
        current: u64,
    },
    /// The client is unregistered, so its document and the settings say what it may do.
    #[error(
        "the metadata document of this client says what it may do: delete the client and register \
         its id to decide that yourself"
    )]
    Unregistered,
    /// The client may administer, and the caller may not change administrators.
    #[error(
        "this client may have scopes of the administration API: only a token with the scope \
             {ADMIN_SCOPE} can change it"
    )]
    Administers,
    /// A client cannot be registered like this.
    #[error("{0}")]
    Registration(#[from] RegistrationProblem),
    /// The store cannot answer.
    #[error("{0}")]
    Store(#[from] StoreError),
}

#[cfg(test)]
mod tests;
