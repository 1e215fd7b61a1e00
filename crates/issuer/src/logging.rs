//! The log: events that pass the filter, on standard error, pretty or as JSON.
//!
//! Standard output is for the lines that scripts read. This module must not know what is logged: the
//! types of secrets keep them out of the log.

use std::error::Error;
use std::io::{IsTerminal as _, stderr};
use std::panic::PanicHookInfo;
use std::time::Duration;

use signet_store::TRACE_TARGET;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{FilterFn, Filtered, LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer as _, Registry, fmt};

use crate::config::{LogFormat, LogSettings};
use crate::json_lines::{JsonLines, JsonMembers};
use crate::log_queue::LogQueue;
use crate::traces::SpanLayer;

/// A subscriber that writes to `writer`; with [`LogFormat::Auto`], JSON unless `is_terminal`.
pub fn subscriber<W>(
    settings: &LogSettings,
    writer: W,
    is_terminal: bool,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    following(settings, writer, is_terminal, None)
}

/// The same, with a layer that follows the spans of traces. They are no context of lines.
fn following<W>(
    settings: &LogSettings,
    writer: W,
    is_terminal: bool,
    spans: Option<SpanLayer>,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = fmt::layer().with_writer(writer);
    let filter = settings.filter.clone();
    let filter = filter.with_target(TRACE_TARGET, LevelFilter::OFF);
    match settings.format {
        LogFormat::Json => json(lines, filter, spans),
        LogFormat::Auto if !is_terminal => json(lines, filter, spans),
        LogFormat::Auto | LogFormat::Pretty => {
            // By itself the layer has colours unless NO_COLOR is set.
            let lines = if is_terminal {
                lines
            } else {
                lines.with_ansi(false)
            };
            let lines = lines.with_target(false);
            with_traces(Registry::default().with(lines.with_filter(filter)), spans)
        }
    }
}

/// The layer, for spans of traces alone.
fn of_traces<S>(spans: SpanLayer) -> Filtered<SpanLayer, FilterFn, S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let is_of_trace: fn(&Metadata<'_>) -> bool = |metadata| metadata.target() == TRACE_TARGET;
    spans.with_filter(FilterFn::new(is_of_trace))
}

fn json<W>(
    lines: fmt::Layer<Registry, fmt::format::DefaultFields, fmt::format::Format, W>,
    filter: Targets,
    spans: Option<SpanLayer>,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let lines = lines.fmt_fields(JsonMembers).event_format(JsonLines);
    with_traces(Registry::default().with(lines.with_filter(filter)), spans)
}

fn with_traces<S>(lines: S, spans: Option<SpanLayer>) -> Box<dyn Subscriber + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    match spans {
        Some(spans) => Box::new(lines.with(of_traces(spans))),
        // A layer that is `None` counts as one that asks for every span.
        None => Box::new(lines),
    }
}

/// Logs events and panics to standard error, without waiting for its reader. `spans` follows traces.
///
/// # Errors
///
/// Fails if this process already logs, or if the system cannot start a thread.
pub(crate) fn init(
    settings: &LogSettings,
    spans: Option<SpanLayer>,
) -> Result<Logging, Box<dyn Error>> {
    let queue = LogQueue::writing_to(stderr())?;
    let is_terminal = stderr().is_terminal();
    let subscriber = following(settings, queue.clone(), is_terminal, spans);
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

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn spans_of_traces_are_disabled_without_traces() {
        for format in [LogFormat::Json, LogFormat::Pretty] {
            let settings = LogSettings {
                filter: "info".parse().unwrap(),
                format,
                sample_one_in: 1,
            };
            tracing::subscriber::with_default(subscriber(&settings, io::sink, false), || {
                assert!(!tracing::info_span!("request").is_disabled());
                let span = tracing::info_span!(target: TRACE_TARGET, "store call");
                assert!(span.is_disabled());
            });
        }
    }
}
