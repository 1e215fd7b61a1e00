//! Which bit of a revocation list an access token names.
//!
//! A session has one bit for each list whose period it is refreshed in, kept in its record. Every
//! other token has a bit of its own, out of blocks that belong to its client; what else can end it
//! is attached in the store. So each ending finds its bits without a look at tokens.

use signet_core::access_token::{AccessTokenClaims, Subject};
use signet_core::account::Account;
use signet_core::client::Client;
use signet_core::keys::MAX_REPLICA_CLOCK_DIFFERENCE;
use signet_core::session::{Session, denied_until};
use signet_core::status_list::{ListId, StatusIndex, StatusList, read_claim};
use signet_store::{Denied, StatusHolder, StoreError, TokenFacts};
use signet_verifier::{MAX_LEEWAY, Timestamp};

use crate::flows::Flows;
use crate::issue::{Period, facts_of_new_token};
use crate::own_token::OwnToken;
use crate::random::system_rng;

/// Whether a session has got another bit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use = "confirm a new bit after the session was stored"]
pub(crate) enum Assigned {
    /// It keeps its bit, or there are no lists.
    Nothing,
    /// It has another bit, for tokens of this `iat` and later.
    New(Timestamp),
}

impl Flows {
    /// Gives a session a bit that its next tokens may name. Store the session afterwards, and then
    /// confirm the bit.
    pub(crate) async fn assign_status(
        &self,
        session: &mut Session,
        account: &Account,
        client: &Client,
        now: Timestamp,
    ) -> Result<Assigned, StoreError> {
        if !self.settings.status_lists {
            return Ok(Assigned::Nothing);
        }
        let issue_from = client.issue_from.max(account.issue_from);
        if let Some(index) = session.status.last() {
            self.look_after_denial(issue_from, now).await?;
            if self.status_lists.state().known.takes_tokens(*index, now) {
                return Ok(Assigned::Nothing);
            }
        }
        session.add_status(self.take_status(client, now).await?, now);
        Ok(Assigned::New(now.max(issue_from)))
    }

    /// Checks a new bit after its session was stored. If the account was denied in between, that
    /// denial did not find the bit, so it is set here.
    pub(crate) async fn confirm_status(
        &self,
        assigned: Assigned,
        session: &Session,
        client: &Client,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        match (assigned, session.status.last()) {
            (Assigned::New(issued_at), Some(index)) => {
                let owner = (Some(session.account_id), Some(session.id));
                let clients = std::slice::from_ref(&client.id);
                let token = facts_of_new_token(owner, clients, issued_at);
                self.confirm_index(*index, token, now).await
            }
            _ => Ok(()),
        }
    }

    /// Returns the bit of a token that is issued now, and the latest `exp` that its list allows.
    /// The period names the bit in the record of its session.
    pub(crate) async fn status_of_token(
        &self,
        client: &Client,
        claims: &AccessTokenClaims<'_>,
        period: Period,
    ) -> Result<Option<(StatusIndex, Timestamp)>, StoreError> {
        let now = period.now;
        if !self.settings.status_lists {
            return Ok(None);
        }
        if let Some(index) = period.status {
            let issue_from = client.issue_from.max(period.issue_from);
            self.look_after_denial(issue_from, now).await?;
            let known = self.status_lists.state().known.tokens_until(index, now);
            if let Some(end) = known {
                return Ok(Some((index, end)));
            }
        }
        let index = self.take_status(client, now).await?;
        let holders = holders(client, claims);
        if !holders.is_empty() {
            let lists = &self.stores.status_lists;
            lists.attach(index, &holders, now).await?;
        }
        if let Subject::Account(account_id) = claims.subject {
            let owner = (Some(account_id), claims.session.map(|session| session.id));
            let clients = std::slice::from_ref(&client.id);
            let token = facts_of_new_token(owner, clients, period.issued_at(client));
            self.confirm_index(index, token, now).await?;
        }
        Ok(Some((index, index.expires_at.saturating_sub(MAX_LEEWAY))))
    }

    /// Returns the bit that a token of ours names.
    pub(crate) fn status_in(&self, token: &OwnToken) -> Option<StatusIndex> {
        let claim = token.claims.extra.get("status")?;
        let (list, index) = read_claim(claim, &self.settings.issuer)?;
        let known = self.status_lists.find(list);
        let after_token = token.claims.exp.saturating_add(MAX_LEEWAY);
        Some(StatusIndex {
            list,
            index,
            expires_at: known.map_or(after_token, |list| list.expires_at),
        })
    }

    async fn take_status(
        &self,
        client: &Client,
        now: Timestamp,
    ) -> Result<StatusIndex, StoreError> {
        let owner = (&client.id, client.issue_from);
        loop {
            if let Some(index) = self.status_lists.take(owner, now) {
                return Ok(index);
            }
            let id = ListId::random(&mut system_rng());
            let refused_until = self.status_lists.state().refused_until;
            let fresh = StatusList::opening(id, now, self.settings.access_token_ttl);
            let lists = &self.stores.status_lists;
            let leased = lists.lease(&client.id, fresh, (now, refused_until)).await?;
            self.status_lists.add(owner, leased);
        }
    }

    /// The tokens of a client or an account were denied a moment ago, and it may have new ones. Its
    /// bits may be set without being known here yet.
    async fn look_after_denial(
        &self,
        issue_from: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let matters_until = issue_from.saturating_add(2 * MAX_REPLICA_CLOCK_DIFFERENCE);
        if now < matters_until {
            return self.look_at_status_lists().await;
        }
        Ok(())
    }

    async fn confirm_index(
        &self,
        index: StatusIndex,
        token: TokenFacts<'_>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let id = token.id;
        let deny_list = &self.stores.deny_list;
        if deny_list.is_denied(token, now).await? {
            let status = Some(index);
            let denied = Denied::Token { id, status };
            deny_list.deny(&denied, denied_until(now)).await?;
        }
        Ok(())
    }
}

/// What can end a token besides its client, which has the block of its bit.
fn holders(client: &Client, claims: &AccessTokenClaims<'_>) -> Vec<StatusHolder> {
    let mut holders = Vec::new();
    match claims.subject {
        Subject::Account(account_id) => {
            holders.push(StatusHolder::Account(account_id));
            holders.extend(claims.session.map(|session| StatusHolder::Session {
                account_id,
                id: session.id,
            }));
        }
        Subject::Client(id) if *id != client.id => holders.push(StatusHolder::Client(id.clone())),
        Subject::Client(_) => {}
    }
    let others = claims.actors.iter().filter(|actor| **actor != client.id);
    holders.extend(others.cloned().map(StatusHolder::Client));
    holders
}
