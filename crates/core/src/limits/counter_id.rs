//! The names of counters that replicas share.
//!
//! A name is a keyed hash, with a key of the keys folder. So every replica finds the same counter, a
//! dump of the store shows no address and no email address, and a client cannot choose its counter.
//! When the key changes, all budgets begin anew. This module must not know where counters are kept.

use signet_verifier::Timestamp;

use super::{Limit, Network};
use crate::session::{MacKeys, MacPurpose};

/// The name of a counter, or of a group of counters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CounterId([u8; 16]);

impl CounterId {
    /// The counter of `limit` for a network, for a subject, or for both together, at `now`.
    pub fn new(
        keys: &MacKeys,
        limit: Limit,
        (network, subject): (Option<Network>, Option<&str>),
        now: Timestamp,
    ) -> Self {
        let rule = limit.rule();
        Self::of(keys, rule.setting, (network, subject), now)
    }

    /// The group of all counters of a subject, or of all counters of a network that has no subject.
    /// The counters of one group are counted in one step.
    pub fn group(
        keys: &MacKeys,
        (network, subject): (Option<Network>, Option<&str>),
        now: Timestamp,
    ) -> Self {
        let network = if subject.is_some() { None } else { network };
        Self::of(keys, GROUP, (network, subject), now)
    }

    /// A counter with these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of the name.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    fn of(
        keys: &MacKeys,
        what: &str,
        (network, subject): (Option<Network>, Option<&str>),
        now: Timestamp,
    ) -> Self {
        let mut bytes = what.as_bytes().to_vec();
        bytes.push(0);
        bytes.extend_from_slice(&Network::to_bytes(network));
        if let Some(subject) = subject {
            bytes.push(1);
            bytes.extend_from_slice(subject.as_bytes());
        }
        Self(keys.keyed_hash(MacPurpose::COUNTER, &bytes, now))
    }
}

/// No setting has this name.
const GROUP: &str = "group";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;
    use crate::session::MacKey;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);

    fn keys(secret: u8) -> MacKeys {
        let secret = SecretBytes::new([secret; 32]);
        MacKeys::new(vec![MacKey::new(1, Timestamp::default(), &secret)]).unwrap()
    }

    #[test]
    fn counters_differ_by_limit_network_subject_and_key() {
        let (here, there) = (Network::V4(1), Network::V6(1, 64));
        let id = |secret, limit, of| CounterId::new(&keys(secret), limit, of, NOW);
        let ada = (Some(here), Some("ada"));
        let first = id(1, Limit::WrongPassword, ada);
        assert_eq!(first, id(1, Limit::WrongPassword, ada));
        for other in [
            id(2, Limit::WrongPassword, ada),
            id(1, Limit::Mail, ada),
            id(1, Limit::WrongPassword, (Some(there), Some("ada"))),
            id(1, Limit::WrongPassword, (Some(here), Some("bob"))),
            id(1, Limit::WrongPassword, (Some(here), None)),
            id(1, Limit::WrongPassword, (None, Some("ada"))),
            CounterId::group(&keys(1), ada, NOW),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn all_counters_of_a_subject_are_in_one_group_whatever_the_network() {
        let group = |of| CounterId::group(&keys(1), of, NOW);
        let anywhere = group((None, Some("ada")));
        assert_eq!(group((Some(Network::V4(1)), Some("ada"))), anywhere);
        assert_ne!(group((Some(Network::V4(1)), None)), anywhere);
    }
}
