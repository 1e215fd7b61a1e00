//! How the ring is written: `keyring.json`, format 1. What is read here has been checked whole,
//! so that an impossible ring cannot be held in memory.

use std::collections::HashSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use signet_verifier::Timestamp;

use super::entry::{DataEntry, MacEntry, SigningEntry};
use super::public_key::{Kid, PublicKey};
use super::ring::{KeyRing, Lifetimes, MAX_PUBLISHED_KEYS};
use super::turn;

/// Why a ring cannot be used. Each text is a sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum RingError {
    /// Not JSON, or not of the form of a ring.
    #[error("it is not a key ring: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by another version of Signet.
    #[error("it has format {0}, and this version of Signet reads format {FORMAT}")]
    UnknownFormat(u32),
    /// No sequence of commands leads to such a ring.
    #[error("it is impossible: {0}")]
    Impossible(String),
}

impl KeyRing {
    /// Reads a ring and checks it whole.
    ///
    /// # Errors
    ///
    /// [`RingError`] says what is wrong in a sentence.
    pub fn from_json(text: &str) -> Result<Self, RingError> {
        let Format { format } = serde_json::from_str(text)?;
        if format != FORMAT {
            return Err(RingError::UnknownFormat(format));
        }
        serde_json::from_str::<Document>(text)?.try_into()
    }

    /// Writes the ring, a line per field, ended by a line feed.
    ///
    /// # Errors
    ///
    /// [`RingError::Malformed`] when JSON cannot hold it, which no ring has done.
    pub fn to_json(&self) -> Result<String, RingError> {
        let mut text = serde_json::to_string_pretty(&Document::from(self))?;
        text.push('\n');
        Ok(text)
    }

    /// Refuses a ring that no sequence of commands leads to.
    pub(super) fn check(self) -> Result<Self, RingError> {
        self.check_names()
            .and_then(|()| self.signing.iter().try_for_each(check_times))
            .and_then(|()| {
                let turns = self.signing.iter().map(|entry| (entry.kid(), entry.turn()));
                turn::check("signing key", turns)
            })
            .and_then(|()| turn::check("MAC key", self.mac.iter().map(|key| (key.id, key.turn()))))
            .and_then(|()| self.check_numbers())
            .map_err(RingError::Impossible)?;
        Ok(self)
    }

    fn check_names(&self) -> Result<(), String> {
        let mut kids = HashSet::new();
        if let Some(twice) = self.signing.iter().find(|key| !kids.insert(key.kid())) {
            return Err(format!("signing key {} is there twice", twice.kid()));
        }
        let mut ids = HashSet::new();
        if let Some(twice) = self.mac.iter().find(|key| !ids.insert(key.id)) {
            return Err(format!("MAC key {} is there twice", twice.id));
        }
        let mut ids = HashSet::new();
        match self.data.iter().find(|key| !ids.insert(key.id)) {
            Some(twice) => Err(format!("data key {} is there twice", twice.id)),
            None => Ok(()),
        }
    }

    fn check_numbers(&self) -> Result<(), String> {
        if !self.signing.iter().any(is_waiting) {
            return Err("no signing key is next".to_owned());
        }
        if !self.mac.iter().any(|key| key.activates_at.is_none()) {
            return Err("no MAC key is next".to_owned());
        }
        if self.data.is_empty() {
            return Err("there is no data key".to_owned());
        }
        let published = self.signing.iter().filter(|entry| is_published(entry));
        if published.count() > MAX_PUBLISHED_KEYS {
            return Err(format!("more than {MAX_PUBLISHED_KEYS} keys are published"));
        }
        Ok(())
    }
}

/// Whether a key is published and waits for a rotation to name its time.
pub(super) fn is_waiting(entry: &SigningEntry) -> bool {
    entry.activates_at.is_none() && is_published(entry)
}

/// Whether a key is in the JWKS, now and until somebody changes the ring.
pub(super) fn is_published(entry: &SigningEntry) -> bool {
    entry.retired_at.is_none() && entry.revoked_at.is_none()
}

fn check_times(entry: &SigningEntry) -> Result<(), String> {
    let kid = entry.kid();
    let life = [
        Some(entry.published_at),
        entry.activates_at,
        entry.stops_at,
        entry.retired_at,
    ];
    let mut life = life.into_iter().flatten();
    let mut latest = Timestamp::default();
    if !life.all(|at| std::mem::replace(&mut latest, at) <= at) {
        return Err(format!("the times of signing key {kid} are out of order"));
    }
    if entry.retired_at.is_some() && entry.stops_at.is_none() {
        return Err(format!(
            "signing key {kid} is retired without having stopped"
        ));
    }
    let Some(revoked_at) = entry.revoked_at else {
        return Ok(());
    };
    let signs_on = entry.activates_at.is_some() && entry.stops_at.is_none_or(|at| at > revoked_at);
    if signs_on {
        return Err(format!("signing key {kid} is revoked and signs on"));
    }
    Ok(())
}

/// The first look at a ring: which format it has.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// A ring as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    generation: u64,
    longest_access_token_ttl_seconds: u64,
    longest_session_ttl_seconds: u64,
    signing: Vec<SigningDocument>,
    mac: Vec<MacEntry>,
    data: Vec<DataEntry>,
}

/// A signing key as it is written; times are milliseconds since 1970.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SigningDocument {
    kid: Kid,
    bits: u16,
    published_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    activates_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stops_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Timestamp>,
    n: String,
    e: String,
}

impl From<&KeyRing> for Document {
    fn from(ring: &KeyRing) -> Self {
        Self {
            format: FORMAT,
            generation: ring.generation,
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
            published_at: entry.published_at,
            activates_at: entry.activates_at,
            stops_at: entry.stops_at,
            retired_at: entry.retired_at,
            revoked_at: entry.revoked_at,
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
            published_at: entry.published_at,
            activates_at: entry.activates_at,
            stops_at: entry.stops_at,
            retired_at: entry.retired_at,
            revoked_at: entry.revoked_at,
        })
    }
}

/// The format that this version writes and reads.
const FORMAT: u32 = 1;
