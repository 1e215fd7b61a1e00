//! The settings of the audit trail.

use std::path::PathBuf;

use signet_flows::AuditSettings;

use super::reader::Reader;

/// Reads the settings of the audit trail. The inner `None` says that it is off.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
pub(super) fn read(reader: &mut Reader) -> Option<Option<AuditSettings>> {
    let file = reader.optional("audit.file", str::parse::<PathBuf>);
    let rotate_at = reader.required("audit.rotate_at", |text| {
        bytes(text)
            .filter(|bytes| (LEAST..=MOST).contains(bytes))
            .ok_or("must be a size from 1MB to 100GB, such as 100MB")
    });
    let (file, rotate_at) = (file?, rotate_at?);
    Some(file.map(|file| AuditSettings { file, rotate_at }))
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
