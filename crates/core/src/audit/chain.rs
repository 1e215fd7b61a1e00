//! A chain of lines: each line holds its number, the hash of the line before, and its own hash.
//!
//! A line is one JSON object that begins with `{"hash":"` and 64 hexadecimal digits. The hash is
//! SHA-256 of the rest of the object, byte for byte. An attacker who can replace every later line too
//! can hide a change, unless the newest number and hash are known elsewhere.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::event::AuditEvent;

use crate::sha256::sha256;

/// The hash of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineHash([u8; 32]);

/// The end of a chain: the number and the hash of its newest line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChainEnd {
    /// The number of the newest line; 0 if the chain has none.
    pub seq: u64,
    /// The hash of the newest line; zeros if the chain has none.
    pub hash: LineHash,
}

/// A line whose hash is right. Only [`AuditLine::read`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditLine {
    /// Its number and its hash.
    pub end: ChainEnd,
    /// The hash of the line before.
    pub prev: LineHash,
    /// The event.
    pub event: AuditEvent,
}

/// What a line says beside its hash.
#[derive(Serialize, Deserialize)]
struct Body {
    seq: u64,
    prev: LineHash,
    #[serde(flatten)]
    event: AuditEvent,
}

impl ChainEnd {
    /// The end of a chain without lines.
    pub const START: Self = Self {
        seq: 0,
        hash: LineHash([0; 32]),
    };

    /// Returns the line of `event` that follows this end, and the end after it.
    ///
    /// # Errors
    ///
    /// If the event cannot be written as JSON: its time is after the year 9999.
    pub fn line(self, event: &AuditEvent) -> Result<(String, Self), serde_json::Error> {
        let seq = self.seq.saturating_add(1);
        let body = serde_json::to_string(&Body {
            seq,
            prev: self.hash,
            event: event.clone(),
        })?;
        let hash = LineHash::of(&body);
        let rest = body.strip_prefix('{').unwrap_or_default();
        Ok((format!("{OPENING}{hash}\",{rest}"), Self { seq, hash }))
    }
}

impl AuditLine {
    /// Reads a line and checks its hash.
    ///
    /// # Errors
    ///
    /// [`BrokenLine`]
    pub fn read(text: &str) -> Result<Self, BrokenLine> {
        let rest = text.strip_prefix(OPENING).ok_or(BrokenLine::Form)?;
        let (hash, rest) = rest.split_at_checked(HASH_DIGITS).ok_or(BrokenLine::Form)?;
        let hash: LineHash = hash.parse()?;
        let rest = rest.strip_prefix("\",").ok_or(BrokenLine::Form)?;
        let body = format!("{{{rest}");
        if LineHash::of(&body) != hash {
            return Err(BrokenLine::Changed);
        }
        let body: Body = serde_json::from_str(&body).map_err(|_| BrokenLine::Form)?;
        Ok(Self {
            end: ChainEnd {
                seq: body.seq,
                hash,
            },
            prev: body.prev,
            event: body.event,
        })
    }
}

/// Follows a chain from its first line that still exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ChainCheck {
    end: Option<ChainEnd>,
}

impl ChainCheck {
    /// Begins after a line that is known, or has been removed on purpose.
    pub fn after(end: ChainEnd) -> Self {
        Self { end: Some(end) }
    }

    /// Accepts the next line.
    ///
    /// # Errors
    ///
    /// [`BrokenLine`] if it does not follow the line before.
    pub fn accept(&mut self, line: &AuditLine) -> Result<(), BrokenLine> {
        let before = match self.end {
            Some(end) => end,
            // The lines before the first are not here, which its number shows.
            None if line.end.seq != 1 => ChainEnd {
                seq: line.end.seq.saturating_sub(1),
                hash: line.prev,
            },
            None => ChainEnd::START,
        };
        if line.end.seq != before.seq.saturating_add(1) {
            return Err(BrokenLine::Missing {
                expected: before.seq.saturating_add(1),
                found: line.end.seq,
            });
        }
        if line.prev != before.hash {
            return Err(BrokenLine::Replaced);
        }
        self.end = Some(line.end);
        Ok(())
    }

    /// The newest line that was accepted.
    pub fn end(&self) -> Option<ChainEnd> {
        self.end
    }
}

/// Why a line is not the one that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BrokenLine {
    /// It does not have the form of a line.
    #[error("this is no line of an audit trail")]
    Form,
    /// Its content was changed.
    #[error("the line was changed: its hash is wrong")]
    Changed,
    /// Lines before it are missing, or it is in another place.
    #[error("line {expected} is missing: the next line has number {found}")]
    Missing {
        /// The number that has to follow.
        expected: u64,
        /// The number that follows.
        found: u64,
    },
    /// It follows another line than the one before it.
    #[error("the line before was replaced: it has another hash than this line says")]
    Replaced,
}

impl LineHash {
    fn of(body: &str) -> Self {
        Self(sha256(&[body.as_bytes()]))
    }
}

impl fmt::Display for LineHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for LineHash {
    type Err = BrokenLine;

    fn from_str(text: &str) -> Result<Self, BrokenLine> {
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(BrokenLine::Form);
        }
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = digit(*high).zip(digit(*low)).ok_or(BrokenLine::Form)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ChainEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for ChainEnd {
    type Err = BrokenLine;

    fn from_str(text: &str) -> Result<Self, BrokenLine> {
        let (seq, hash) = text.split_once(':').ok_or(BrokenLine::Form)?;
        Ok(Self {
            seq: seq.parse().map_err(|_| BrokenLine::Form)?,
            hash: hash.parse()?,
        })
    }
}

impl Serialize for LineHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(HASH_DIGITS);
        // Writing to a string never fails.
        let _written = write!(text, "{self}");
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for LineHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

const OPENING: &str = "{\"hash\":\"";
const HASH_DIGITS: usize = 64;

#[cfg(test)]
mod tests;
