//! `signet backup` and `signet restore`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use signet_flows::events::OperatorEvent;
use signet_store::{MissingDatabase, StoreError, StoreUrls, back_up, open_or_refuse, restore};
use signet_verifier::{Clock as _, SystemClock, Timestamp};

use super::missing_database::missing_database;
use super::passphrase_file::{DecryptFlags, EncryptFlags};
use super::place::existing_database;
use super::progress::Progress;
use super::recorder::Recorder;
use super::{CommandResult, Common, answer, complain, say_done};
use crate::app::store_urls;

/// The options of `signet backup`.
#[derive(Args, Debug)]
pub(super) struct BackupFlags {
    /// The file to write; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    passphrase: EncryptFlags,
}

/// The options of `signet restore`.
#[derive(Args, Debug)]
pub(super) struct RestoreFlags {
    #[command(flatten)]
    source: RestoreSource,
    #[command(flatten)]
    passphrase: DecryptFlags,
}

/// A backup, or none. Leaving out its name must not end every session.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct RestoreSource {
    /// The backup to put in the place of the SQLite database
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Put no file in place, and only end everything in the stores as they are, for example after a
    /// restore of PostgreSQL; a running server follows
    #[arg(long)]
    end_sessions: bool,
}

/// Writes a backup of the SQLite database, whether a server runs or not.
pub(super) fn backup(common: &Common, flags: &BackupFlags) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let urls = existing_database(&settings)?;
    let recorder = Recorder::open(&settings)?;
    let progress = Progress::of("copying the database");
    let file = flags.passphrase.written(&flags.file)?;
    back_up(&urls, file.plain())?;
    file.finish()?;
    drop(progress);
    say_done(format_args!("wrote {}", flags.file.display()), common.json);
    complain(&"the keys folder is not in it: copy that too, to another place");
    recorder.record(OperatorEvent::DatabaseBackedUp)
}

/// Puts a backup in place, and ends everything that was valid before.
pub(super) fn run_restore(common: &Common, flags: &RestoreFlags) -> CommandResult {
    let settings = common.load(Vec::new())?.settings;
    let urls = store_urls(&settings);
    let now = SystemClock::new().now();
    let earlier = if let Some(file) = &flags.source.file {
        let _shown = Progress::of("checking and copying the backup");
        let file = flags.passphrase.read(file)?;
        restore(&urls, file.plain(), now)?
    } else {
        existing_database(&settings)?;
        None
    };
    if let Some(earlier) = &earlier {
        let earlier = earlier.display();
        complain(&format_args!("the earlier database is {earlier}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let progress = Progress::of("ending every session");
    runtime.block_on(end_everything(&urls, missing_database(&settings), now))?;
    drop(progress);
    let done = if flags.source.end_sessions {
        ENDED
    } else {
        RESTORED
    };
    let document = Restored {
        done,
        earlier_database: earlier.map(|path| path.display().to_string()),
    };
    answer(common.json, &document, done)?;
    Recorder::open(&settings)?.record(OperatorEvent::DatabaseRestored)
}

/// What a program reads after a restore.
#[derive(Serialize)]
struct Restored {
    done: &'static str,
    /// Where the database is that was there before.
    earlier_database: Option<String>,
}

async fn end_everything(
    urls: &StoreUrls,
    missing: MissingDatabase,
    now: Timestamp,
) -> CommandResult {
    let stores = open_or_refuse(urls, missing, now).await?;
    for backend in &stores.backends {
        let ended: Result<(), StoreError> = backend.end_everything(now).await;
        ended?;
    }
    for backend in &stores.backends {
        backend.close().await?;
    }
    Ok(())
}

const RESTORED: &str =
    "restored: everybody signs in again, and access tokens issued until now are refused";
const ENDED: &str =
    "ended every session: everybody signs in again, and access tokens issued until now are refused";
