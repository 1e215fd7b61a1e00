//! Status lists in JWT form (draft-ietf-oauth-status-list): the claim that names an entry, and a
//! list whose checks have passed. Must not know how lists are fetched.

use std::fmt;
use std::time::Duration;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::error::Error;
use crate::json::{Object, WrongType};
use crate::jws::{self, TokenParts};
use crate::key_set::Keys;
use crate::policy::is_same_type;

/// The `status` claim of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StatusClaim {
    Absent,
    /// The claim does not name exactly one entry of a status list.
    Malformed,
    Entry(Entry),
}

/// The entry of a token in a status list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Entry {
    #[serde(rename = "idx")]
    pub(crate) index: u64,
    pub(crate) uri: Box<str>,
}

impl StatusClaim {
    /// Parses the claim and leaves it in `claims`, for services that read it themselves.
    pub(crate) fn of(claims: &Object<'_>) -> Self {
        #[derive(Deserialize)]
        struct Claim {
            status_list: Entry,
        }
        match claims.peek("status").map(Claim::deserialize) {
            None => Self::Absent,
            Some(Err(_)) => Self::Malformed,
            Some(Ok(claim)) => Self::Entry(claim.status_list),
        }
    }
}

/// A list as it was fetched. Trust nothing in it before [`verify`](Self::verify).
pub(crate) struct UnverifiedList<'a> {
    kid: String,
    parts: TokenParts<'a>,
}

/// What a list must say to be the list that was asked for.
pub(crate) struct Expected<'a> {
    pub(crate) uri: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) now: Timestamp,
}

/// A list that the issuer signed.
#[derive(Clone, Debug)]
pub(crate) struct StatusList {
    pub(crate) kid: Box<str>,
    /// The keys that the issuer publishes, if it says so. This claim is Signet's own.
    pub(crate) kids: Option<Vec<Box<str>>>,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    /// How long the list may be used before it should be fetched again.
    pub(crate) ttl: Duration,
    statuses: Statuses,
}

/// The reasons why a document is not a valid status list.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatusListError {
    /// The document is not a JWT that one of the issuer's keys signed, or its `typ` is not
    /// `statuslist+jwt`.
    Token(Error),
    /// `sub` is not the URL of the list.
    AnotherList,
    /// `iss` is another issuer.
    AnotherIssuer,
    /// `iat`, `exp` or `ttl` is missing or malformed.
    Times,
    /// `iat` is in the future.
    IssuedInFuture,
    /// `exp` has passed.
    Expired,
    /// The list is more than 60 s older than the known one, or is older and has more than one bit
    /// for each token.
    Older,
    /// The claim `status_list` is missing or malformed, or `bits` is not 1, 2, 4 or 8.
    Malformed,
    /// The list is longer than 64 KiB compressed or 128 KiB uncompressed, or is not compressed with
    /// zlib.
    Compression,
}

impl<'a> UnverifiedList<'a> {
    /// Splits a list and checks its header.
    pub(crate) fn parse(document: &'a [u8]) -> Result<Self, StatusListError> {
        let document = std::str::from_utf8(document).map_err(|_| Error::NotThreeParts)?;
        let parts = TokenParts::split_of_any_length(document)?;
        let kid = jws::check_header(parts.header, |typ| is_same_type(typ, STATUS_LIST_TYPE))?;
        Ok(Self { kid, parts })
    }

    /// Returns the `kid` of the signer, unverified.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// Checks signature and claims, in this order. Inflates only what the issuer has signed.
    pub(crate) fn verify(
        self,
        keys: &Keys,
        expected: &Expected<'_>,
    ) -> Result<StatusList, StatusListError> {
        let key = keys.find(&self.kid).ok_or(Error::UnknownKey)?;
        self.parts.verify_signature(key)?;
        let mut claims = jws::read_claims(&self.parts.payload)?;
        if claims.take::<String>("sub")?.as_deref() != Some(expected.uri) {
            return Err(StatusListError::AnotherList);
        }
        if claims
            .take("iss")?
            .is_some_and(|iss: String| iss != expected.issuer)
        {
            return Err(StatusListError::AnotherIssuer);
        }
        let (issued_at, expires_at) = check_times(&mut claims, expected.now)?;
        Ok(StatusList {
            kid: self.kid.into(),
            kids: claims.take("kids").ok().flatten(),
            issued_at,
            expires_at,
            ttl: take_ttl(&mut claims)?,
            statuses: take_statuses(&mut claims)?,
        })
    }
}

impl StatusList {
    /// Returns the status of an entry, or `None` if the list is too short. Zero is valid.
    pub(crate) fn status(&self, index: u64) -> Option<u8> {
        self.statuses.get(index)
    }

    /// Merges a fetched list with the known one: the times of the newer list, and the revocations of
    /// both. Replicas of the issuer sign lists at different times, and their clocks differ. Statuses
    /// of more than one bit can be temporary, so only the newer list decides them.
    pub(crate) fn merge(self, known: &Self) -> Result<Self, StatusListError> {
        let is_one_bit = self.statuses.bits == 1 && known.statuses.bits == 1;
        let is_older = self.issued_at < known.issued_at;
        let behind = known.issued_at.saturating_since(self.issued_at);
        if is_older && !(is_one_bit && behind <= OLDER_MAX) {
            return Err(StatusListError::Older);
        }
        let (mut newer, older) = if is_older {
            (known.clone(), &self)
        } else {
            (self, known)
        };
        if is_one_bit {
            newer.statuses.set_all_of(&older.statuses);
        }
        Ok(newer)
    }

    pub(crate) fn has_expired(&self, now: Timestamp, leeway: Duration) -> bool {
        self.expires_at.saturating_add(leeway) <= now
    }
}

fn check_times(
    claims: &mut Object<'_>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), StatusListError> {
    let mut date = |name| {
        let date = claims.take_with(name, |value| Timestamp::from_numeric_date(number(value)?));
        date.ok().flatten().ok_or(StatusListError::Times)
    };
    let (issued_at, expires_at) = (date("iat")?, date("exp")?);
    if issued_at > now.saturating_add(LEEWAY) {
        return Err(StatusListError::IssuedInFuture);
    }
    if expires_at.saturating_add(LEEWAY) <= now {
        return Err(StatusListError::Expired);
    }
    Ok((issued_at, expires_at))
}

fn take_ttl(claims: &mut Object<'_>) -> Result<Duration, StatusListError> {
    let seconds = claims.take_with("ttl", number);
    let seconds = seconds.map_err(|WrongType| StatusListError::Times)?;
    let ttl = seconds.map_or(Ok(TTL_DEFAULT), Duration::try_from_secs_f64);
    let ttl = ttl.map_err(|_| StatusListError::Times)?;
    Ok(ttl.clamp(TTL_MIN, TTL_MAX))
}

fn number(value: &RawValue) -> Option<f64> {
    value.get().parse().ok()
}

fn take_statuses(claims: &mut Object<'_>) -> Result<Statuses, StatusListError> {
    #[derive(Deserialize)]
    struct Claim<'a> {
        bits: u8,
        lst: &'a str,
    }
    let claim = claims.take::<Claim<'_>>("status_list")?;
    let claim = claim.ok_or(StatusListError::Malformed)?;
    Statuses::inflate(claim.bits, claim.lst, INFLATED_MAX_BYTES)
}

/// The statuses of all entries: `bits` for each, from the least significant bit of each byte.
#[derive(Clone, Debug)]
struct Statuses {
    bits: u8,
    bytes: Vec<u8>,
}

impl Statuses {
    fn inflate(bits: u8, lst: &str, max_bytes: usize) -> Result<Self, StatusListError> {
        if !matches!(bits, 1 | 2 | 4 | 8) {
            return Err(StatusListError::Malformed);
        }
        let compressed = jws::decode(lst).map_err(|_| StatusListError::Malformed)?;
        if compressed.len() > COMPRESSED_MAX_BYTES {
            return Err(StatusListError::Compression);
        }
        let bytes = decompress_to_vec_zlib_with_limit(&compressed, max_bytes);
        let bytes = bytes.map_err(|_| StatusListError::Compression)?;
        Ok(Self { bits, bytes })
    }

    /// Sets the bits that are set in `other`. Entries beyond the end stay unknown.
    fn set_all_of(&mut self, other: &Self) {
        for (byte, other) in self.bytes.iter_mut().zip(&other.bytes) {
            *byte |= other;
        }
    }

    fn get(&self, index: u64) -> Option<u8> {
        let bits = u64::from(self.bits);
        let first_bit = index.checked_mul(bits)?;
        let byte = self.bytes.get(usize::try_from(first_bit / 8).ok()?)?;
        let shift = u32::try_from(first_bit % 8).ok()?;
        let mask = u8::MAX >> (u8::BITS - u32::from(self.bits));
        Some((byte >> shift) & mask)
    }
}

impl From<Error> for StatusListError {
    fn from(error: Error) -> Self {
        Self::Token(error)
    }
}

impl From<WrongType> for StatusListError {
    fn from(WrongType: WrongType) -> Self {
        Self::Malformed
    }
}

impl fmt::Display for StatusListError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Token(error) => return write!(formatter, "the status list: {}", error.reason()),
            Self::AnotherList => "the document is another status list",
            Self::AnotherIssuer => "the status list is from another issuer",
            Self::Times => "the status list has no valid iat, exp or ttl",
            Self::IssuedInFuture => "the status list was issued in the future",
            Self::Expired => "the status list has expired",
            Self::Older => "the status list is older than the known one",
            Self::Malformed => "the status list is malformed",
            Self::Compression => "the status list is too long or is not compressed with zlib",
        })
    }
}

impl std::error::Error for StatusListError {}

/// Section 5.1 of the draft.
const STATUS_LIST_TYPE: &str = "statuslist+jwt";
/// How far the clocks of issuer and service may differ, as for tokens.
const LEEWAY: Duration = Duration::from_secs(30);
/// How much older than the known list another one may be. Signet's lists live this long.
const OLDER_MAX: Duration = Duration::from_secs(60);
/// The time between two fetches decides how soon a revocation is known, so the issuer cannot make
/// it longer than this.
const TTL_MAX: Duration = Duration::from_secs(10);
/// Fetching more often has no benefit.
const TTL_MIN: Duration = Duration::from_secs(1);
const TTL_DEFAULT: Duration = Duration::from_secs(5);
const COMPRESSED_MAX_BYTES: usize = 64 * 1_024;
/// A million statuses of one bit.
const INFLATED_MAX_BYTES: usize = 128 * 1_024;

#[cfg(test)]
mod tests;
