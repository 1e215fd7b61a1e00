//! `signet serve`: binds, prints one line when it is ready, and serves until SIGTERM or SIGINT.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit,
};
use serde_json::json;
use signet_flows::keys::KeysOfStart;
use signet_verifier::{Clock, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::config_check::all_warnings;
use super::missing_database::missing_database;
use super::{CommandResult, Common, say};
use crate::app::{App, store_urls};
use crate::config::{Effective, Loaded, Settings, ways_to_set};
use crate::server::{Listener, Listeners, open_when_possible, run};
use crate::tls::{Tls, TlsFiles};
use crate::traces::{Exporter, SpanLayer, span_queue};
use crate::{logging, metrics};

/// The options of the command. They win over the file and the environment.
#[derive(Args, Debug)]
pub(super) struct Flags {
    /// The address of the public listener; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The address of the operations listener
    #[arg(long, value_name = "ADDRESS")]
    ops_listen: Option<String>,
    /// The URL by which clients reach the server; the issuer of every token
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Make a new database, although the keys folder was used with one before
    #[arg(long)]
    new_database: bool,
}

impl Flags {
    fn given(&self) -> Vec<(&'static str, String)> {
        let flags = [
            ("listen", &self.listen),
            ("ops_listen", &self.ops_listen),
            ("public_url", &self.public_url),
        ];
        let given = |(key, value): (_, &Option<String>)| Some((key, value.clone()?));
        flags.into_iter().filter_map(given).collect()
    }
}

/// Serves until SIGTERM or SIGINT.
pub(super) fn serve(common: &Common, flags: &Flags) -> CommandResult {
    let mut loaded = common.load(flags.given())?;
    if !flags.new_database {
        loaded.settings.missing_database = missing_database(&loaded.settings);
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (spans, exporter) = traces(&loaded.settings, &clock)?.unzip();
    let _until_the_end = logging::init(&loaded.settings.log, spans)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve_loaded(loaded, common.json, clock, exporter))
}

/// What follows the spans of traces and what sends them, if traces are configured.
fn traces(
    settings: &Settings,
    clock: &Arc<dyn Clock>,
) -> Result<Option<(SpanLayer, Exporter)>, String> {
    let Some(traces) = &settings.traces else {
        return Ok(None);
    };
    let (sender, receiver) = span_queue(clock);
    let exporter = Exporter::new(traces, receiver);
    let exporter = exporter.map_err(|error| format!("otlp.ca_file: {error}"))?;
    Ok(Some((SpanLayer::new(sender), exporter)))
}

async fn serve_loaded(
    Loaded {
        settings,
        warnings,
        effective,
        ..
    }: Loaded,
    json: bool,
    clock: Arc<dyn Clock>,
    exporter: Option<Exporter>,
) -> CommandResult {
    for warning in all_warnings(&settings, warnings) {
        tracing::warn!("{warning}");
    }
    let recorder = metrics::recorder()?;
    let shown = recorder.handle();
    ::metrics::set_global_recorder(recorder)?;
    metrics::describe();

    forbid_dumps();
    raise_file_limit();
    let shutdown = told_to_stop()?;
    let with_source = |error: String| with_source(error, &effective);
    let listeners = bind(&settings).await.map_err(with_source)?;
    let mut shutdown = Box::pin(shutdown);
    follow_certificates_at_hangup(&listeners)?;
    let mut keys = KeysOfStart::default();
    let open = async || {
        App::open_with(
            settings.clone(),
            Arc::clone(&clock),
            shown.clone(),
            &mut keys,
        )
        .await
    };
    let app = tokio::select! {
        opened = open_when_possible(&listeners, open) => opened,
        () = &mut shutdown => return Ok(()),
    };
    let app = app.map_err(|error| with_source(error.to_string()))?;
    note_database(&app).await;
    follow_keys_at_hangup(&app)?;
    announce(&listeners, &app.settings, json)?;
    let (stop, stopped) = watch::channel(false);
    let exporting = tokio::spawn(async move {
        if let Some(exporter) = exporter {
            exporter.run(stopped).await;
        }
    });
    run(listeners, app, shutdown).await?;
    stop.send_replace(true);
    exporting.await?;
    Ok(())
}

/// Says that the database is new, and notes in the keys folder that its keys are used with it.
async fn note_database(app: &App) {
    app.flows.note_new_database().await;
    let Some(database) = store_urls(&app.settings).database_name() else {
        return;
    };
    if let Err(error) = app.settings.keys.folder().note_database(&database) {
        tracing::warn!(
            %error,
            "the keys folder cannot note that it is used, so a lost database would look like a first start"
        );
    }
}

/// The memory of this process holds keys and, briefly, passwords. No crash dump and no other process
/// of the same user may read it.
fn forbid_dumps() {
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of this user can read the memory of this process");
    }
}

/// Every connection takes a file descriptor, and the usual limit is about a thousand. If it cannot
/// be raised, further connections wait.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        ..limit
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
}

/// Adds the source of a setting to an error that begins with its key.
fn with_source(error: String, effective: &[Effective]) -> String {
    let key = error.split(':').next().unwrap_or_default();
    match effective.iter().find(|setting| setting.key == key) {
        Some(setting) => format!("{error} (from {})", setting.source),
        None => error,
    }
}

async fn bind(settings: &Settings) -> Result<Listeners, String> {
    let tls = |files: &Option<TlsFiles>| {
        let tls = files.as_ref().map(Tls::load).transpose();
        tls.map_err(|error| error.to_string())
    };
    let (public, operations) = (tls(&settings.tls)?, tls(&settings.ops_tls)?);
    Ok(Listeners {
        public: listen("listen", settings.listen, public).await?,
        operations: listen("ops_listen", settings.ops_listen, operations).await?,
    })
}

async fn listen(key: &str, address: SocketAddr, tls: Option<Tls>) -> Result<Listener, String> {
    let socket = TcpListener::bind(address).await;
    let socket = socket.map_err(|error| {
        format!(
            "{key}: cannot listen on {address}: {error}; choose another address with {}",
            ways_to_set(key)
        )
    })?;
    Ok(Listener { socket, tls })
}

/// Prints the line on standard output that scripts wait for, and logs the addresses for people.
fn announce(listeners: &Listeners, settings: &Settings, json: bool) -> io::Result<()> {
    tracing::info!(
        public_url = %settings.public_url,
        operations = %listeners.operations.socket.local_addr()?,
        keys_dir = %settings.keys.dir.display(),
        "serving"
    );
    let url = listeners.public.url()?;
    if json {
        say(json!({ "ready": url }));
    } else {
        say(format_args!("signet ready on {url}"));
    }
    Ok(())
}

/// Reads the certificates again at SIGHUP, also while the server waits for a store.
fn follow_certificates_at_hangup(listeners: &Listeners) -> io::Result<()> {
    let certificates =
        [&listeners.public, &listeners.operations].map(|listener| listener.tls.clone());
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            certificates.iter().flatten().for_each(Tls::look_soon);
        }
    });
    Ok(())
}

/// Reads the keys folder again at SIGHUP.
fn follow_keys_at_hangup(app: &App) -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    let app = app.clone();
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            app.flows.keys_folder.look_soon();
        }
    });
    Ok(())
}

/// Ready at SIGTERM or SIGINT. Signals count from this call on.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use rustix::process::dumpable_behavior;

    use super::*;

    #[test]
    fn no_other_process_may_read_the_memory_of_a_server() {
        forbid_dumps();
        assert_eq!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    }
}
