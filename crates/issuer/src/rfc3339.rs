//! Times as responses show them: RFC 3339, UTC, whole seconds; and to the millisecond in exports.

use std::fmt;

use serde::{Serialize, Serializer, ser};
use signet_verifier::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339 as Format;

/// A time in the form `2026-11-21T08:00:00Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rfc3339(pub(crate) Timestamp);

impl Rfc3339 {
    /// `None` after the year 9999, which this format cannot write.
    fn text(self) -> Option<String> {
        let seconds = i64::try_from(self.0.as_seconds()).ok()?;
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()?
            .format(&Format)
            .ok()
    }
}

/// A time to the millisecond, such as `2026-11-21T08:00:00.123Z`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exact(pub(crate) Timestamp);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = i128::from(self.0.as_millis()).saturating_mul(NANOSECONDS);
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds);
        let text = time.ok().and_then(|time| time.format(&Format).ok());
        f.write_str(text.as_deref().unwrap_or("-"))
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Parses a time of RFC 3339, in any time zone, to the millisecond.
///
/// # Errors
///
/// [`InvalidTime`], also for times before 1970.
pub(crate) fn parse(text: &str) -> Result<Timestamp, InvalidTime> {
    let time = OffsetDateTime::parse(text, &Format).map_err(|_| InvalidTime)?;
    let millis = u64::try_from(time.unix_timestamp_nanos() / NANOSECONDS);
    millis.map(Timestamp::from_millis).map_err(|_| InvalidTime)
}

/// The text is not a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be a time such as 2026-11-21T08:00:00Z")]
pub(crate) struct InvalidTime;

/// Of one millisecond.
const NANOSECONDS: i128 = 1_000_000;

/// Writes a dash for a time that the format cannot write.
impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text().as_deref().unwrap_or("-"))
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self
            .text()
            .ok_or_else(|| ser::Error::custom("the time is after the year 9999"))?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_in_utc_to_the_second() {
        let time = Rfc3339(Timestamp::from_millis(1_763_712_000_999));
        assert_eq!(
            serde_json::to_string(&time).unwrap(),
            "\"2025-11-21T08:00:00Z\""
        );
    }

    #[test]
    fn an_exact_time_reads_back() {
        for millis in [0, 1_763_712_000_000, 1_763_712_000_987] {
            let time = Timestamp::from_millis(millis);
            assert_eq!(parse(&Exact(time).to_string()), Ok(time));
        }
        let zoned = parse("2025-11-21T10:00:00.987+02:00");
        assert_eq!(zoned, Ok(Timestamp::from_millis(1_763_712_000_987)));
        for text in ["", "yesterday", "2025-11-21", "1969-12-31T23:59:59Z"] {
            assert_eq!(parse(text), Err(InvalidTime), "{text}");
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_an_error() {
        assert!(serde_json::to_string(&Rfc3339(Timestamp::from_millis(u64::MAX))).is_err());
    }
}
