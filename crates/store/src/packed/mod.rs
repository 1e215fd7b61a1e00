//! The packed session record: one value that every backend stores as it is.
//!
//! A format byte, then the fields of [`Packed`], and since format 2 those of [`LastSeen`], in the
//! encoding of the postcard crate: varints, and strings after their length. The key of the record
//! has the account and the session id, so the value leaves them out. Times are milliseconds since
//! `created_at`, because small numbers are short. A change of the fields is a new format byte, and
//! earlier formats stay readable. This module must not know where the bytes go.

mod last_seen;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use signet_core::account::Epoch;
use signet_core::ids::{AccountId, SessionId};
use signet_core::names::{Audience, Scope};
use signet_core::session::{
    Generation, Grant, Lifetime, MAX_USER_AGENT_LENGTH, Rotation, SeenFrom, Session,
};
use signet_core::status_list::StatusIndex;
use signet_verifier::Timestamp;

use crate::error::ImpossibleRow;
use crate::status_entry;
use last_seen::LastSeen;

/// Writes a record in the shortest format that holds it.
pub(crate) fn pack(session: &Session) -> Result<Vec<u8>, ImpossibleRow> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    let last_seen = LastSeen::new(&session.begun_from, &session.refreshed_from);
    let packed = Packed::new(session);
    if !session.status.is_empty() {
        return pack_with_status(session, bytes, &(packed, last_seen));
    }
    let written = match session.browser {
        None => {
            bytes.push(FORMAT_2);
            postcard::to_extend(&(packed, last_seen), bytes)
        }
        Some(browser) => {
            bytes.push(FORMAT_3);
            postcard::to_extend(&(packed, last_seen, browser.as_bytes()), bytes)
        }
    };
    written.map_err(|_| ImpossibleRow("a session that cannot be written"))
}

fn pack_with_status(
    session: &Session,
    mut bytes: Vec<u8>,
    fields: &(Packed<'_>, LastSeen<'_>),
) -> Result<Vec<u8>, ImpossibleRow> {
    bytes.push(FORMAT_4);
    let browser = session.browser.as_ref().map(SessionId::as_bytes);
    let written = postcard::to_extend(&(fields, browser), bytes);
    let mut bytes = written.map_err(|_| ImpossibleRow("a session that cannot be written"))?;
    status_entry::write_tail(&session.status, &mut bytes);
    Ok(bytes)
}

/// Reads the bits of revocation lists that a record ends with, and nothing else of it.
pub(crate) fn status_of(bytes: &[u8]) -> Result<Vec<StatusIndex>, ImpossibleRow> {
    let [FORMAT_4, .., count] = bytes else {
        return Ok(Vec::new());
    };
    let tail = status_entry::tail_bytes(*count);
    let start = bytes.len().checked_sub(tail).ok_or(BAD_STATUS)?;
    let tail = bytes.get(start..).and_then(status_entry::read_tail);
    tail.ok_or(BAD_STATUS)
}

/// Reads a record of any format that was ever written.
pub(crate) fn unpack(
    account_id: AccountId,
    id: SessionId,
    bytes: &[u8],
) -> Result<Session, ImpossibleRow> {
    match bytes.split_first() {
        Some((&FORMAT_1, body)) => {
            let packed: Packed<'_> = whole(body)?;
            let begun_from = packed.begun_from_of_format_1();
            packed.into_session(account_id, id, begun_from.clone(), begun_from)
        }
        Some((&FORMAT_2, body)) => {
            let (packed, last_seen): (Packed<'_>, LastSeen<'_>) = whole(body)?;
            let begun_from = packed.begun_from()?;
            let refreshed_from = last_seen.read(&begun_from)?;
            packed.into_session(account_id, id, begun_from, refreshed_from)
        }
        Some((&FORMAT_3, body)) => {
            let (packed, last_seen, browser): (Packed<'_>, LastSeen<'_>, [u8; 16]) = whole(body)?;
            let begun_from = packed.begun_from()?;
            let refreshed_from = last_seen.read(&begun_from)?;
            let session = packed.into_session(account_id, id, begun_from, refreshed_from)?;
            let browser = Some(SessionId::from_bytes(browser));
            Ok(Session { browser, ..session })
        }
        Some((&FORMAT_4, body)) => read_format_4(account_id, id, body),
        _ => Err(ImpossibleRow("a record of an unknown format")),
    }
}

fn read_format_4(
    account_id: AccountId,
    id: SessionId,
    body: &[u8],
) -> Result<Session, ImpossibleRow> {
    let read = postcard::take_from_bytes::<(Packed<'_>, LastSeen<'_>, Option<[u8; 16]>)>(body);
    let Ok(((packed, last_seen, browser), tail)) = read else {
        return Err(ImpossibleRow("a record that cannot be read"));
    };
    let begun_from = packed.begun_from()?;
    let refreshed_from = last_seen.read(&begun_from)?;
    let session = packed.into_session(account_id, id, begun_from, refreshed_from)?;
    Ok(Session {
        browser: browser.map(SessionId::from_bytes),
        status: status_entry::read_tail(tail).ok_or(BAD_STATUS)?,
        ..session
    })
}

/// Reads a value that takes all of the bytes.
fn whole<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, ImpossibleRow> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(ImpossibleRow("a record that cannot be read")),
    }
}

/// The fields of format 1, with which later formats begin. Format 2 adds where the session was last
/// seen, format 3 the browser sign-in that it belongs to, format 4 the bits of revocation lists,
/// which stand behind the encoded fields. Their order is the format.
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
    fn new(session: &'a Session) -> Self {
        let Session {
            version,
            rotation,
            lifetime,
            grant,
            begun_from,
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
            user_agent: begun_from.user_agent.as_bytes(),
            ip: begun_from.ip,
        }
    }

    fn into_session(
        self,
        account_id: AccountId,
        id: SessionId,
        begun_from: SeenFrom,
        refreshed_from: SeenFrom,
    ) -> Result<Session, ImpossibleRow> {
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
            browser: None,
            begun_from,
            refreshed_from,
            status: Vec::new(),
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

    fn begun_from(&self) -> Result<SeenFrom, ImpossibleRow> {
        let user_agent = str::from_utf8(self.user_agent);
        Ok(SeenFrom {
            user_agent: user_agent
                .ok()
                .filter(|text| text.len() <= MAX_USER_AGENT_LENGTH)
                .ok_or(BAD_USER_AGENT)?
                .to_owned(),
            ip: self.ip,
        })
    }

    /// Format 1 had longer user agents, and bytes that are not UTF-8 in place of common phrases.
    /// Such a text is left out: only the list of sessions shows it.
    fn begun_from_of_format_1(&self) -> SeenFrom {
        let user_agent = str::from_utf8(self.user_agent);
        SeenFrom::new(user_agent.unwrap_or_default(), self.ip)
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

const BAD_USER_AGENT: ImpossibleRow = ImpossibleRow("a user agent that is too long or not text");

const FORMAT_1: u8 = 1;

const FORMAT_2: u8 = 2;

const FORMAT_3: u8 = 3;

/// Scripts of Redis know this number.
const FORMAT_4: u8 = 4;

const BAD_STATUS: ImpossibleRow = ImpossibleRow("bits of revocation lists that are cut off");

/// Room for a record as browsers make it, so that packing allocates once.
const USUAL_BYTES: usize = 160;

#[cfg(test)]
mod tests;
