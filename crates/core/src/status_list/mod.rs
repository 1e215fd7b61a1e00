//! Revocation lists that offline verifiers read (draft-ietf-oauth-status-list).
//!
//! A list is a row of bits. Each access token names one bit. If the bit is set, the token is revoked
//! before it expires. A list takes tokens for one period and disappears after the last of them has
//! expired, so the lists do not grow. This module must not know who revokes a token and why.

mod bits;
mod block;
mod known;
mod render;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::Serialize;
use signet_verifier::{MAX_LEEWAY, Timestamp};

use crate::ids::{InvalidId, random_bytes};

pub use bits::Bits;
pub use block::Block;
pub use known::{KnownLists, ReplicaLists, StatusChanges};
pub use render::{RenderedList, StatusListToken};

/// The id of a list: 8 random bytes, written as 11 characters of base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListId([u8; 8]);

impl ListId {
    /// A new random id.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self(random_bytes(rng))
    }

    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for ListId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListId({self})")
    }
}

impl FromStr for ListId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidId)?;
        bytes.try_into().map(Self).map_err(|_| InvalidId)
    }
}

/// A list and its period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusList {
    /// Which list.
    pub id: ListId,
    /// When its period began.
    pub opened_at: Timestamp,
    /// When its period ends. Later tokens name another list.
    pub issues_until: Timestamp,
    /// When the last verifier has stopped accepting the last of its tokens.
    pub expires_at: Timestamp,
}

impl StatusList {
    /// Returns a list whose period begins at `now` and lasts as long as the longest access token.
    pub fn opening(id: ListId, now: Timestamp, longest_ttl: Duration) -> Self {
        let issues_until = now.saturating_add(longest_ttl);
        Self {
            id,
            opened_at: now,
            issues_until,
            expires_at: issues_until
                .saturating_add(longest_ttl)
                .saturating_add(MAX_LEEWAY),
        }
    }

    /// Returns the list with a period that begins after `lost_until`, so that a loss until then does
    /// not revoke it.
    #[must_use]
    pub fn opened_after(self, lost_until: Timestamp) -> Self {
        let first_moment = Timestamp::from_millis(lost_until.as_millis().saturating_add(1));
        Self {
            opened_at: self.opened_at.max(first_moment),
            ..self
        }
    }

    /// Returns whether new tokens may name this list.
    pub fn takes_tokens(&self, now: Timestamp) -> bool {
        now < self.issues_until
    }

    /// The latest `exp` of a token that names this list.
    fn tokens_until(&self) -> Timestamp {
        self.expires_at.saturating_sub(MAX_LEEWAY)
    }

    /// Returns whether every token that names this list has expired.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at <= now
    }
}

/// One bit of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct StatusIndex {
    /// Which list.
    pub list: ListId,
    /// Which bit.
    pub index: u32,
    /// When the list expires.
    pub expires_at: Timestamp,
}

impl StatusIndex {
    /// The bits from this one to itself.
    pub fn range(self) -> BitRange {
        BitRange {
            list: self.list,
            first: self.index,
            count: 1,
            expires_at: self.expires_at,
        }
    }
}

/// Consecutive bits of a list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BitRange {
    /// Which list.
    pub list: ListId,
    /// The first bit.
    pub first: u32,
    /// How many bits.
    pub count: u32,
    /// When the list expires.
    pub expires_at: Timestamp,
}

/// The `status` claim of an access token: where its bit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct StatusClaim<'a> {
    /// The bit.
    pub status_list: StatusReference<'a>,
}

/// The list and the bit that a token names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct StatusReference<'a> {
    /// Which bit.
    pub idx: u32,
    /// The URI of the list.
    pub uri: &'a str,
}

/// The URI of a list under the public URL of the issuer.
pub fn list_uri(issuer: &str, id: ListId) -> String {
    format!("{issuer}/status/{id}")
}

/// Returns the bit that a `status` claim of this issuer names. `None` if it names no list of this
/// issuer.
pub fn read_claim(claim: &serde_json::Value, issuer: &str) -> Option<(ListId, u32)> {
    let reference = claim.get("status_list")?;
    let index = u32::try_from(reference.get("idx")?.as_u64()?).ok()?;
    let uri = reference.get("uri")?.as_str()?;
    let id = uri.strip_prefix(issuer)?.strip_prefix("/status/")?;
    Some((id.parse().ok()?, index))
}

/// How many bits a list has: 16 KiB.
pub const LIST_BITS: u32 = 1 << 17;

/// How many bits a replica leases at once for a client.
pub const BLOCK_BITS: u32 = 64;

#[cfg(test)]
mod tests;
