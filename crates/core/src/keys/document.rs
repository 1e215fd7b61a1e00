//! The format of `keyring.json`, format 1. A parsed ring is always checked, so an inconsistent ring
//! cannot exist in memory.

use std::collections::HashSet;
use std::fmt::Display;
use std::hash::Hash;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::entry::{NumberedEntry, SigningEntry};
use super::public_key::{Kid, PublicKey};
use super::ring::{KeyRing, Lifetimes, MAX_PUBLISHED_KEYS};
use super::ring_error::{FORMAT, RingError};
use super::times::{Times, check_order};

impl KeyRing {
    /// Parses a ring and checks it.
    ///
    /// # Errors
    ///
    /// [`RingError`] says what is wrong, in a sentence.
    pub fn from_json(text: &str) -> Result<Self, RingError> {
        let Format { format } = serde_json::from_str(text)?;
        if format != FORMAT {
            return Err(RingError::UnknownFormat(format));
        }
        serde_json::from_str::<Document>(text)?.try_into()
    }

    /// Returns the ring as JSON, with one line for each field and a line feed at the end.
    ///
    /// # Errors
    ///
    /// [`RingError::Malformed`] if JSON cannot represent the ring. No ring causes this.
    pub fn to_json(&self) -> Result<String, RingError> {
        let mut text = serde_json::to_string_pretty(&Document::from(self))?;
        text.push('\n');
        Ok(text)
    }

    /// Refuses a ring that no sequence of commands produces.
    pub(super) fn check(self) -> Result<Self, RingError> {
        self.check_whole().map_err(RingError::Impossible)?;
        Ok(self)
    }

    fn check_whole(&self) -> Result<(), String> {
        check_names("signing key", self.signing.iter().map(SigningEntry::kid))?;
        check_names("MAC key", self.mac.iter().map(|key| key.id))?;
        check_names("data key", self.data.iter().map(|key| key.id))?;
        let signing = self.signing.iter().map(|key| (key.kid(), key.times));
        check_order("signing key", signing)?;
        check_order("MAC key", self.mac.iter().map(|key| (key.id, key.times)))?;
        check_order("data key", self.data.iter().map(|key| (key.id, key.times)))?;
        let published = self.signing.iter().filter(|key| !key.times.is_gone());
        if published.count() > MAX_PUBLISHED_KEYS {
            return Err(format!("more than {MAX_PUBLISHED_KEYS} keys are published"));
        }
        Ok(())
    }
}

fn check_names<N>(kind: &'static str, mut names: impl Iterator<Item = N>) -> Result<(), String>
where
    N: Copy + Eq + Hash + Display,
{
    let mut seen = HashSet::new();
    match names.find(|name| !seen.insert(*name)) {
        Some(twice) => Err(format!("{kind} {twice} appears twice")),
        None => Ok(()),
    }
}

/// The format number, which is parsed first.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A ring as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    generation: u64,
    changed_at: Timestamp,
    longest_access_token_ttl_seconds: u64,
    longest_session_ttl_seconds: u64,
    signing: Vec<SigningDocument>,
    mac: Vec<NumberedEntry>,
    data: Vec<NumberedEntry>,
}

/// A signing key as JSON. Times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningDocument {
    kid: Kid,
    bits: u16,
    times: Times,
    n: String,
    e: String,
}

impl From<&KeyRing> for Document {
    fn from(ring: &KeyRing) -> Self {
        Self {
            format: FORMAT,
            generation: ring.generation,
            changed_at: ring.changed_at,
            longest_access_token_ttl_seconds: ring.longest.access_token.as_secs(),
            longest_session_ttl_seconds: ring.longest.session.as_secs(),
            signing: ring.signing.iter().map(SigningDocument::from).collect(),
            mac: ring.mac.clone(),
            data: ring.data.clone(),
        }
    }
}

impl TryFrom<Document> for KeyRing {
    type Error = RingError;

    fn try_from(document: Document) -> Result<Self, RingError> {
        let signing = document.signing.into_iter().map(SigningEntry::try_from);
        Self {
            generation: document.generation,
            changed_at: document.changed_at,
            longest: Lifetimes {
                access_token: Duration::from_secs(document.longest_access_token_ttl_seconds),
                session: Duration::from_secs(document.longest_session_ttl_seconds),
            },
            signing: signing.collect::<Result<_, _>>()?,
            mac: document.mac,
            data: document.data,
        }
        .check()
    }
}

impl From<&SigningEntry> for SigningDocument {
    fn from(entry: &SigningEntry) -> Self {
        Self {
            kid: entry.kid().clone(),
            bits: entry.public.size().bits(),
            times: entry.times,
            n: entry.public.n().to_owned(),
            e: entry.public.e().to_owned(),
        }
    }
}

impl TryFrom<SigningDocument> for SigningEntry {
    type Error = RingError;

    fn try_from(entry: SigningDocument) -> Result<Self, RingError> {
        let public = PublicKey::from_base64url(&entry.n, &entry.e)
            .filter(|public| *public.kid() == entry.kid && public.size().bits() == entry.bits);
        let Some(public) = public else {
            let what = format!(
                "kid and bits of signing key {} do not fit its n and e",
                entry.kid
            );
            return Err(RingError::Impossible(what));
        };
        Ok(Self {
            public,
            times: entry.times,
        })
    }
}
