//! The header `traceparent` of W3C Trace Context, as requests bring it.

use axum::http::HeaderMap;

use super::ids::{SpanId, TraceId, lower_hex};

/// The trace that the caller of a request is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Incoming {
    pub(super) trace: TraceId,
    pub(super) parent: SpanId,
    pub(super) is_sampled: bool,
}

impl Incoming {
    /// Reads the header. A missing, repeated or invalid one is as none.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("traceparent").iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Self::parse(value.to_str().ok()?),
            _ => None,
        }
    }

    /// Reads `VERSION-TRACE-PARENT-FLAGS`. A later version may have more parts.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let version = lower_hex(parts.next()?, 2).filter(|version| *version != "ff")?;
        let trace = TraceId::parse(parts.next()?)?;
        let parent = SpanId::parse(parts.next()?)?;
        let flags = u8::from_str_radix(lower_hex(parts.next()?, 2)?, 16).ok()?;
        if version == "00" && parts.next().is_some() {
            return None;
        }
        Some(Self {
            trace,
            parent,
            is_sampled: flags & 1 == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const PARENT: &str = "b7ad6b7169203331";

    #[test]
    fn a_valid_header_names_trace_parent_and_sampling() {
        for (flags, is_sampled) in [("01", true), ("00", false), ("03", true)] {
            let read = Incoming::parse(&format!("00-{TRACE}-{PARENT}-{flags}")).unwrap();
            assert_eq!(read.trace.to_string(), TRACE);
            assert_eq!(read.parent.to_string(), PARENT);
            assert_eq!(read.is_sampled, is_sampled, "{flags}");
        }
        assert!(Incoming::parse(&format!("01-{TRACE}-{PARENT}-01-more")).is_some());
    }

    #[test]
    fn an_invalid_header_is_as_none() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "garbage".to_owned(),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("00-{zeros}-{PARENT}-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}-{PARENT}-1"),
            format!("00-{TRACE}-{PARENT}-01-more"),
            format!("00-{TRACE}-{PARENT}"),
        ] {
            assert_eq!(Incoming::parse(&text), None, "{text}");
        }
    }
}
