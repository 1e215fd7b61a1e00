//! `signet keys list`: every key of the ring, for people and for programs.

use std::fmt;

use serde::Serialize;
use signet_core::keys::{KeyRing, KeyState, NumberedEntry, SigningEntry, Times};
use signet_verifier::Timestamp;

use super::Desk;
use crate::cli::CommandResult;
use crate::rfc3339::Rfc3339;

/// Shows the ring.
pub(super) fn list(desk: &Desk) -> CommandResult {
    let ring = desk.folder.ring()?;
    let document = Listing::of(&ring, desk);
    desk.answer(&document, &document)
}

/// The ring as it stands now.
#[derive(Serialize)]
pub(super) struct Listing<'a> {
    generation: u64,
    changed_at: Rfc3339,
    signing: Vec<Row<&'a str>>,
    mac: Vec<Row<u8>>,
    data: Vec<Row<u8>>,
}

/// One key that takes turns.
#[derive(Serialize)]
struct Row<N> {
    kid: N,
    state: KeyState,
    /// Whether it signs now.
    signs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<u16>,
    since: Rfc3339,
    until: Option<Rfc3339>,
    reason: &'static str,
}

impl<'a> Listing<'a> {
    pub(super) fn of(ring: &'a KeyRing, desk: &Desk) -> Self {
        let now = desk.now;
        let signing = |key: &'a SigningEntry| {
            let until = ring.retirable_at(&key.times);
            Row {
                bits: Some(key.public.size().bits()),
                ..Row::of(key.kid().as_str(), &key.times, Some(until), now)
            }
        };
        let mac = |key: &NumberedEntry| {
            let until = ring.mac_retirable_at(&key.times);
            Row::of(key.id, &key.times, Some(until), now)
        };
        let data = |key: &NumberedEntry| Row::of(key.id, &key.times, None, now);
        Self {
            generation: ring.generation(),
            changed_at: Rfc3339(ring.changed_at()),
            signing: ring.signing().iter().map(signing).collect(),
            mac: ring.mac().iter().map(mac).collect(),
            data: ring.data().iter().map(data).collect(),
        }
    }
}

impl<N> Row<N> {
    /// `needed_until` is for a key that has stopped; none if it is needed for ever.
    fn of(kid: N, times: &Times, needed_until: Option<Timestamp>, now: Timestamp) -> Self {
        let state = times.state_at(now);
        let (until, reason) = match state {
            KeyState::Next if times.activates_at.is_some() => {
                (times.activates_at, "takes over then")
            }
            KeyState::Next => (None, "waits for a rotation"),
            KeyState::Active if times.stops_at.is_some() => (times.stops_at, "hands over then"),
            KeyState::Active => (None, "until a rotation"),
            KeyState::Retiring if needed_until.is_none() => (None, "opens what it has sealed"),
            KeyState::Retiring => (needed_until, "what it signed may live until then"),
            KeyState::Retired => (None, "nothing that it signed lives"),
            KeyState::Compromised => (None, "revoked"),
        };
        Self {
            kid,
            state,
            signs: state == KeyState::Active,
            bits: None,
            since: Rfc3339(times.since(now)),
            until: until.map(Rfc3339),
            reason,
        }
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        for row in &self.signing {
            writeln!(f, "{row}")?;
        }
        writeln!(f, "\nKeys of refresh tokens")?;
        for row in &self.mac {
            writeln!(f, "{row}")?;
        }
        write!(f, "\nKeys of stored data")?;
        for row in &self.data {
            write!(f, "\n{row}")?;
        }
        Ok(())
    }
}

impl<N: fmt::Display> fmt::Display for Row<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self
            .until
            .map_or_else(|| "-".to_owned(), |at| at.to_string());
        write!(
            f,
            "{:<43}  {:<11}  {:<5}  {:<20}  {until:<20}  {}",
            self.kid,
            self.state.as_str(),
            if self.signs { "yes" } else { "no" },
            self.since,
            self.reason
        )
    }
}

const HEADER: &str = "KID                                          STATE        SIGNS  SINCE                 UNTIL                 REASON";
