//! Which keys are moved to other stores.
//!
//! Keys that are not moved: indices, which follow from the sessions; epochs and counts, which belong
//! to this Redis; sign-ins that have begun; and counters of requests.

use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::status_list::ListId;
use signet_verifier::Timestamp;

use super::keys::{Layout, PREFIX};
use crate::deny_list::Denied;
use crate::status_lists::StatusHolder;

/// A key that is moved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum MovedKey {
    /// A session.
    Session(AccountId, SessionId),
    /// A denial. The last `iat` that it refuses is in the value.
    Denial(Denied),
    /// A value that was used.
    OneTimeValue([u8; 32]),
    /// The bits of a holder.
    HeldBits(StatusHolder),
    /// The bits of a list that were set.
    SetBits(ListId),
}

impl MovedKey {
    /// Reads a key; `None` if it is not moved.
    pub(super) fn read(layout: Layout, key: &[u8]) -> Option<Self> {
        let key = key.strip_prefix(PREFIX)?;
        let key = match layout {
            Layout::Whole => key,
            Layout::Partitions => behind_partition(key)?,
        };
        let (kind, name) = key.split_first()?;
        Some(match kind {
            b's' => {
                let (account_id, id) = of_account(layout, name)?;
                Self::Session(account_id, id?)
            }
            b'd' => Self::Denial(match of_account(layout, name)? {
                (account_id, Some(id)) => Denied::Session { account_id, id },
                (id, None) => Denied::Account {
                    id,
                    issued_until: UNKNOWN,
                },
            }),
            b't' => Self::Denial(Denied::Token {
                id: TokenId::from_bytes(name.try_into().ok()?),
                status: None,
            }),
            b'c' => Self::Denial(Denied::Client {
                id: std::str::from_utf8(name).ok()?.parse().ok()?,
                issued_until: UNKNOWN,
            }),
            b'o' => Self::OneTimeValue(name.try_into().ok()?),
            b'b' => Self::HeldBits(match of_account(layout, name)? {
                (account_id, Some(id)) => StatusHolder::Session { account_id, id },
                (account_id, None) => StatusHolder::Account(account_id),
            }),
            b'k' => {
                let id = std::str::from_utf8(name).ok()?.parse().ok()?;
                Self::HeldBits(StatusHolder::Client(id))
            }
            b'v' => Self::SetBits(ListId::from_bytes(name.try_into().ok()?)),
            _ => return None,
        })
    }
}

/// What follows `{` partition `}`.
fn behind_partition(key: &[u8]) -> Option<&[u8]> {
    let (partition, rest) = key.split_first_chunk()?;
    matches!(partition, [b'{', _, _, b'}']).then_some(rest)
}

/// An account, on one server between `{@` and `}`, and, for a session, its id.
fn of_account(layout: Layout, name: &[u8]) -> Option<(AccountId, Option<SessionId>)> {
    let (account, rest) = match layout {
        Layout::Whole => {
            let (account, rest) = name.strip_prefix(b"{@")?.split_first_chunk()?;
            (account, rest.strip_prefix(b"}")?)
        }
        Layout::Partitions => name.split_first_chunk()?,
    };
    let id = match rest {
        [] => None,
        id => Some(SessionId::from_bytes(id.try_into().ok()?)),
    };
    Some((AccountId::from_bytes(*account), id))
}

/// Replaced by the value.
const UNKNOWN: Timestamp = Timestamp::from_millis(0);

#[cfg(test)]
mod tests {
    use signet_core::names::ClientId;

    use super::*;

    #[test]
    fn keys_are_read_as_they_were_made() {
        for layout in LAYOUTS {
            for (key, read) in moved(layout) {
                assert_eq!(MovedKey::read(layout, &key), Some(read), "{layout:?}");
            }
        }
    }

    #[test]
    fn other_keys_are_not_moved() {
        for layout in LAYOUTS {
            let account_id = AccountId::from_bytes([1; 16]);
            let partition = layout.of_account(account_id);
            for key in [
                layout.index(account_id),
                layout.denial_epoch(partition),
                layout.denial_count(partition, [2; 16]),
                layout.check(partition),
                layout.ring_note("ring"),
                layout.status_lists(),
                b"signet:".to_vec(),
                b"signet:{".to_vec(),
                b"other:s".to_vec(),
            ] {
                assert_eq!(MovedKey::read(layout, &key), None, "{layout:?}");
            }
        }
    }

    #[test]
    fn keys_of_the_other_layout_are_not_moved() {
        for [layout, other] in [LAYOUTS, [LAYOUTS[1], LAYOUTS[0]]] {
            for (key, _) in moved(other) {
                assert_eq!(MovedKey::read(layout, &key), None, "{layout:?}");
            }
        }
    }

    const LAYOUTS: [Layout; 2] = [Layout::Whole, Layout::Partitions];

    fn moved(layout: Layout) -> [(Vec<u8>, MovedKey); 9] {
        let account_id = AccountId::from_bytes(*b"}{@}{@}{@}{@}{@}");
        let id = SessionId::from_bytes([7; 16]);
        let token = TokenId::from_bytes([9; 16]);
        let list = ListId::from_bytes([3; 8]);
        let client: ClientId = "orders".parse().unwrap();
        let by_session = StatusHolder::Session { account_id, id };
        let by_client = StatusHolder::Client(client.clone());
        let denied = |denied| MovedKey::Denial(denied);
        let account = Denied::Account {
            id: account_id,
            issued_until: UNKNOWN,
        };
        let status_log = layout.status_log_of(layout.of_status_lists(), list);
        [
            (
                layout.session(account_id, id),
                MovedKey::Session(account_id, id),
            ),
            (
                layout.session_denial(account_id, id),
                denied(Denied::Session { account_id, id }),
            ),
            (layout.account_denial(account_id), denied(account)),
            (
                layout.token_denial(token),
                denied(Denied::Token {
                    id: token,
                    status: None,
                }),
            ),
            (
                layout.client_denial(&client),
                denied(Denied::Client {
                    id: client,
                    issued_until: UNKNOWN,
                }),
            ),
            (
                layout.one_time_value(&[5; 32]),
                MovedKey::OneTimeValue([5; 32]),
            ),
            (
                layout.status_holder(&by_session),
                MovedKey::HeldBits(by_session),
            ),
            (
                layout.status_holder(&by_client),
                MovedKey::HeldBits(by_client),
            ),
            (status_log, MovedKey::SetBits(list)),
        ]
    }
}
