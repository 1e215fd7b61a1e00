//! What one event costs in processor time with each sink, beside the hash of a login.
//!
//! An event alone waits for the disk by itself. Of 64 events at a time many share a wait, as in a busy
//! server.

use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use signet_core::names::ClientId;
use signet_core::password::{Hasher, Password};
use signet_core::secret::SecretText;
use signet_flows::audit::Audit;
use signet_flows::events::OperatorEvent;
use signet_flows::{AuditFileSettings, AuditSettings, AuditTableSettings, record_command};
use signet_issuer::config::{LogFormat, LogSettings};
use signet_issuer::logging::subscriber;
use signet_store::{Migration, MissingDatabase, RedisOptions, StoreUrls, open_audit_table};
use signet_verifier::{Clock, SystemClock};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let hash = of_a_hash().await;
    println!("processor time of an event; the hash of a login takes {hash:?}");
    let off = trail(folder.path(), AuditSettings::default()).await;
    let file = AuditFileSettings {
        path: folder.path().join("audit.log"),
        rotate_at: 100_000_000,
        is_shared: false,
    };
    let file = AuditSettings {
        file: Some(file),
        table: None,
    };
    let file = trail(folder.path(), file).await;
    let retention = Duration::from_hours(24);
    let table = AuditSettings {
        file: None,
        table: Some(AuditTableSettings { retention }),
    };
    let table = trail(folder.path(), table).await;
    let logging = tracing::subscriber::set_default(json_log());
    measure("log", &off, hash).await;
    drop(logging);
    measure("file", &file, hash).await;
    measure("table, SQLite", &table, hash).await;
}

/// A trail with the sinks of the settings.
async fn trail(folder: &Path, settings: AuditSettings) -> Audit {
    let urls = StoreUrls {
        database_url: format!("sqlite://{}", folder.join("signet.db").display()),
        redis_url: None,
        redis: RedisOptions::default(),
        migration: Migration::default(),
    };
    let table = open_audit_table(&urls, MissingDatabase::Make).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let started = settings.start(Some(table.expect("a table")), &clock);
    started.expect("a trail")
}

/// Writes the lines of the log as the server does, to nowhere.
fn json_log() -> impl tracing::Subscriber + Send + Sync {
    let settings = LogSettings {
        filter: "info".parse().expect("a filter"),
        format: LogFormat::Json,
        sample_one_in: 1,
    };
    subscriber(&settings, io::sink, false)
}

/// Prints what an event costs alone and among others.
async fn measure(sink: &str, audit: &Audit, hash: Duration) {
    let operator = ClientId::of_operator("ada").expect("a name");
    let event = OperatorEvent::AdminTokenMinted {
        subject: "signet:command-line:ada",
        token_id: "GhoaGhoaGhoaGhoaGhoaGg",
        scope: "signet:admin:read",
    };
    let record = || async {
        let recorded = record_command(audit, &operator, event).await;
        recorded.expect("a durable event");
    };
    for together in [1, 64] {
        let rounds = EVENTS / together;
        let spent = processor_time(async {
            for _ in 0..rounds {
                join_all((0..together).map(|_| record())).await;
            }
        });
        let each = spent.await / (rounds * together);
        let share = 100.0 * each.as_secs_f64() / hash.as_secs_f64();
        let micros = each.as_secs_f64() * 1e6;
        println!("  {sink:<14} {together:>3} at a time {micros:>7.1} us {share:>6.2} % of a login");
    }
}

async fn of_a_hash() -> Duration {
    let password = Password::typed(&SecretText::new("engine no. 9 steams".to_owned()));
    let (mut hasher, password) = (Hasher::new(), password.expect("a password"));
    // The first hash allocates the memory.
    let _first = hasher.hash(&password, [0; 16]);
    let spent = processor_time(async {
        for _ in 0..HASHES {
            let _hash = hasher.hash(&password, [1; 16]);
        }
    });
    spent.await / HASHES
}

/// The processor time that every thread of this process spends meanwhile.
async fn processor_time(work: impl Future<Output = ()>) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
    let began = now();
    work.await;
    now().saturating_sub(began)
}

const EVENTS: u32 = 6_400;
const HASHES: u32 = 20;
