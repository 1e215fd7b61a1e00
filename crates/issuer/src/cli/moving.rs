//! `signet export` and `signet import`: everything that is stored, from one set of stores to another.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use signet_flows::events::OperatorEvent;
use signet_store::Moved;
use signet_verifier::{Clock as _, SystemClock};

use super::passphrase_file::{DecryptFlags, EncryptFlags};
use super::place::existing_database;
use super::progress::Progress;
use super::recorder::Recorder;
use super::server::Server;
use super::{CommandResult, Common, answer, background_runtime, complain};
use crate::app::store_urls;
use crate::config::Settings;
use crate::http_client::reachable;

/// The options of `signet export`.
#[derive(Args, Debug)]
pub(super) struct ExportFlags {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: EncryptFlags,
}

/// The options of `signet import`.
#[derive(Args, Debug)]
pub(super) struct ImportFlags {
    /// A file of `signet export`
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: DecryptFlags,
}

/// Writes everything that is stored into a file.
pub(super) fn export(common: &Common, flags: &ExportFlags) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let urls = existing_database(&settings)?;
    let recorder = Recorder::open(&settings)?;
    let now = SystemClock::new().now();
    let progress = Progress::of("exporting rows");
    let runtime = background_runtime()?;
    runtime.block_on(refuse_running(&settings))?;
    let file = flags.passphrase.written(&flags.file)?;
    let counter = |rows| progress.count(rows);
    let moved = runtime.block_on(signet_store::export(&urls, file.plain(), now, &counter))?;
    let is_encrypted = file.finish()?;
    drop(progress);
    let sentence = format!("wrote {}: {}", flags.file.display(), Shown(moved));
    answer(common.json, &document("exported", moved), sentence)?;
    if !is_encrypted {
        complain(&"the file is not encrypted: remove it after the import");
    }
    recorder.record(OperatorEvent::DatabaseExported)
}

/// Reads a file into stores that are empty.
pub(super) fn import(common: &Common, flags: &ImportFlags) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let urls = store_urls(&settings);
    let now = SystemClock::new().now();
    let progress = Progress::of("importing rows");
    let runtime = background_runtime()?;
    runtime.block_on(refuse_running(&settings))?;
    let file = flags.passphrase.read(&flags.file)?;
    let counter = |rows| progress.count(rows);
    let moved = runtime.block_on(signet_store::import(&urls, file.plain(), now, &counter))?;
    drop(progress);
    let sentence = format!("read {}: {}", flags.file.display(), Shown(moved));
    answer(common.json, &document("imported", moved), sentence)?;
    Recorder::open(&settings)?.record(OperatorEvent::DatabaseImported)
}

/// Fails if a server listens where the configuration says. Servers of other machines are not found.
async fn refuse_running(settings: &Settings) -> Result<(), String> {
    let address = reachable(settings.ops_listen);
    if Server::listens(address).await {
        return Err(format!(
            "a server listens at {address}, the address of ops_listen: stop every server that uses \
             the stores, then try again"
        ));
    }
    Ok(())
}

/// How much was moved, for programs.
fn document(done: &str, moved: Moved) -> serde_json::Value {
    json!({
        "done": done,
        "accounts": moved.accounts,
        "clients": moved.clients,
        "sessions": moved.sessions,
    })
}

/// How much was moved, for people.
struct Shown(Moved);

impl Display for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Moved {
            accounts,
            clients,
            sessions,
        } = self.0;
        write!(
            f,
            "accounts {accounts}, clients {clients}, sessions {sessions}"
        )
    }
}
