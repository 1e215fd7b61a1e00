//! The names of the keys.
//!
//! On one server: `signet:` KIND `{@` account `}` and, for a session, its id. In a Cluster:
//! `signet:{` partition `}` KIND account and, for a session, its id. Ids are their 16 raw bytes,
//! because a key is stored once per session. The partition is two hexadecimal digits; it alone
//! decides the hash slot, so everything of one account lies in one slot.
//! An operator may give a user of Redis the pattern `~signet:*`.

use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::limits::CounterId;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};
use signet_core::status_list::ListId;

use crate::status_lists::StatusHolder;

/// How the keys of a place are named.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Layout {
    /// One server has everything.
    Whole,
    /// The servers of a Cluster have a part each. Every key belongs to one of 256 partitions, and a
    /// partition is one hash slot. So the denials of a partition, the epoch that tells whether they
    /// were lost, and their count are always lost or kept together.
    Partitions,
}

/// What is stored, lost and moved together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Partition(u8);

impl Partition {
    /// The place in a list of all partitions.
    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl Layout {
    /// Every partition, in order.
    pub(super) fn partitions(self) -> impl Iterator<Item = Partition> {
        let last = match self {
            Self::Whole => 0,
            Self::Partitions => u8::MAX,
        };
        (0..=last).map(Partition)
    }

    /// Where the sessions and denials of an account are.
    pub(super) fn of_account(self, account_id: AccountId) -> Partition {
        self.of(account_id.as_bytes())
    }

    /// Where the denial of an access token is.
    pub(super) fn of_token(self, id: TokenId) -> Partition {
        self.of(id.as_bytes())
    }

    /// Where the denial of a client is.
    pub(super) fn of_client(self, id: &ClientId) -> Partition {
        self.of(id.as_str().as_bytes())
    }

    /// Where a challenge is.
    pub(super) fn of_challenge(self, id: OneTimeDigest) -> Partition {
        self.of(id.as_bytes())
    }

    /// The record of a session.
    pub(super) fn session(self, account_id: AccountId, id: SessionId) -> Vec<u8> {
        with_id(self.sessions(account_id), id)
    }

    /// What the keys of an account's sessions begin with.
    pub(super) fn sessions(self, account_id: AccountId) -> Vec<u8> {
        self.account_key(b's', account_id)
    }

    /// The ids of an account's sessions, by the time they were created.
    pub(super) fn index(self, account_id: AccountId) -> Vec<u8> {
        self.account_key(b'i', account_id)
    }

    /// The denial of a session.
    pub(super) fn session_denial(self, account_id: AccountId, id: SessionId) -> Vec<u8> {
        with_id(self.account_denial(account_id), id)
    }

    /// The denial of an account; the keys of its sessions' denials begin with it.
    pub(super) fn account_denial(self, account_id: AccountId) -> Vec<u8> {
        self.account_key(b'd', account_id)
    }

    /// The denial of an access token.
    pub(super) fn token_denial(self, id: TokenId) -> Vec<u8> {
        self.key(self.of_token(id), &[b"t", id.as_bytes()])
    }

    /// The denial of a client.
    pub(super) fn client_denial(self, id: &ClientId) -> Vec<u8> {
        self.key(self.of_client(id), &[b"c", id.as_str().as_bytes()])
    }

    /// A value that has been used.
    pub(super) fn one_time_value(self, value: &[u8; 32]) -> Vec<u8> {
        self.key(self.of(value), &[b"o", value])
    }

    /// A challenge.
    pub(super) fn challenge(self, purpose: OneTimePurpose, id: OneTimeDigest) -> Vec<u8> {
        let kind = [b'h', purpose.number()];
        self.key(self.of_challenge(id), &[&kind, id.as_bytes()])
    }

    /// How far a key ring has come.
    pub(super) fn ring_note(self, ring: &str) -> Vec<u8> {
        self.key(self.of(ring.as_bytes()), &[b"r", ring.as_bytes()])
    }

    /// The epoch of the denials of a partition.
    pub(super) fn denial_epoch(self, partition: Partition) -> Vec<u8> {
        self.key(partition, &[b"e"])
    }

    /// How many denials a process has written in a partition.
    pub(super) fn denial_count(self, partition: Partition, process: [u8; 16]) -> Vec<u8> {
        self.key(partition, &[b"n", &process])
    }

    /// What a check writes.
    pub(super) fn check(self, partition: Partition) -> Vec<u8> {
        self.key(partition, &[b"p"])
    }

    /// Where the revocation lists are.
    pub(super) fn of_status_lists(self) -> Partition {
        self.of(b"status lists")
    }

    /// The revocation lists.
    pub(super) fn status_lists(self) -> Vec<u8> {
        self.key(self.of_status_lists(), &[b"w"])
    }

    /// What the keys of the logs of revocation lists begin with; the id of the list follows.
    pub(super) fn status_logs(self, partition: Partition) -> Vec<u8> {
        self.key(partition, &[b"v"])
    }

    /// The log of a revocation list in a partition.
    pub(super) fn status_log_of(self, partition: Partition, list: ListId) -> Vec<u8> {
        self.key(partition, &[b"v", list.as_bytes()])
    }

    /// Where a holder of bits is: with its denial.
    pub(super) fn of_status_holder(self, holder: &StatusHolder) -> Partition {
        match holder {
            StatusHolder::Session { account_id, .. } | StatusHolder::Account(account_id) => {
                self.of_account(*account_id)
            }
            StatusHolder::Client(id) => self.of_client(id),
        }
    }

    /// The bits that a holder has.
    pub(super) fn status_holder(self, holder: &StatusHolder) -> Vec<u8> {
        match holder {
            StatusHolder::Session { account_id, id } => {
                with_id(self.status_holders(*account_id), *id)
            }
            StatusHolder::Account(account_id) => self.status_holders(*account_id),
            StatusHolder::Client(id) => {
                self.key(self.of_client(id), &[b"k", id.as_str().as_bytes()])
            }
        }
    }

    /// The account as a holder of bits; the keys of its sessions as holders begin with it.
    pub(super) fn status_holders(self, account_id: AccountId) -> Vec<u8> {
        self.account_key(b'b', account_id)
    }

    fn of(self, bytes: &[u8]) -> Partition {
        match self {
            Self::Whole => Partition(0),
            Self::Partitions => Partition(fold(bytes)),
        }
    }

    fn key(self, partition: Partition, parts: &[&[u8]]) -> Vec<u8> {
        let mut key = Vec::with_capacity(LONGEST_ACCOUNT_KEY);
        key.extend_from_slice(PREFIX);
        if self == Self::Partitions {
            key.extend_from_slice(format!("{{{:02x}}}", partition.0).as_bytes());
        }
        for part in parts {
            key.extend_from_slice(part);
        }
        key
    }

    fn account_key(self, kind: u8, account_id: AccountId) -> Vec<u8> {
        let (kind, id) = ([kind], account_id.as_bytes().as_slice());
        let partition = self.of_account(account_id);
        match self {
            Self::Whole => self.key(partition, &[&kind, b"{@", id, b"}"]),
            Self::Partitions => self.key(partition, &[&kind, id]),
        }
    }
}

/// The counters of requests of a group, in a slot of their own.
pub(super) fn counters(group: CounterId) -> Vec<u8> {
    [PREFIX, b"l{@", group.as_bytes(), b"}"].concat()
}

/// Spreads ids and names evenly: FNV-1a, and all of its bytes together.
fn fold(bytes: &[u8]) -> u8 {
    let hash = bytes.iter().fold(FNV_OFFSET, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(FNV_PRIME)
    });
    hash.to_be_bytes().iter().fold(0, |all, byte| all ^ byte)
}

fn with_id(mut key: Vec<u8>, id: SessionId) -> Vec<u8> {
    key.extend_from_slice(id.as_bytes());
    key
}

/// What every key begins with.
pub(super) const PREFIX: &[u8] = b"signet:";

/// The longest key of an account, so that making one allocates once.
const LONGEST_ACCOUNT_KEY: usize = PREFIX.len() + 4 + 1 + 3 + 16 + 16;

const FNV_OFFSET: u32 = 0x811c_9dc5;
const FNV_PRIME: u32 = 0x0100_0193;

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId::from_bytes([0xaa; 16]);

    #[test]
    fn a_session_key_is_43_bytes_on_one_server_and_44_in_a_cluster() {
        let id = SessionId::from_bytes([0x5d; 16]);
        let key = Layout::Whole.session(ACCOUNT, id);
        assert_eq!(
            key,
            [b"signet:s{@".as_slice(), &[0xaa; 16], b"}", &[0x5d; 16]].concat()
        );
        let key = Layout::Partitions.session(ACCOUNT, id);
        assert_eq!(key.len(), 44);
        assert!(key.starts_with(b"signet:{"));
        assert!(key.ends_with(&[[0xaa; 16], [0x5d; 16]].concat()));
    }

    #[test]
    fn everything_of_an_account_has_the_hash_tag_of_its_partition_whatever_its_bytes() {
        let layout = Layout::Partitions;
        for bytes in [[0xaa; 16], [b'}'; 16], [b'{'; 16], *b"a}b}c}d}e}f}g}h}"] {
            let account_id = AccountId::from_bytes(bytes);
            let id = SessionId::from_bytes(*b"}{}{}{}{}{}{}{}{");
            let partition = layout.of_account(account_id);
            let tag = hash_tag(&layout.denial_epoch(partition));
            assert_eq!(tag.len(), 2);
            for key in [
                layout.index(account_id),
                layout.session(account_id, id),
                layout.session_denial(account_id, id),
                layout.account_denial(account_id),
                layout.sessions(account_id),
                layout.denial_count(partition, bytes),
            ] {
                assert_eq!(hash_tag(&key), tag);
            }
        }
    }

    #[test]
    fn no_client_has_its_denial_in_the_key_of_the_check() {
        for layout in [Layout::Whole, Layout::Partitions] {
            for name in ["p", "heck", "check"] {
                let client: ClientId = name.parse().unwrap();
                let check = layout.check(layout.of_client(&client));
                assert_ne!(layout.client_denial(&client), check, "{name}");
            }
        }
    }

    #[test]
    fn ids_are_spread_over_all_partitions() {
        let mut counts = [0_u32; 256];
        for number in 0..25_600_u32 {
            let id = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let account_id = AccountId::from_bytes(id.to_be_bytes());
            counts[Layout::Partitions.of_account(account_id).index()] += 1;
        }
        assert!(
            counts.iter().all(|&count| count > 50 && count < 200),
            "{counts:?}"
        );
    }

    /// As the Redis Cluster specification defines it: from the first `{` to the first `}` behind.
    fn hash_tag(key: &[u8]) -> Vec<u8> {
        let behind = key.iter().skip_while(|byte| **byte != b'{').skip(1);
        behind.take_while(|byte| **byte != b'}').copied().collect()
    }
}
