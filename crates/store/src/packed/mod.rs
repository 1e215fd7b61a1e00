//! The packed session record: one value that every backend stores as it is.
//!
//! `format` byte 1, then the fields of [`Packed`] in the encoding of the postcard crate: varints,
//! strings with their length before them. Account and session id are the key of the record and not
//! in it. Times are written as milliseconds since `created_at`, because small numbers are short.
//! Formats are dear: a change of this one is a new format byte, and the old one stays readable.
//! This module must not know where the bytes go.

mod user_agent;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use signet_core::account::Epoch;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::{Audience, Scope};
use signet_core::session::record::MAX_USER_AGENT_LENGTH;
use signet_core::session::{Generation, Grant, Lifetime, Rotation, Session};
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;

/// Writes a record in the newest format.
pub(crate) fn pack(session: &Session) -> Result<Vec<u8>, ImpossibleRow> {
    let user_agent = user_agent::shorten(&session.user_agent);
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    bytes.push(FORMAT_1);
    postcard::to_extend(&Packed::new(session, &user_agent), bytes)
        .map_err(|_| ImpossibleRow("a session that cannot be written"))
}

/// Reads a record of any format that was ever written.
pub(crate) fn unpack(
    account_id: AccountId,
    id: SessionId,
    bytes: &[u8],
) -> Result<Session, ImpossibleRow> {
    let Some((&FORMAT_1, body)) = bytes.split_first() else {
        return Err(ImpossibleRow("a record of an unknown format"));
    };
    let Ok((packed, [])) = postcard::take_from_bytes::<Packed<'_>>(body) else {
        return Err(ImpossibleRow("a record that cannot be read"));
    };
    packed.into_session(account_id, id)
}

/// Format 1. The order of the fields is the format.
#[derive(Serialize, Deserialize)]
struct Packed<'a> {
    version: u64,
    generation: u32,
    accepted: u32,
    floor: u32,
    previous_floor: u32,
    created_at: u64,
    burst_after: i64,
    rotated_after: i64,
    recovered_after: i64,
    authenticated_after: i64,
    idle_expires_after: i64,
    absolute_expires_after: i64,
    client_id: &'a str,
    #[serde(borrow)]
    scope: Vec<&'a str>,
    #[serde(borrow)]
    audience: Vec<&'a str>,
    #[serde(borrow)]
    amr: Vec<&'a str>,
    epoch: u32,
    cnf: Option<&'a str>,
    user_agent: &'a [u8],
    ip: Option<IpAddr>,
}

impl<'a> Packed<'a> {
    fn new(session: &'a Session, user_agent: &'a [u8]) -> Self {
        let Session {
            version,
            rotation,
            lifetime,
            grant,
            ip,
            ..
        } = session;
        let created_at = lifetime.created_at;
        Self {
            version: *version,
            generation: rotation.generation.number(),
            accepted: rotation.accepted.number(),
            floor: rotation.floor.number(),
            previous_floor: rotation.previous_floor.number(),
            created_at: created_at.as_millis(),
            burst_after: after(created_at, rotation.burst_at),
            rotated_after: after(created_at, rotation.rotated_at),
            recovered_after: after(created_at, rotation.recovered_at),
            authenticated_after: after(created_at, lifetime.authenticated_at),
            idle_expires_after: after(created_at, lifetime.idle_expires_at),
            absolute_expires_after: after(created_at, lifetime.absolute_expires_at),
            client_id: grant.client_id.as_str(),
            scope: grant.scope.iter().map(Scope::as_str).collect(),
            audience: grant.audience.iter().map(Audience::as_str).collect(),
            amr: grant.amr.iter().map(String::as_str).collect(),
            epoch: grant.epoch.number(),
            cnf: grant.cnf.as_deref(),
            user_agent,
            ip: *ip,
        }
    }

    fn into_session(self, account_id: AccountId, id: SessionId) -> Result<Session, ImpossibleRow> {
        if self.version == 0 {
            return Err(ImpossibleRow("a version of zero"));
        }
        Ok(Session {
            id,
            account_id,
            version: self.version,
            rotation: self.rotation()?,
            lifetime: self.lifetime()?,
            grant: self.grant()?,
            user_agent: self.user_agent()?,
            ip: self.ip,
        })
    }

    fn rotation(&self) -> Result<Rotation, ImpossibleRow> {
        if self.accepted >= self.generation {
            return Err(ImpossibleRow("an accepted token that was never handed out"));
        }
        if self.floor == 0 || self.floor > self.accepted.saturating_add(1) {
            return Err(ImpossibleRow("a floor that was never exchanged"));
        }
        if self.previous_floor == 0 || self.previous_floor > self.floor {
            return Err(ImpossibleRow("a previous floor above the floor"));
        }
        Ok(Rotation {
            generation: Generation::from_number(self.generation),
            accepted: Generation::from_number(self.accepted),
            floor: Generation::from_number(self.floor),
            previous_floor: Generation::from_number(self.previous_floor),
            burst_at: self.at(self.burst_after),
            rotated_at: self.at(self.rotated_after),
            recovered_at: self.at(self.recovered_after),
        })
    }

    fn lifetime(&self) -> Result<Lifetime, ImpossibleRow> {
        let lifetime = Lifetime {
            created_at: Timestamp::from_millis(self.created_at),
            authenticated_at: self.at(self.authenticated_after),
            idle_expires_at: self.at(self.idle_expires_after),
            absolute_expires_at: self.at(self.absolute_expires_after),
        };
        if lifetime.idle_expires_at > lifetime.absolute_expires_at {
            return Err(ImpossibleRow("an idle end after the absolute end"));
        }
        if lifetime.created_at > lifetime.absolute_expires_at {
            return Err(ImpossibleRow("an absolute end before the beginning"));
        }
        Ok(lifetime)
    }

    fn grant(&self) -> Result<Grant, ImpossibleRow> {
        Ok(Grant {
            client_id: name(self.client_id)?,
            scope: names(&self.scope)?,
            audience: names(&self.audience)?,
            amr: self.amr.iter().map(|&method| method.to_owned()).collect(),
            epoch: Epoch::from_number(self.epoch),
            cnf: self.cnf.map(str::to_owned),
        })
    }

    fn user_agent(&self) -> Result<String, ImpossibleRow> {
        user_agent::restore(self.user_agent)
            .filter(|text| text.len() <= MAX_USER_AGENT_LENGTH)
            .ok_or(ImpossibleRow("a user agent that is too long or not text"))
    }

    fn at(&self, after: i64) -> Timestamp {
        Timestamp::from_millis(self.created_at.wrapping_add(after.cast_unsigned()))
    }
}

/// Milliseconds from `created_at` to `at`. It wraps, and [`Packed::at`] wraps back, so that every
/// pair of times survives.
fn after(created_at: Timestamp, at: Timestamp) -> i64 {
    at.as_millis()
        .wrapping_sub(created_at.as_millis())
        .cast_signed()
}

fn names<T: TryFrom<String>>(texts: &[&str]) -> Result<Vec<T>, ImpossibleRow> {
    texts.iter().map(|text| name(text)).collect()
}

fn name<T: TryFrom<String>>(text: &str) -> Result<T, ImpossibleRow> {
    T::try_from(text.to_owned()).map_err(|_| ImpossibleRow("a name that breaks its rule"))
}

const FORMAT_1: u8 = 1;

/// Room for a record as browsers make it, so that packing allocates once.
const USUAL_BYTES: usize = 160;

#[cfg(test)]
mod tests;
