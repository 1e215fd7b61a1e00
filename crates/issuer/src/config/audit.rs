//! The settings of the audit trail.

use std::path::PathBuf;
use std::time::Duration;

use signet_flows::{AuditFileSettings, AuditSettings, AuditTableSettings};

use super::reader::{Reader, truth};

/// Reads where the audit trail is kept.
pub(super) fn read(reader: &mut Reader) -> Option<AuditSettings> {
    let file = reader.optional("audit.file", str::parse::<PathBuf>);
    let rotate_at = reader.required("audit.rotate_at", |text| {
        bytes(text)
            .filter(|bytes| (LEAST..=MOST).contains(bytes))
            .ok_or("must be a size from 1MB to 100GB, such as 100MB")
    });
    let has_table = reader.required("audit.table", truth);
    let retention = reader.duration("audit.retention", LEAST_RETENTION, MOST_RETENTION);
    let (file, rotate_at, has_table, retention) = (file?, rotate_at?, has_table?, retention?);
    Some(AuditSettings {
        file: file.map(|path| AuditFileSettings {
            path,
            rotate_at,
            is_shared: false,
        }),
        table: has_table.then_some(AuditTableSettings { retention }),
    })
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = if let Some(number) = text.strip_suffix("MB") {
        (number, MEGABYTE)
    } else {
        (text.strip_suffix("GB")?, 1_000 * MEGABYTE)
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

const MEGABYTE: u64 = 1_000_000;
/// Shorter files would be very many.
const LEAST: u64 = MEGABYTE;
/// Tools still open such a file.
const MOST: u64 = 100_000 * MEGABYTE;

/// A shorter time would be over before anybody looks.
const LEAST_RETENTION: Duration = Duration::from_hours(24);
/// Ten years of 365 days.
const MOST_RETENTION: Duration = Duration::from_hours(24 * 3_650);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit() {
        assert_eq!(bytes("1MB"), Some(1_000_000));
        assert_eq!(bytes("2GB"), Some(2_000_000_000));
        for text in ["", "MB", "1", "1KB", "-1MB", "99999999999999999GB"] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }
}
