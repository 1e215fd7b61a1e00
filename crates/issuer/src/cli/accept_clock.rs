//! `signet accept-clock`: says that the clock of this machine is right, although the database was
//! used at a later time.

use signet_store::open_or_refuse;
use signet_verifier::{Clock as _, SystemClock};

use super::missing_database::missing_database;
use super::place::existing_database;
use super::{CommandResult, Common, background_runtime, say_done};
use crate::config::Settings;

/// Brings the time that is noted in the database back to the time of this machine.
pub(super) fn accept(common: &Common) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    background_runtime()?.block_on(bring_time_back(&settings))?;
    say_done(ACCEPTED, common.json);
    Ok(())
}

async fn bring_time_back(settings: &Settings) -> CommandResult {
    let urls = existing_database(settings)?;
    let now = SystemClock::new().now();
    let stores = open_or_refuse(&urls, missing_database(settings), now).await?;
    for backend in &stores.backends {
        backend.bring_time_back(now).await?;
    }
    Ok(stores.close().await?)
}

const ACCEPTED: &str = "accepted the clock of this machine";
