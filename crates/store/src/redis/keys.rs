//! The names of the keys.
//!
//! `signet:` KIND `{@` account `}` and, for a session, its id: ids are their 16 raw bytes, because a
//! key is stored once per session. What stands between the braces decides the hash slot in a
//! Cluster, so everything of one account lies in one slot. The `@` keeps the braces from being
//! empty in front of an id that begins with `}`, which would make the whole key decide.
//! An operator may give a user of Redis the pattern `~signet:*`.

use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::limits::CounterId;
use signet_core::names::ClientId;
use signet_core::one_time_token::{OneTimeDigest, OneTimePurpose};

/// The record of a session.
pub(super) fn session(account_id: AccountId, id: SessionId) -> Vec<u8> {
    with_id(sessions(account_id), id)
}

/// What the keys of an account's sessions begin with.
pub(super) fn sessions(account_id: AccountId) -> Vec<u8> {
    of_account(b's', account_id)
}

/// The ids of an account's sessions, by the time they were created.
pub(super) fn index(account_id: AccountId) -> Vec<u8> {
    of_account(b'i', account_id)
}

/// The denial of a session.
pub(super) fn session_denial(account_id: AccountId, id: SessionId) -> Vec<u8> {
    with_id(account_denial(account_id), id)
}

/// The denial of an account; the keys of its sessions' denials begin with it.
pub(super) fn account_denial(account_id: AccountId) -> Vec<u8> {
    of_account(b'd', account_id)
}

/// The denial of an access token.
pub(super) fn token_denial(id: TokenId) -> Vec<u8> {
    [PREFIX, b"t", id.as_bytes()].concat()
}

/// The denial of a client.
pub(super) fn client_denial(id: &ClientId) -> Vec<u8> {
    [PREFIX, b"c", id.as_str().as_bytes()].concat()
}

/// A value that has been used.
pub(super) fn one_time_value(value: &[u8; 32]) -> Vec<u8> {
    [PREFIX, b"o", value].concat()
}

/// A challenge.
pub(super) fn challenge(purpose: OneTimePurpose, id: OneTimeDigest) -> Vec<u8> {
    [PREFIX, b"h", &[purpose.number()], id.as_bytes()].concat()
}

/// A counter of requests. All counters of one group lie in one slot.
pub(super) fn counter(group: CounterId, id: CounterId) -> Vec<u8> {
    [PREFIX, b"l{@", group.as_bytes(), b"}", id.as_bytes()].concat()
}

/// How far a key ring has come.
pub(super) fn ring_note(ring: &str) -> Vec<u8> {
    [PREFIX, b"r", ring.as_bytes()].concat()
}

/// The epoch of the deny list.
pub(super) fn denial_epoch() -> Vec<u8> {
    [PREFIX, b"e"].concat()
}

/// How many denials a process has written.
pub(super) fn denial_count(process: [u8; 16]) -> Vec<u8> {
    [PREFIX, b"n", &process].concat()
}

fn of_account(kind: u8, account_id: AccountId) -> Vec<u8> {
    let mut key = Vec::with_capacity(SESSION_KEY_BYTES);
    key.extend_from_slice(PREFIX);
    key.push(kind);
    key.extend_from_slice(b"{@");
    key.extend_from_slice(account_id.as_bytes());
    key.push(b'}');
    key
}

fn with_id(mut key: Vec<u8>, id: SessionId) -> Vec<u8> {
    key.extend_from_slice(id.as_bytes());
    key
}

const PREFIX: &[u8] = b"signet:";

/// The longest key of an account, so that making one allocates once.
const SESSION_KEY_BYTES: usize = PREFIX.len() + 3 + 16 + 1 + 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_key_is_43_bytes() {
        let key = session(
            AccountId::from_bytes([0xaa; 16]),
            SessionId::from_bytes([0x5d; 16]),
        );
        let (head, id) = key.split_at(27);
        assert_eq!(head, [b"signet:s{@".as_slice(), &[0xaa; 16], b"}"].concat());
        assert_eq!(id, [0x5d; 16]);
    }

    #[test]
    fn everything_of_an_account_has_one_hash_tag_whatever_its_bytes() {
        for bytes in [[0xaa; 16], [b'}'; 16], [b'{'; 16], *b"a}b}c}d}e}f}g}h}"] {
            let account_id = AccountId::from_bytes(bytes);
            let id = SessionId::from_bytes(*b"}{}{}{}{}{}{}{}{");
            let tag = hash_tag(&index(account_id));
            assert!(!tag.is_empty());
            for key in [
                session(account_id, id),
                session_denial(account_id, id),
                account_denial(account_id),
                sessions(account_id),
            ] {
                assert_eq!(hash_tag(&key), tag);
            }
        }
    }

    #[test]
    fn all_counters_of_a_group_have_one_hash_tag() {
        let tag = |bytes| {
            let (group, id) = (
                CounterId::from_bytes([b'}'; 16]),
                CounterId::from_bytes(bytes),
            );
            hash_tag(&counter(group, id))
        };
        assert_eq!(tag([1; 16]), tag([b'{'; 16]));
        assert!(!tag([1; 16]).is_empty());
    }

    /// As the Redis Cluster specification defines it: from the first `{` to the first `}` behind.
    fn hash_tag(key: &[u8]) -> Vec<u8> {
        let behind = key.iter().skip_while(|byte| **byte != b'{').skip(1);
        behind.take_while(|byte| **byte != b'}').copied().collect()
    }
}
