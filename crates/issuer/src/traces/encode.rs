//! Writes spans as an `ExportTraceServiceRequest` of OTLP, in the encoding of Protocol Buffers.
//!
//! Numbers are those of the fields in `opentelemetry/proto/trace/v1/trace.proto`, version 1.

use super::queue::{Attribute, EndedSpan, Value};

/// Writes a batch.
pub(super) fn request(spans: &[EndedSpan]) -> Vec<u8> {
    let mut scope_spans = Message::default();
    scope_spans.message(1, |scope| scope.text(1, "signet"));
    for ended in spans {
        scope_spans.message(2, |message| write_span(message, ended));
    }
    let mut request = Message::default();
    request.message(1, |resource_spans| {
        resource_spans.message(1, |resource| {
            for (name, value) in [
                ("service.name", "signet"),
                ("service.version", env!("CARGO_PKG_VERSION")),
            ] {
                let attribute = (name, Value::Text(value.to_owned()));
                resource.message(1, |message| write_attribute(message, &attribute));
            }
        });
        resource_spans.bytes(2, &scope_spans.0);
    });
    request.0
}

fn write_span(message: &mut Message, span: &EndedSpan) {
    message.bytes(1, &span.trace.to_bytes());
    message.bytes(2, &span.id.to_bytes());
    if let Some(parent) = span.parent {
        message.bytes(4, &parent.to_bytes());
    }
    message.text(5, &name(span));
    message.number(6, if span.is_request { SERVER } else { INTERNAL });
    message.fixed64(7, span.began);
    message.fixed64(8, span.ended);
    for attribute in &span.attributes {
        message.message(9, |message| write_attribute(message, attribute));
    }
    if has_failed(span) {
        message.message(15, |status| status.number(3, ERROR));
    }
}

/// A request is named by its method and its route.
fn name(span: &EndedSpan) -> String {
    let text = |name| match find(span, name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    match (text("http.request.method"), text("http.route")) {
        (Some(method), Some(route)) => format!("{method} {route}"),
        _ => span.name.to_owned(),
    }
}

/// Whether the server is at fault.
fn has_failed(span: &EndedSpan) -> bool {
    let status = find(span, "http.response.status_code");
    matches!(status, Some(Value::Number(status)) if *status >= 500)
}

fn find<'a>(span: &'a EndedSpan, name: &str) -> Option<&'a Value> {
    let mut attributes = span.attributes.iter();
    let found = attributes.find(|(known, _)| *known == name);
    found.map(|(_, value)| value)
}

fn write_attribute(message: &mut Message, (name, value): &Attribute) {
    message.text(1, name);
    message.message(2, |any| match value {
        Value::Text(text) => any.text(1, text),
        Value::Number(number) => any.number(3, number.cast_unsigned()),
    });
}

/// A message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn fixed64(&mut self, field: u64, value: u64) {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn text(&mut self, field: u64, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    fn message(&mut self, field: u64, write: impl FnOnce(&mut Self)) {
        let mut inner = Self::default();
        write(&mut inner);
        self.bytes(field, &inner.0);
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            let [low, ..] = value.to_le_bytes();
            self.0.push(low | 0x80);
            value >>= 7;
        }
        let [low, ..] = value.to_le_bytes();
        self.0.push(low);
    }
}

/// `SPAN_KIND_INTERNAL`.
const INTERNAL: u64 = 1;
/// `SPAN_KIND_SERVER`.
const SERVER: u64 = 2;
/// `STATUS_CODE_ERROR`.
const ERROR: u64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_have_the_encoding_of_protocol_buffers() {
        let mut message = Message::default();
        message.number(1, 150);
        message.text(2, "testing");
        message.fixed64(3, 1);
        message.message(15, |inner| inner.number(1, 1));
        let expected = b"\x08\x96\x01\x12\x07testing\x19\x01\0\0\0\0\0\0\0\x7a\x02\x08\x01";
        assert_eq!(message.0, expected);
    }
}
