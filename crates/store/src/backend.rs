//! What every backend can be asked, whatever it stores.

use async_trait::async_trait;
use signet_verifier::Timestamp;

use crate::error::StoreError;

/// One place where things are stored, as `/readyz` and the shutdown see it.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Its name in a report, for example `database`.
    fn name(&self) -> &'static str;

    /// Whether it answers, can be written to, and what its clock says.
    async fn check(&self) -> Result<Health, StoreError>;

    /// Finishes what was handed to it and takes nothing more. Twice does no harm.
    async fn close(&self) -> Result<(), StoreError>;
}

/// What a backend that answers says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Health {
    /// The time by its own clock; `None` when it has no clock but ours.
    pub clock: Option<Timestamp>,
}
