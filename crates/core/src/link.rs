//! One-time links in mail: their purpose, and when they are valid.
//!
//! This module must not know how links are sent or stored.

use signet_verifier::Timestamp;

use crate::account::{Account, Email, Epoch};
use crate::ids::AccountId;
use crate::one_time_token::{OneTimeDigest, OneTimePurpose};

/// A link as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// The purpose.
    pub purpose: OneTimePurpose,
    /// The digest of its token.
    pub digest: OneTimeDigest,
    /// The account.
    pub account_id: AccountId,
    /// The account's epoch when the link was made. If all sessions end later, the link becomes
    /// invalid.
    pub epoch: Epoch,
    /// The address that it was sent to. If the link changes the address, this is the new one.
    pub email: Email,
    /// When it expires.
    pub until: Timestamp,
}

impl Link {
    /// Returns whether the link is valid for `account` at `now`. Everything that ends all sessions
    /// of an account also ends its links.
    pub fn is_valid_for(&self, account: &Account, now: Timestamp) -> bool {
        self.account_id == account.id
            && self.epoch == account.standing.epoch
            && now < self.until
            && (self.purpose == OneTimePurpose::ChangeEmail || self.is_sent_to(&account.email))
    }

    fn is_sent_to(&self, email: &Email) -> bool {
        self.email.lookup_key() == email.lookup_key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn ada() -> Account {
        let email = "ada@example.com".parse().unwrap();
        Account::new(AccountId::from_bytes([1; 16]), email, None, at(0))
    }

    fn link(purpose: OneTimePurpose) -> Link {
        Link {
            purpose,
            digest: OneTimeDigest::from_bytes([1; 32]),
            account_id: ada().id,
            epoch: Epoch::default(),
            email: "ADA@example.com".parse().unwrap(),
            until: at(100),
        }
    }

    #[test]
    fn a_link_is_valid_until_its_time() {
        let link = link(OneTimePurpose::ResetPassword);
        assert!(link.is_valid_for(&ada(), at(99)));
        assert!(!link.is_valid_for(&ada(), at(100)));
    }

    #[test]
    fn an_ending_ends_the_links_of_its_account() {
        let link = link(OneTimePurpose::ResetPassword);
        assert!(!link.is_valid_for(&ada().ended(at(1)), at(1)));
    }

    #[test]
    fn a_link_is_invalid_for_another_account() {
        let link = link(OneTimePurpose::ResetPassword);
        let mut bob = ada();
        bob.id = AccountId::from_bytes([2; 16]);
        assert!(!link.is_valid_for(&bob, at(1)));
    }

    #[test]
    fn only_a_change_of_address_is_sent_to_another_address() {
        let mut moved = ada();
        moved.email = "countess@example.com".parse().unwrap();
        for purpose in OneTimePurpose::ALL {
            let valid = link(purpose).is_valid_for(&moved, at(1));
            assert_eq!(valid, purpose == OneTimePurpose::ChangeEmail);
        }
    }
}
