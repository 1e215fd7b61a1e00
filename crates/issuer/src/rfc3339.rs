//! Times as responses show them: RFC 3339, UTC, whole seconds.

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
    fn a_time_beyond_the_calendar_is_an_error() {
        assert!(serde_json::to_string(&Rfc3339(Timestamp::from_millis(u64::MAX))).is_err());
    }
}
