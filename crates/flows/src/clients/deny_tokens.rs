//! Putting every token of a client on the deny list, also those that requests in flight get.
//!
//! Each token says in whole seconds when it was issued, and a denial covers all seconds up to one.
//! Issuing reads the client, and exchanging reads the deny list, after the `iat` is chosen. So a
//! denial whose time is read after the change covers every token that was issued before it.

use std::time::Duration;

use signet_core::client::Client;
use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_core::names::ClientId;
use signet_core::session::denied_until;
use signet_store::{Denied, StoreError, Stores};
use signet_verifier::{Clock, Timestamp};

use crate::issue::facts_of_new_token;

/// Denies the tokens that a client has and those that it gets from requests admitted before the
/// change. Call it after the change is stored. `issue_from` is the one of the client before the
/// change: its tokens may have an `iat` that lies ahead.
pub(super) async fn deny_tokens(
    stores: &Stores,
    id: &ClientId,
    issue_from: Timestamp,
    clock: &dyn Clock,
) -> Result<(), StoreError> {
    let now = clock.now();
    // Another replica may have issued a token by a clock that is ahead of this one.
    let ahead = |now: Timestamp| now.saturating_add(MAX_REPLICA_CLOCK_DIFFERENCE);
    deny_up_to(stores, id, ahead(now).max(issue_from)).await?;
    // An exchange may have read the deny list just before the entry was written.
    let written_at = clock.now();
    if written_at.as_seconds() > now.as_seconds() {
        deny_up_to(stores, id, ahead(written_at).max(issue_from)).await?;
    }
    Ok(())
}

async fn deny_up_to(
    stores: &Stores,
    id: &ClientId,
    issued_until: Timestamp,
) -> Result<(), StoreError> {
    let denied = Denied::Client {
        id: id.clone(),
        issued_until,
    };
    stores
        .deny_list
        .deny(&denied, denied_until(issued_until))
        .await
}

/// Sets when a registration begins: later than each token and each session of a client with the same
/// id that was removed before. `None` if that lies too far ahead, because clients of this id were
/// registered and removed again and again just now.
pub(super) async fn after_removed(
    stores: &Stores,
    mut client: Client,
    now: Timestamp,
) -> Result<Option<Client>, StoreError> {
    let from = first_free_second(stores, &client.id, now).await?;
    if from.saturating_since(now) >= Duration::from_secs(MAX_WAIT_SECONDS - 1) {
        return Ok(None);
    }
    client.created_at = client.created_at.max(from);
    client.issue_from = from;
    Ok(Some(client))
}

/// The earliest `iat`, from `now` on, of a token of the client that is not on the deny list.
pub(super) async fn first_free_second(
    stores: &Stores,
    id: &ClientId,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let mut issued_at = Timestamp::from_seconds(now.as_seconds());
    for _ in 0..MAX_WAIT_SECONDS {
        let token = facts_of_new_token((None, None), std::slice::from_ref(id), issued_at);
        if !stores.deny_list.is_denied(token, now).await? {
            break;
        }
        issued_at = issued_at.saturating_add(Duration::from_secs(1));
    }
    Ok(issued_at)
}

/// The latest `iat` that a token has at `now`, of a client that was not removed and registered again
/// just before. A client that cannot be read counts as such a one, because a denial for
/// `MAX_WAIT_SECONDS` would keep its id from being registered again for a minute.
pub(super) fn latest_issue_from(now: Timestamp) -> Timestamp {
    now.saturating_add(Duration::from_secs(LONGEST_WAIT_SECONDS))
}

/// A denial reaches as far ahead of the clock that made it as clocks may differ, and that clock may
/// itself be as far ahead of this one; one more for the second that has begun.
const LONGEST_WAIT_SECONDS: u64 = 2 * MAX_REPLICA_CLOCK_DIFFERENCE.as_secs() + 1;

/// How far ahead a free second is looked for. Each removal of a client that already issues ahead denies
/// one more.
const MAX_WAIT_SECONDS: u64 = 60;
