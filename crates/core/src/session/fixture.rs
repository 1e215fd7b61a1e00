//! A session for the tests of its rules.

use signet_verifier::Timestamp;

use super::{Grant, Session, SessionPolicy};
use crate::account::Epoch;
use crate::ids::{AccountId, SessionId};
use crate::names::ClientId;

/// A session of a client with this number, which began at `now` and is allowed nothing.
pub(super) fn session(client_id: ClientId, number: u8, now: Timestamp) -> Session {
    let grant = Grant {
        client_id,
        scope: Vec::new(),
        audience: Vec::new(),
        amr: Vec::new(),
        epoch: Epoch::default(),
        cnf: None,
    };
    let id = SessionId::from_bytes([number; 16]);
    let account_id = AccountId::from_bytes([2; 16]);
    Session::begin(id, account_id, grant, now, &SessionPolicy::default())
}
