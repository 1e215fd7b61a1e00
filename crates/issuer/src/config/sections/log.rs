//! What is logged.

use tracing_subscriber::filter::{LevelFilter, Targets};

use crate::config::reader::Reader;
use crate::config::settings::{LogFormat, LogSettings};

pub(super) fn read(reader: &mut Reader) -> Option<LogSettings> {
    let filter = reader.required("log.filter", |text| {
        let filter = text.parse::<Targets>();
        let named = text.split(',').all(is_log_directive);
        filter
            .ok()
            .filter(|_| named)
            .ok_or("must be a level or target=level pairs")
    });
    let format = reader.required("log.format", |text| match text {
        "auto" => Ok(LogFormat::Auto),
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be pretty, json or auto"),
    });
    let sample_one_in = reader.number("log.sample_one_in", 1, FEWEST_LINES);
    Some(LogSettings {
        filter: filter?,
        format: format?,
        sample_one_in: sample_one_in?,
    })
}

/// A single word must be a level: as a target it would turn off everything else.
fn is_log_directive(text: &str) -> bool {
    text.contains('=') || text.trim().parse::<LevelFilter>().is_ok()
}

/// Fewer would be none.
const FEWEST_LINES: u32 = 1_000_000;
