//! Ends everything after a restore: what was ended or used since the backup must not be good again.

use rusqlite::{Connection, params};
use signet_core::account::Epoch;
use signet_verifier::Timestamp;

use super::deny_list::deny_all;

/// Ends every session, denies every access token issued until `now`, and voids links, invitations,
/// challenges and waiting mail. Epochs continue at numbers that no account has had.
pub(super) fn end_everything(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let next = Epoch::default().after_ending(now);
    let last = Epoch::END.number().saturating_sub(1);
    connection.execute(RAISE_EPOCHS, params![next.number(), last])?;
    connection.execute_batch(FORGET)?;
    deny_all(connection, now)
}

const RAISE_EPOCHS: &str = "
    UPDATE accounts
    SET epoch = min(max(epoch + 1, ?1), ?2), kept_session = NULL, kept_since = NULL";

const FORGET: &str = "
    DELETE FROM sessions;
    DELETE FROM links;
    DELETE FROM invitations;
    DELETE FROM challenges;
    DELETE FROM outbox;";
