//! Invitations: an administrator lets the owner of an address set up an account.
//!
//! This module must not know how invitations are sent or stored.

use std::time::Duration;

use signet_verifier::Timestamp;

use crate::account::Email;
use crate::ids::{AccountId, InvitationId};
use crate::names::Role;
use crate::one_time_token::OneTimeDigest;
use crate::sha256::sha256;

/// An invitation as it is stored. It is valid once, until its time, for one address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    /// The id that administrators see.
    pub id: InvitationId,
    /// The digest of its token.
    pub digest: OneTimeDigest,
    /// The address that it was sent to. Accepting it verifies the address.
    pub email: Email,
    /// The invited account that it activates. `None` if accepting it registers a new account.
    pub account_id: Option<AccountId>,
    /// The roles of the new account. Empty if the account exists already.
    pub roles: Vec<Role>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it expires.
    pub until: Timestamp,
}

impl Invitation {
    /// Returns the id of the account that accepting it sets up. The id of a new account follows from
    /// the token, so that every request with the token names the same account.
    pub fn account_to_set_up(&self) -> AccountId {
        self.account_id.unwrap_or_else(|| {
            AccountId::from_random_bytes(sha256(&[ACCOUNT_LABEL, self.digest.as_bytes()]))
        })
    }

    /// Returns whether the invitation is for this address.
    pub fn is_for(&self, email: &Email) -> bool {
        self.email.lookup_key() == email.lookup_key()
    }
}

/// How long an invitation is valid: an hour to 30 days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InvitationLifetime(Duration);

impl InvitationLifetime {
    /// The shortest lifetime, in seconds.
    const MIN_SECONDS: u64 = 60 * 60;
    /// The longest lifetime, in seconds.
    const MAX_SECONDS: u64 = 30 * 24 * 60 * 60;
    /// The lifetime of an invitation for which none is chosen, in seconds.
    const DEFAULT_SECONDS: u64 = 7 * 24 * 60 * 60;

    /// Returns the lifetime with this many seconds.
    ///
    /// # Errors
    ///
    /// [`InvalidInvitationLifetime`] if it is too short or too long.
    pub fn from_seconds(seconds: u64) -> Result<Self, InvalidInvitationLifetime> {
        if (Self::MIN_SECONDS..=Self::MAX_SECONDS).contains(&seconds) {
            Ok(Self(Duration::from_secs(seconds)))
        } else {
            Err(InvalidInvitationLifetime)
        }
    }

    /// Returns the duration.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl Default for InvitationLifetime {
    fn default() -> Self {
        Self(Duration::from_secs(Self::DEFAULT_SECONDS))
    }
}

/// The lifetime is too short or too long for an invitation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be from 3600 (an hour) to 2592000 (30 days)")]
pub struct InvalidInvitationLifetime;

/// Separates ids of accounts from other hashes of tokens.
const ACCOUNT_LABEL: &[u8] = b"signet account of invitation v1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_new_account_follows_from_the_token_alone() {
        let mut invitation = Invitation {
            id: InvitationId::from_bytes([1; 16]),
            digest: OneTimeDigest::from_bytes([2; 32]),
            email: "ada@example.com".parse().unwrap(),
            account_id: None,
            roles: Vec::new(),
            created_at: Timestamp::from_seconds(1),
            until: Timestamp::from_seconds(2),
        };
        let id = invitation.account_to_set_up();
        assert_eq!(id.to_string(), "fcda52ac-9180-4693-9013-db100ff2eaf9");
        invitation.id = InvitationId::from_bytes([3; 16]);
        assert_eq!(invitation.account_to_set_up(), id);
        invitation.digest = OneTimeDigest::from_bytes([4; 32]);
        assert_ne!(invitation.account_to_set_up(), id);
        invitation.account_id = Some(AccountId::from_bytes([5; 16]));
        let invited = AccountId::from_bytes([5; 16]);
        assert_eq!(invitation.account_to_set_up(), invited);
    }

    #[test]
    fn a_lifetime_is_an_hour_to_thirty_days() {
        for (seconds, valid) in [
            (3_599, false),
            (3_600, true),
            (2_592_000, true),
            (2_592_001, false),
        ] {
            let lifetime = InvitationLifetime::from_seconds(seconds);
            assert_eq!(lifetime.is_ok(), valid, "{seconds}");
        }
        let default = InvitationLifetime::from_seconds(InvitationLifetime::DEFAULT_SECONDS);
        assert_eq!(default, Ok(InvitationLifetime::default()));
    }
}
