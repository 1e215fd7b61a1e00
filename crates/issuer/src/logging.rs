//! The log: events that pass the filter, on standard error, pretty or as JSON.
//!
//! Standard output is for the lines that scripts read. This module must not know what is logged: the
//! types of secrets keep them out of the log.

use std::error::Error;
use std::io::{IsTerminal as _, stderr};
use std::panic::PanicHookInfo;
use std::time::Duration;

use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

use crate::config::{LogFormat, LogSettings};
use crate::log_queue::LogQueue;

/// A subscriber that writes to `writer`; with [`LogFormat::Auto`], JSON unless `is_terminal`.
pub fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
    is_terminal: bool,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    let filter = settings.filter.clone();
    match settings.format {
        LogFormat::Json => json(lines, filter),
        LogFormat::Auto if !is_terminal => json(lines, filter),
        LogFormat::Auto | LogFormat::Pretty => {
            // By itself the layer has colours unless NO_COLOR is set.
            let lines = if is_terminal {
                lines
            } else {
                lines.with_ansi(false)
            };
            let lines = lines.with_target(false);
            Box::new(Registry::default().with(lines.with_filter(filter)))
        }
    }
}

fn json<W>(
    lines: fmt::Layer<Registry, fmt::format::DefaultFields, fmt::format::Format, W>,
    filter: Targets,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = lines.json().flatten_event(true).with_span_list(false);
    Box::new(Registry::default().with(lines.with_filter(filter)))
}

/// Logs events and panics to standard error, without waiting for its reader.
///
/// # Errors
///
/// Fails if this process already logs, or if the system cannot start a thread.
pub fn init(settings: &LogSettings) -> Result<Logging, Box<dyn Error>> {
    let queue = LogQueue::writing_to(stderr())?;
    let subscriber = subscriber(settings, queue.clone(), stderr().is_terminal());
    tracing::subscriber::set_global_default(subscriber)?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(Logging(queue))
}

/// The log of this process. Dropping it waits briefly until the last lines are written.
#[derive(Debug)]
pub struct Logging(LogQueue);

impl Drop for Logging {
    fn drop(&mut self) {
        self.0.drain(LAST_LINES);
    }
}

/// Logs the place of a panic without its message, which may quote request data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let location = info.location().map(ToString::to_string);
    tracing::error!(panic.location = location, "panic; this is a bug in Signet");
}

/// How long a slow reader may take for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);
