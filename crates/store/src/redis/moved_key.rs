//! Which keys of one server are moved to other stores.
//!
//! Keys that are not moved: indices, which follow from the sessions; epochs and counts, which belong
//! to this Redis; sign-ins that have begun; and counters of requests.

use signet_core::ids::{AccountId, SessionId, TokenId};
use signet_core::status_list::ListId;
use signet_verifier::Timestamp;

use super::keys::PREFIX;
use crate::deny_list::Denied;
use crate::status_lists::StatusHolder;

/// A key of [`super::keys::Layout::Whole`] that is moved.
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
    pub(super) fn read(key: &[u8]) -> Option<Self> {
        let (kind, name) = key.strip_prefix(PREFIX)?.split_first()?;
        if name == b"heck" && *kind == b'c' {
            return None;
        }
        Some(match kind {
            b's' => {
                let (account_id, id) = of_account(name)?;
                Self::Session(account_id, id?)
            }
            b'd' => Self::Denial(match of_account(name)? {
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
            b'b' => Self::HeldBits(match of_account(name)? {
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

/// `{@` account `}` and, for a session, its id.
fn of_account(name: &[u8]) -> Option<(AccountId, Option<SessionId>)> {
    let (account, rest) = name.strip_prefix(b"{@")?.split_first_chunk()?;
    let rest = rest.strip_prefix(b"}")?;
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
    use super::super::keys::Layout;
    use super::*;

    #[test]
    fn the_keys_of_one_server_are_read_as_they_were_made() {
        let layout = Layout::Whole;
        let account_id = AccountId::from_bytes(*b"}{@}{@}{@}{@}{@}");
        let id = SessionId::from_bytes([7; 16]);
        let token = TokenId::from_bytes([9; 16]);
        let list = ListId::from_bytes([3; 8]);
        let holder = StatusHolder::Session { account_id, id };
        let client = StatusHolder::Client("orders".parse().unwrap());
        let session = Denied::Session { account_id, id };
        let known = [
            (
                layout.session(account_id, id),
                MovedKey::Session(account_id, id),
            ),
            (
                layout.session_denial(account_id, id),
                MovedKey::Denial(session),
            ),
            (
                layout.account_denial(account_id),
                MovedKey::Denial(Denied::Account {
                    id: account_id,
                    issued_until: UNKNOWN,
                }),
            ),
            (
                layout.token_denial(token),
                MovedKey::Denial(Denied::Token {
                    id: token,
                    status: None,
                }),
            ),
            (
                layout.client_denial(&"orders".parse().unwrap()),
                MovedKey::Denial(Denied::Client {
                    id: "orders".parse().unwrap(),
                    issued_until: UNKNOWN,
                }),
            ),
            (
                layout.one_time_value(&[5; 32]),
                MovedKey::OneTimeValue([5; 32]),
            ),
            (layout.status_holder(&holder), MovedKey::HeldBits(holder)),
            (layout.status_holder(&client), MovedKey::HeldBits(client)),
            (
                layout.status_log_of(layout.of_status_lists(), list),
                MovedKey::SetBits(list),
            ),
        ];
        for (key, read) in known {
            assert_eq!(MovedKey::read(&key), Some(read));
        }
    }

    #[test]
    fn other_keys_are_not_moved() {
        let layout = Layout::Whole;
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
            b"other:s".to_vec(),
        ] {
            assert_eq!(MovedKey::read(&key), None);
        }
    }
}
