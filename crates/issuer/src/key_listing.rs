//! The key ring as responses show it to operators: every key with its state and its times.

use std::fmt;

use serde::Serialize;
use signet_core::keys::{KeyRing, KeyState, NumberedEntry, SigningEntry, Times};
use signet_verifier::Timestamp;
use utoipa::ToSchema;

use crate::rfc3339::Rfc3339;

/// The current ring.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyRing)]
pub(crate) struct Listing<'a> {
    /// The number of changes of the ring.
    generation: u64,
    changed_at: Rfc3339,
    /// The keys that sign access tokens.
    signing: Vec<Row<'a>>,
    /// The keys of refresh tokens.
    mac: Vec<Row<'a>>,
    /// The keys that encrypt stored data.
    data: Vec<Row<'a>>,
    /// A warning if times of the ring lie ahead of the clock, with what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    warning: Option<String>,
}

/// One key.
#[derive(Serialize, ToSchema)]
#[schema(as = Key)]
pub(crate) struct Row<'a> {
    kid: Kid<'a>,
    /// `next`, `active`, `retiring`, `retired` or `compromised`
    #[schema(value_type = String)]
    state: KeyState,
    /// Whether it signs tokens now.
    signs: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bits: Option<u16>,
    since: Rfc3339,
    #[schema(required = true)]
    until: Option<Rfc3339>,
    reason: &'static str,
}

/// The name of a key.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Kid<'a> {
    /// The thumbprint of a signing key, RFC 7638.
    Signing(&'a str),
    /// The number of another key.
    Other(u8),
}

impl<'a> Listing<'a> {
    pub(crate) fn of(ring: &'a KeyRing, now: Timestamp) -> Self {
        let signing = |key: &'a SigningEntry| {
            let until = ring.retirable_at(&key.times);
            Row {
                bits: Some(key.public.size().bits()),
                ..Row::of(
                    Kid::Signing(key.kid().as_str()),
                    &key.times,
                    Some(until),
                    now,
                )
            }
        };
        let mac = |key: &NumberedEntry| {
            let until = ring.mac_retirable_at(&key.times);
            Row::of(Kid::Other(key.id), &key.times, Some(until), now)
        };
        let data = |key: &NumberedEntry| Row::of(Kid::Other(key.id), &key.times, None, now);
        Self {
            generation: ring.generation(),
            changed_at: Rfc3339(ring.changed_at()),
            signing: ring.signing().iter().map(signing).collect(),
            mac: ring.mac().iter().map(mac).collect(),
            data: ring.data().iter().map(data).collect(),
            warning: clock_warning(ring, now),
        }
    }

    /// The keys by what they are for.
    pub(crate) fn kinds(&self) -> [(&'static str, &[Row<'a>]); 3] {
        [
            ("Keys of access tokens", &self.signing),
            ("Keys of refresh tokens", &self.mac),
            ("Keys of stored data", &self.data),
        ]
    }

    /// A warning if times of the ring lie ahead of the clock.
    pub(crate) fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }
}

/// Names the times of a ring that lie ahead of the clock, if it has such times.
pub(crate) fn clock_warning(ring: &KeyRing, now: Timestamp) -> Option<String> {
    let seconds = ring.ahead_of(now)?.as_secs();
    Some(format!(
        "the key ring was last changed at {}, {seconds} s ahead of this clock: set the clock right, \
         or run `signet keys rotate --now`",
        Rfc3339(ring.changed_at())
    ))
}

impl<'a> Row<'a> {
    /// The name of the key.
    pub(crate) fn name(&self) -> String {
        self.kid.to_string()
    }

    /// The state as text.
    pub(crate) fn state(&self) -> &'static str {
        self.state.as_str()
    }

    /// When the state began.
    pub(crate) fn since(&self) -> Timestamp {
        self.since.0
    }

    /// What happens to the key next, with its time.
    pub(crate) fn next_event(&self) -> String {
        let until = self.until.map(|at| at.to_string());
        self.reason.replace("UNTIL", &until.unwrap_or_default())
    }

    /// `needed_until` is the time until which a stopped key is needed; none if it is always needed.
    fn of(kid: Kid<'a>, times: &Times, needed_until: Option<Timestamp>, now: Timestamp) -> Self {
        let state = times.state_at(now);
        let (until, reason) = match state {
            KeyState::Next if times.activates_at.is_some() => {
                (times.activates_at, "becomes active at UNTIL")
            }
            KeyState::Next => (None, "becomes active with a rotation"),
            KeyState::Active if times.stops_at.is_some() => (times.stops_at, "active until UNTIL"),
            KeyState::Active => (None, "active until a rotation"),
            KeyState::Retiring if needed_until.is_none() => (None, "decrypts older data"),
            KeyState::Retiring => (needed_until, "tokens it signed may be valid until UNTIL"),
            KeyState::Retired => (None, "tokens it signed have all expired"),
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
        let [(_, signing), others @ ..] = self.kinds();
        write!(f, "{HEADER}")?;
        for row in signing {
            write!(f, "\n{row}")?;
        }
        for (title, rows) in others {
            write!(f, "\n\n{title}")?;
            for row in rows {
                write!(f, "\n{row}")?;
            }
        }
        if let Some(warning) = &self.warning {
            write!(f, "\n\nwarning: {warning}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Kid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signing(kid) => kid.fmt(f),
            Self::Other(number) => number.fmt(f),
        }
    }
}

impl fmt::Display for Row<'_> {
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
