//! Changing what a registered client may do and how it signs people in.

use std::time::Duration;

use signet_core::client::{Authentication, Client, ClientUpdate, KnownBy};
use signet_core::names::ClientId;
use signet_store::Stores;
use signet_verifier::Clock;

use super::deny_tokens::deny_tokens;
use super::manage::{
    IssuedClient, ManageError, NewAuthentication, check_reach, find, issuing_past_denials, swap,
};
use crate::events::{self, Event};
use crate::origin::Caller;

/// A change of a client.
#[derive(Debug)]
pub struct ClientChange {
    /// Which client.
    pub id: ClientId,
    /// What is changed. Its `authentication` is replaced by `authenticate`.
    pub update: ClientUpdate,
    /// How the client authenticates from now on; `None` if that stays. A client with secrets keeps
    /// them.
    pub authenticate: Option<NewAuthentication>,
    /// The version that the caller has seen. If the client has another one, nothing is changed.
    pub version: Option<u64>,
}

/// Changes a client. Sessions keep only what the client may still have. If the client loses
/// something, or authenticates in another way, its access tokens are denied, and its next tokens
/// say that they were issued a few seconds later.
///
/// # Errors
///
/// [`ManageError`]. If it is [`ManageError::Store`], the change may have been made; its tokens were
/// denied before.
pub async fn update(
    stores: &Stores,
    change: ClientChange,
    server_ttl: Duration,
    clock: &dyn Clock,
    caller: Caller<'_>,
) -> Result<IssuedClient, ManageError> {
    let client = find(stores, &change.id).await?;
    check_reach(caller, &client)?;
    if client.known_by == KnownBy::MetadataDocument {
        return Err(ManageError::Unregistered);
    }
    if let Some(read) = change.version
        && read != client.version
    {
        let current = client.version;
        return Err(ManageError::Outdated { read, current });
    }
    let authenticate = change.authenticate;
    let authenticate = authenticate.filter(|new| !keeps_secrets(new, &client));
    let (authentication, secret) = authenticate.map(NewAuthentication::begin).unzip();
    let secret = secret.flatten();
    let update = ClientUpdate {
        authentication,
        ..change.update
    };
    let mut next = client.updated(update, server_ttl)?;
    check_reach(caller, &next)?;
    let loses = client.loses_to(&next);
    if loses {
        // Before: if the change is stored and the denial fails, a repeated change denies nothing.
        deny_tokens(stores, &next.id, next.issue_from, clock).await?;
    }
    swap(stores, &next).await?;
    if loses {
        // After: requests that were admitted before the change may have got tokens.
        deny_tokens(stores, &next.id, next.issue_from, clock).await?;
        next = issuing_past_denials(stores, next, clock.now()).await?;
    }
    events::emit(Event::ClientUpdated(&next.id), caller);
    Ok(IssuedClient {
        client: next,
        secret,
    })
}

/// Whether the client has secrets already, so that it keeps them.
fn keeps_secrets(new: &NewAuthentication, client: &Client) -> bool {
    let has_secrets = matches!(client.authentication, Authentication::Secret(_));
    has_secrets && matches!(new, NewAuthentication::Secret)
}
