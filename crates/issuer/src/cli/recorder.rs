//! Records in the audit trail what a command does without asking a server.

use std::error::Error;
use std::sync::Arc;

use signet_core::names::ClientId;
use signet_flows::audit::Audit;
use signet_flows::events::OperatorEvent;
use signet_flows::record_command;
use signet_store::open_audit_table;
use signet_verifier::{Clock, SystemClock};
use tokio::runtime::Runtime;

use super::missing_database::missing_database;
use super::operator::operator;
use super::{CommandResult, background_runtime, complain};
use crate::app::store_urls;
use crate::config::Settings;

/// The audit trail of a command, opened before it changes anything.
pub(super) struct Recorder {
    audit: Audit,
    operator: ClientId,
    runtime: Runtime,
}

impl Recorder {
    /// Opens the configured audit trail. It creates no database: before the first start of a server
    /// there is none.
    ///
    /// # Errors
    ///
    /// When the trail cannot be used.
    pub(super) fn open(settings: &Settings) -> Result<Self, Box<dyn Error>> {
        let runtime = background_runtime()?;
        let audit = runtime.block_on(start(settings))?;
        Ok(Self {
            audit,
            operator: operator()?,
            runtime,
        })
    }

    /// Records what has been done.
    ///
    /// # Errors
    ///
    /// A sentence that says that it has been done, and is not recorded.
    pub(super) fn record(&self, event: OperatorEvent<'_>) -> CommandResult {
        let recording = record_command(&self.audit, &self.operator, event);
        let recorded = self.runtime.block_on(recording);
        recorded.map_err(|_| NOT_RECORDED.into())
    }
}

async fn start(settings: &Settings) -> Result<Audit, Box<dyn Error>> {
    let urls = store_urls(settings);
    let table = match (settings.audit.table, urls.missing_file()) {
        (None, _) => None,
        (Some(_), None) => Some(open_audit_table(&urls, missing_database(settings)).await?),
        (Some(_), Some(path)) => {
            let path = path.display();
            complain(&format_args!(
                "the database {path} does not exist yet, so its audit trail has no event of this"
            ));
            None
        }
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    Ok(settings.audit.for_commands().start(table, &clock)?)
}

const NOT_RECORDED: &str = "this was done, but the audit trail cannot be written";
