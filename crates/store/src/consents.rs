//! Consents: what people have allowed clients, in the database.

use async_trait::async_trait;
use signet_core::authorization::{Consent, ConsentGrant};
use signet_core::ids::AccountId;
use signet_core::names::ClientId;
use signet_verifier::Timestamp;

use crate::columns::millis;
use crate::error::{ImpossibleRow, StoreError};

/// Remembers consents until they expire.
///
/// Promises: what was answered `Ok` survives the death of the process and of the machine. An account
/// has at most one consent for a client. A deleted account and a deleted client have none from the
/// same moment.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Adds a grant to a consent as [`Consent::new`] says, or begins one. Returns `false` if the
    /// account or the client does not exist.
    ///
    /// Of calls at the same moment, each adds its grant to what the others have left. A consent that
    /// is removed at the same moment is removed with the grant, or before it.
    async fn add(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        grant: &ConsentGrant,
    ) -> Result<bool, StoreError>;

    /// Returns a consent, unless it has expired at `now`.
    async fn find(
        &self,
        account_id: AccountId,
        client_id: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Consent>, StoreError>;

    /// Returns the consents of an account that have not expired at `now`, by the id of the client.
    async fn list(
        &self,
        account_id: AccountId,
        now: Timestamp,
    ) -> Result<Vec<(ClientId, Consent)>, StoreError>;

    /// Removes a consent. Returns whether there was one.
    async fn remove(&self, account_id: AccountId, client_id: &ClientId)
    -> Result<bool, StoreError>;

    /// Removes consents that have expired at `now`, at most `limit`; returns how many.
    async fn purge(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}

/// The record of a consent, and the end of its last grant in milliseconds, as a row has them.
pub(crate) type Written = (String, i64);

/// Adds a grant to the record of a consent, if there is one.
pub(crate) fn with_grant(
    record: Option<String>,
    grant: ConsentGrant,
) -> Result<Written, ImpossibleRow> {
    let earlier = record.map(|record| read(&record)).transpose()?;
    let consent = Consent::new(grant, earlier);
    let record = serde_json::to_string(&consent);
    let record = record.map_err(|_| ImpossibleRow("a consent that cannot be written"))?;
    Ok((record, millis(consent.until())))
}

/// Reads the row of a consent: the id of the client and the record.
pub(crate) fn read_row(
    client_id: &str,
    record: &str,
) -> Result<(ClientId, Consent), ImpossibleRow> {
    let client_id = client_id.parse();
    let client_id = client_id.map_err(|_| ImpossibleRow("a consent to a client without an id"))?;
    Ok((client_id, read(record)?))
}

/// Reads the record of a consent.
pub(crate) fn read(text: &str) -> Result<Consent, ImpossibleRow> {
    serde_json::from_str(text).map_err(|_| ImpossibleRow("a consent that cannot be read"))
}
