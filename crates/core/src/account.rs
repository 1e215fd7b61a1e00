//! Accounts: what a person's email and name may be, and what is known of an account.
//!
//! This module must not know passwords (see [`crate::password`]) or how accounts are stored.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};
use serde::{Serialize, Serializer};
use signet_verifier::Timestamp;

use crate::ids::{AccountId, SessionId};
use crate::names::Role;

/// What is known of an account, its password hash apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Who it is, for ever.
    pub id: AccountId,
    /// Where mail goes, as it was typed when the account was made.
    pub email: Email,
    /// Whether the owner of the address has shown that it is theirs.
    pub email_verified: bool,
    /// What the person is called, if they said so.
    pub name: Option<DisplayName>,
    /// What the account may do elsewhere; copied into each access token.
    pub roles: Vec<Role>,
    /// Whether it may sign in, and since which ending its sessions count.
    pub standing: Standing,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// What a session is compared with at each refresh: facts that one transaction changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Whether the account may sign in at all.
    pub status: AccountStatus,
    /// Sessions made at an earlier epoch are over, the kept one apart.
    pub epoch: Epoch,
    /// The session that the latest ending has spared, if it has spared one.
    pub kept: Option<KeptSession>,
}

impl Standing {
    /// Whether a session that was made at `epoch` goes on: it was made at the account's epoch, or
    /// every ending since has spared it.
    pub fn admits(&self, session: SessionId, epoch: Epoch) -> bool {
        self.status == AccountStatus::Active
            && (epoch == self.epoch || epoch < self.epoch && self.spares(session, epoch))
    }

    /// What to note when everything but `session` ends now. A session that is kept already has
    /// survived from earlier on, and goes on doing so.
    #[must_use]
    pub fn keeping(&self, session: SessionId) -> KeptSession {
        let already = self.kept.filter(|kept| kept.id == session);
        already.unwrap_or(KeptSession {
            id: session,
            since: self.epoch,
        })
    }

    fn spares(&self, session: SessionId, epoch: Epoch) -> bool {
        self.kept.is_some_and(|kept| kept.is(session, epoch))
    }
}

/// The one session that an ending of all others has spared: the one that asked for it.
///
/// It is part of the account and written with the epoch, so that the session goes on from the same
/// moment on in which the others are over, whatever can be said to the store of sessions then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeptSession {
    /// Which session.
    pub id: SessionId,
    /// The account's epoch before the first of the endings in a row that have spared it. A record
    /// from before was over when it was noted: an old access token brings no session back.
    pub since: Epoch,
}

impl KeptSession {
    /// Whether a session that was made at `epoch` is the kept one.
    pub fn is(&self, session: SessionId, epoch: Epoch) -> bool {
        self.id == session && epoch >= self.since
    }
}

/// Whether an account may sign in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountStatus {
    /// It may.
    Active,
    /// An administrator has switched it off.
    Disabled,
}

/// How often everything of an account was ended: a counter that only grows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Epoch(u32);

impl Epoch {
    /// Later than every epoch an account can reach: sessions below it are all of them.
    pub const END: Self = Self(u32::MAX);

    /// The epoch with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number of this epoch.
    pub fn number(self) -> u32 {
        self.0
    }

    /// The epoch after this one. It stays below [`Epoch::END`], which 4 billion endings away.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1).min(u32::MAX - 1))
    }
}

/// An email address as it was typed, trimmed. Compared by [`Email::lookup_key`].
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The longest email address, in characters; RFC 5321 section 4.5.3.1.3 leaves 254 of 256.
pub const MAX_EMAIL_LENGTH: usize = 254;

impl Email {
    /// The address that mail goes to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What makes two addresses the same: ASCII letters lowered, nothing else folded.
    pub fn lookup_key(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// Silent, because logs must not collect addresses.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(..)")
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let options = Options::default()
            .without_display_text()
            .without_domain_literal()
            .with_required_tld();
        if text.len() > MAX_EMAIL_LENGTH
            || text.chars().any(|c| c.is_control() || c.is_whitespace())
            || EmailAddress::parse_with_options(text, options).is_err()
        {
            return Err(InvalidEmail);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is not an email address of at most 254 characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be an email address of at most 254 characters")]
pub struct InvalidEmail;

/// What a person is called: 1 to 100 characters, trimmed, without control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// The longest display name, in characters.
pub const MAX_DISPLAY_NAME_LENGTH: usize = 100;

impl DisplayName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(..)")
    }
}

impl FromStr for DisplayName {
    type Err = InvalidDisplayName;

    fn from_str(text: &str) -> Result<Self, InvalidDisplayName> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > MAX_DISPLAY_NAME_LENGTH || text.chars().any(char::is_control) {
            return Err(InvalidDisplayName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for DisplayName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is empty, longer than 100 characters or holds control characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be 1 to 100 characters without control characters")]
pub struct InvalidDisplayName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_is_trimmed_and_compared_by_lowered_ascii() {
        let email: Email = " Ada@Example.COM ".parse().unwrap();
        assert_eq!(email.as_str(), "Ada@Example.COM");
        assert_eq!(email.lookup_key(), "ada@example.com");
        assert_eq!(email.local_part(), "Ada");
        let accented: Email = "ÉVE@example.com".parse().unwrap();
        assert_eq!(accented.lookup_key(), "Éve@example.com");
    }

    #[test]
    fn malformed_email_is_refused() {
        let too_long = format!("{}@{}.com", "a".repeat(64), "b".repeat(190));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@localhost",
            "a b@example.com",
            "a\0@example.com",
            "Ada <ada@example.com>",
            "ada@[127.0.0.1]",
            "ada@example.com\n.org",
            &too_long,
        ] {
            assert!(text.parse::<Email>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn display_name_counts_characters_not_bytes() {
        assert!("é".repeat(100).parse::<DisplayName>().is_ok());
        assert!("é".repeat(101).parse::<DisplayName>().is_err());
        assert!(" \t ".parse::<DisplayName>().is_err());
        assert!("a\u{7}b".parse::<DisplayName>().is_err());
    }

    #[test]
    fn epoch_never_reaches_its_end() {
        assert!(Epoch::END.next() < Epoch::END);
    }

    fn standing(epoch: u32, kept: Option<KeptSession>) -> Standing {
        Standing {
            status: AccountStatus::Active,
            epoch: Epoch::from_number(epoch),
            kept,
        }
    }

    fn admitted(standing: Standing, session: SessionId) -> Vec<u32> {
        let admits = |number: &u32| standing.admits(session, Epoch::from_number(*number));
        (0..10).filter(admits).collect()
    }

    fn own() -> SessionId {
        SessionId::from_bytes([1; 16])
    }

    fn other() -> SessionId {
        SessionId::from_bytes([2; 16])
    }

    #[test]
    fn a_session_goes_on_at_the_epoch_of_its_account_only() {
        assert_eq!(admitted(standing(4, None), own()), [4]);
    }

    #[test]
    fn the_kept_session_goes_on_at_the_epoch_that_it_had() {
        let kept = standing(4, None).keeping(own());
        assert_eq!(admitted(standing(5, Some(kept)), own()), [4, 5]);
        assert_eq!(admitted(standing(5, Some(kept)), other()), [5]);
    }

    #[test]
    fn a_session_that_is_kept_again_and_again_goes_on_at_its_first_epoch() {
        let mut kept = None;
        for epoch in 4..8 {
            kept = Some(standing(epoch, kept).keeping(own()));
        }
        assert_eq!(admitted(standing(8, kept), own()), [4, 5, 6, 7, 8]);
    }

    #[test]
    fn keeping_another_session_ends_the_one_that_was_kept() {
        let kept = standing(4, None).keeping(own());
        let kept = standing(5, Some(kept)).keeping(other());
        assert_eq!(admitted(standing(6, Some(kept)), own()), [6]);
        assert_eq!(admitted(standing(6, Some(kept)), other()), [5, 6]);
    }

    #[test]
    fn a_disabled_account_keeps_no_session() {
        let kept = standing(4, None).keeping(own());
        let disabled = Standing {
            status: AccountStatus::Disabled,
            ..standing(5, Some(kept))
        };
        assert_eq!(admitted(disabled, own()), Vec::<u32>::new());
    }
}
