//! The deny list in Redis: one value per thing that is refused.
//!
//! A value is 16 bytes: the last `iat` that is refused and until when, as milliseconds, big-endian.
//! Everything that is looked up for a token is in one command for each partition.

use async_trait::async_trait;
use futures::future::try_join_all;
use redis::Cmd;
use signet_verifier::Timestamp;

use super::Redis;
use super::epoch::Seen;
use super::fault::RedisFault;
use super::keys::Partition;
use super::scripts::Invocation;
use crate::deny_list::{Denied, DenyList, TokenFacts};
use crate::error::StoreError;
use crate::status_entry;

#[async_trait]
impl DenyList for Redis {
    async fn deny(&self, denied: &Denied, until: Timestamp) -> Result<(), StoreError> {
        let (script, partition) = self.denying(denied, until);
        let denied = self.end_surely::<()>(script.in_full(), partition).await;
        denied.map_err(|fault| fault.in_store(STORE))
    }

    async fn is_denied(&self, token: TokenFacts<'_>, now: Timestamp) -> Result<bool, StoreError> {
        let refused = self.refuses(token, now).await;
        refused.map_err(|fault| fault.in_store(STORE))
    }

    /// Redis drops what is past its time by itself.
    async fn purge(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }
}

/// The denial of every access token of a session, whenever it was issued.
pub(super) fn of_session(until: Timestamp) -> [u8; DENIAL_BYTES] {
    denial(ALL, until)
}

impl Redis {
    fn denying(&self, denied: &Denied, until: Timestamp) -> (Invocation<'_>, Partition) {
        let layout = self.layout;
        let (key, partition) = self.denial_key(denied);
        let mut script = match denied {
            Denied::Account { .. } => self.scripts.deny_account.prepare_invoke(),
            _ => self.scripts.deny.prepare_invoke(),
        };
        script.key(key).key(layout.status_logs(partition));
        if let Some(holder) = denied.holder() {
            script.key(layout.status_holder(&holder));
        }
        if let Denied::Account { id, .. } = denied {
            script.key(layout.sessions(*id)).key(layout.index(*id));
        }
        let mut entries = Vec::new();
        if let Denied::Token {
            status: Some(index),
            ..
        } = denied
        {
            status_entry::write(index.range(), &mut entries);
        }
        let issued_until = match denied {
            Denied::Session { .. } | Denied::Token { .. } => ALL,
            Denied::Client { issued_until, .. } | Denied::Account { issued_until, .. } => {
                *issued_until
            }
        };
        script.arg(&denial(issued_until, until)).arg(&entries);
        (script, partition)
    }

    fn denial_key(&self, denied: &Denied) -> (Vec<u8>, Partition) {
        let layout = self.layout;
        match denied {
            Denied::Session { account_id, id } => (
                layout.session_denial(*account_id, *id),
                layout.of_account(*account_id),
            ),
            Denied::Token { id, .. } => (layout.token_denial(*id), layout.of_token(*id)),
            Denied::Client { id, .. } => (layout.client_denial(id), layout.of_client(id)),
            Denied::Account { id, .. } => (layout.account_denial(*id), layout.of_account(*id)),
        }
    }

    async fn refuses(&self, token: TokenFacts<'_>, now: Timestamp) -> Result<bool, RedisFault> {
        let looks = self.denials_of(token).into_iter();
        let looks = looks.map(|(partition, keys)| async move {
            let known = self.epoch.known(partition);
            let (denials, seen) = self.look_up(partition, keys).await?;
            let refused_until = self.refused_until(known, &seen, now).await?;
            let denied =
                |denial: &Denial| denial.until > now && denial.issued_until >= token.issued_at;
            Ok::<_, RedisFault>(token.issued_at <= refused_until || denials.iter().any(denied))
        });
        let refused: Vec<bool> = try_join_all(looks).await?;
        Ok(refused.contains(&true))
    }

    /// The keys of the denials that a token may have, by partition.
    fn denials_of(&self, token: TokenFacts<'_>) -> Vec<(Partition, Vec<Vec<u8>>)> {
        let layout = self.layout;
        let mut denials: Vec<(Partition, Vec<Vec<u8>>)> = Vec::with_capacity(3);
        let mut add = |partition: Partition, key: Vec<u8>| match denials
            .iter_mut()
            .find(|(known, _)| *known == partition)
        {
            Some((_, keys)) => keys.push(key),
            None => denials.push((partition, vec![key])),
        };
        add(layout.of_token(token.id), layout.token_denial(token.id));
        for client in token.clients {
            add(layout.of_client(client), layout.client_denial(client));
        }
        if let Some(account_id) = token.account_id {
            let partition = layout.of_account(account_id);
            add(partition, layout.account_denial(account_id));
            if let Some(id) = token.session_id {
                add(partition, layout.session_denial(account_id, id));
            }
        }
        denials
    }

    /// One command: denials and epoch are of the same moment.
    pub(super) async fn look_up(
        &self,
        partition: Partition,
        keys: Vec<Vec<u8>>,
    ) -> Result<(Vec<Denial>, Seen), RedisFault> {
        let mut command = Cmd::new();
        command.arg("MGET");
        for key in self.epoch.keys(partition).iter().chain(&keys) {
            command.arg(key);
        }
        let values: Vec<Option<Vec<u8>>> = self.hot.query(&command).await?;
        let mut values = values.iter().map(Option::as_deref);
        let (epoch, count) = (values.next().flatten(), values.next().flatten());
        let seen = Seen::read(epoch, count)?;
        let denials = values.flatten().map(read).collect::<Result<_, _>>()?;
        Ok((denials, seen))
    }
}

pub(super) struct Denial {
    pub(super) issued_until: Timestamp,
    pub(super) until: Timestamp,
}

fn denial(issued_until: Timestamp, until: Timestamp) -> [u8; DENIAL_BYTES] {
    let (first, last) = (issued_until.as_millis(), until.as_millis());
    ((u128::from(first) << u64::BITS) | u128::from(last)).to_be_bytes()
}

pub(super) fn read(value: &[u8]) -> Result<Denial, RedisFault> {
    let (issued_until, rest) = split_millis(value)?;
    let (until, _) = split_millis(rest)?;
    Ok(Denial {
        issued_until,
        until,
    })
}

fn split_millis(value: &[u8]) -> Result<(Timestamp, &[u8]), RedisFault> {
    let Some((bytes, rest)) = value.split_first_chunk() else {
        return Err(RedisFault::Impossible("a denial that is too short"));
    };
    Ok((Timestamp::from_millis(u64::from_be_bytes(*bytes)), rest))
}

const DENIAL_BYTES: usize = 16;

/// Later than every `iat`: refuses all tokens, whenever they were issued.
const ALL: Timestamp = Timestamp::from_millis(u64::MAX);

const STORE: &str = "deny list";
