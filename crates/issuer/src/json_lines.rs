//! Lines of the log as JSON: an object for each event, with its fields beside its time.
//!
//! Nearly every request writes a line. The library's own format parses the fields of the span again for
//! each one; here they are kept as JSON and copied. This module must not know what is logged.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes an event as `{"timestamp", "level", its fields, "target", "span"}`.
pub(crate) struct JsonLines;

/// Keeps the fields of a span as members of a JSON object, each with a comma before it.
pub(crate) struct JsonMembers;

impl<S> FormatEvent<S, JsonMembers> for JsonLines
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonMembers>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        line.write_str("\",\"level\":")?;
        write_text(&mut line, event.metadata().level().as_str())?;
        write_members(&mut line, |members| event.record(members))?;
        line.write_str(",\"target\":")?;
        write_text(&mut line, event.metadata().target())?;
        let span = context.event_scope().and_then(|mut spans| spans.next());
        if let Some(span) = span {
            line.write_str(",\"span\":{\"name\":")?;
            write_text(&mut line, span.name())?;
            if let Some(kept) = span.extensions().get::<FormattedFields<JsonMembers>>() {
                line.write_str(kept)?;
            }
            line.write_str("}")?;
        }
        line.write_str("}\n")
    }
}

impl<'writer> FormatFields<'writer> for JsonMembers {
    fn format_fields<R: RecordFields>(&self, mut kept: Writer<'writer>, fields: R) -> fmt::Result {
        write_members(&mut kept, |members| fields.record(members))
    }
}

fn write_members(out: &mut dyn Write, record: impl FnOnce(&mut Members<'_>)) -> fmt::Result {
    let written = Ok(());
    let mut members = Members { out, written };
    record(&mut members);
    members.written
}

/// Writes each field as a member.
struct Members<'a> {
    out: &'a mut dyn Write,
    /// The first error.
    written: fmt::Result,
}

impl Members<'_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut dyn Write) -> fmt::Result) {
        self.written = self.written.and_then(|()| {
            self.out.write_str(",")?;
            write_text(self.out, field.name())?;
            self.out.write_str(":")?;
            value(self.out)
        });
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |out| write_text(out, value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |out| write!(out, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |out| write!(out, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |out| write!(out, "{value}"));
    }

    /// JSON has no number for infinity.
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, |out| {
            if value.is_finite() {
                write!(out, "{value}")
            } else {
                out.write_str("null")
            }
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, |out| {
            out.write_str("\"")?;
            write!(Escaped(&mut *out), "{value:?}")?;
            out.write_str("\"")
        });
    }
}

fn write_text(out: &mut dyn Write, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    Escaped(&mut *out).write_str(text)?;
    out.write_str("\"")
}

/// Writes what is inside the quotes of a text, RFC 8259 section 7.
struct Escaped<'a>(&'a mut dyn Write);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        let mut rest = text;
        while let Some(at) = rest.bytes().position(is_special) {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut chars = special.chars();
            match chars.next() {
                Some(c @ ('"' | '\\')) => write!(self.0, "\\{c}")?,
                Some('\n') => self.0.write_str("\\n")?,
                Some(c) => write!(self.0, "\\u{:04x}", u32::from(c))?,
                None => {}
            }
            rest = chars.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufRead as _, BufReader};
    use std::sync::Arc;

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::{Registry, fmt};

    use super::*;
    use crate::rfc3339;

    /// The lines that `log` writes, without their time.
    fn lines_of(log: impl FnOnce()) -> Vec<Value> {
        let (reader, writer) = io::pipe().unwrap();
        let layer = fmt::layer().with_writer(Arc::new(writer));
        let layer = layer.fmt_fields(JsonMembers).event_format(JsonLines);
        tracing::subscriber::with_default(Registry::default().with(layer), log);
        let lines = BufReader::new(reader).lines();
        lines.map(|line| without_time(&line.unwrap())).collect()
    }

    fn without_time(line: &str) -> Value {
        let mut line: Value = serde_json::from_str(line).unwrap();
        let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(rfc3339::parse(time.as_str().unwrap()).is_ok(), "{time}");
        line
    }

    #[test]
    fn a_line_has_the_fields_of_its_event_and_of_its_span() {
        let lines = lines_of(|| {
            tracing::warn!(target: "outside", number = -3, "alone");
            let missing: Option<&str> = None;
            let span = tracing::info_span!("outer", hidden = true);
            let _outer = span.enter();
            let span = tracing::info_span!("request", request.id = "a", size = 7_u64, missing);
            let _inner = span.enter();
            tracing::info!(cause = %"displayed", list = ?["debugged"], share = 0.5, missing, "inside");
        });
        let alone = json!({
            "level": "WARN", "number": -3, "message": "alone", "target": "outside",
        });
        let inside = json!({
            "level": "INFO", "cause": "displayed", "list": "[\"debugged\"]", "share": 0.5,
            "message": "inside", "target": "signet_issuer::json_lines::tests",
            "span": {"name": "request", "request.id": "a", "size": 7},
        });
        assert_eq!(lines, [alone, inside]);
    }

    #[test]
    fn a_field_that_is_recorded_later_is_there() {
        let lines = lines_of(|| {
            let span = tracing::info_span!("request", known = 1, later = tracing::field::Empty);
            span.record("later", "text");
            span.in_scope(|| tracing::info!("inside"));
        });
        let span = json!({"name": "request", "known": 1, "later": "text"});
        assert_eq!(lines[0]["span"], span);
    }

    #[test]
    fn every_text_is_read_back_as_it_was() {
        let mut text: String = (0..0x800).filter_map(char::from_u32).collect();
        text.push_str("\u{2028}\u{1f600}\"\\");
        let lines = lines_of(|| tracing::info!(text, shown = %text, "{text}"));
        for name in ["text", "shown", "message"] {
            assert_eq!(lines[0][name], text.as_str(), "{name}");
        }
    }

    #[test]
    fn numbers_that_json_lacks_are_null_or_text() {
        let lines = lines_of(|| {
            tracing::info!(endless = f64::INFINITY, none = f64::NAN, long = u128::MAX);
        });
        assert_eq!(lines[0]["endless"], Value::Null);
        assert_eq!(lines[0]["none"], Value::Null);
        assert_eq!(lines[0]["long"], u128::MAX.to_string());
    }
}
