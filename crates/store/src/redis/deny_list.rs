//! The deny list in Redis: one value per thing that is refused.
//!
//! A value is 16 bytes: the last `iat` that is refused and until when, as milliseconds, big-endian.
//! Everything that is looked up for a token is in one command.

use async_trait::async_trait;
use redis::Cmd;
use signet_verifier::Timestamp;

use super::Redis;
use super::epoch::Seen;
use super::fault::RedisFault;
use super::keys;
use crate::deny_list::{Denied, DenyList, TokenFacts};
use crate::error::StoreError;

#[async_trait]
impl DenyList for Redis {
    async fn deny(&self, denied: &Denied, until: Timestamp) -> Result<(), StoreError> {
        let (key, issued_until) = match denied {
            Denied::Session { account_id, id } => (keys::session_denial(*account_id, *id), ALL),
            Denied::Token(id) => (keys::token_denial(*id), ALL),
            Denied::Client { id, issued_until } => (keys::client_denial(id), *issued_until),
            Denied::Account { id, issued_until } => (keys::account_denial(*id), *issued_until),
        };
        let mut script = self.scripts.deny.prepare_invoke();
        script.key(key).arg(&denial(issued_until, until));
        let denied = self.end_surely::<()>(&script).await;
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
    async fn refuses(&self, token: TokenFacts<'_>, now: Timestamp) -> Result<bool, RedisFault> {
        let known = self.epoch.known();
        let (denials, seen) = self.look_up(token).await?;
        let refused_until = self.refused_until(known, &seen, now).await?;
        let denied = |denial: &Denial| denial.until > now && denial.issued_until >= token.issued_at;
        Ok(token.issued_at <= refused_until || denials.iter().any(denied))
    }

    async fn look_up(&self, token: TokenFacts<'_>) -> Result<(Vec<Denial>, Seen), RedisFault> {
        let mut command = Cmd::new();
        command.arg("MGET");
        for key in self.epoch.keys() {
            command.arg(key);
        }
        command.arg(keys::token_denial(token.id));
        for client in token.clients {
            command.arg(keys::client_denial(client));
        }
        if let Some(account_id) = token.account_id {
            command.arg(keys::account_denial(account_id));
            if let Some(id) = token.session_id {
                command.arg(keys::session_denial(account_id, id));
            }
        }
        let values: Vec<Option<Vec<u8>>> = self.hot.query(&command).await?;
        let mut values = values.iter().map(Option::as_deref);
        let seen = Seen::read(values.next().flatten(), values.next().flatten())?;
        let denials = values.flatten().map(read).collect::<Result<_, _>>()?;
        Ok((denials, seen))
    }
}

struct Denial {
    issued_until: Timestamp,
    until: Timestamp,
}

fn denial(issued_until: Timestamp, until: Timestamp) -> [u8; DENIAL_BYTES] {
    let (first, last) = (issued_until.as_millis(), until.as_millis());
    ((u128::from(first) << u64::BITS) | u128::from(last)).to_be_bytes()
}

fn read(value: &[u8]) -> Result<Denial, RedisFault> {
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
