//! The settings of the keys folder and of rotation.

use std::path::Path;
use std::time::Duration;

use signet_core::keys::{Lifetimes, Passphrase, RotationPolicy};
use signet_flows::keys::KeySettings;

use super::reader::{Reader, first_line, refuse_finer};

pub(super) fn read(reader: &mut Reader, lifetimes: Option<Lifetimes>) -> Option<KeySettings> {
    let dir = reader.required("keys.dir", str::parse);
    let size = reader.required("keys.bits", str::parse);
    let publish_lead = reader.duration("keys.publish_lead", Duration::ZERO, MAX_LEAD);
    let ring_lag = reader.duration("keys.ring_lag", Duration::ZERO, MAX_LAG);
    let rotate_every = reader.optional("keys.rotate_every", |text| {
        let every = humantime::parse_duration(text)
            .map_err(|_| "must be a duration, such as 30d".to_owned())?;
        refuse_finer(every, Duration::ZERO)?;
        Ok::<_, String>(every)
    });
    let (publish_lead, rotate_every) = (publish_lead?, rotate_every?);
    if rotate_every.is_some_and(|every| every <= publish_lead) {
        return reader.refuse("keys.rotate_every", "must be longer than keys.publish_lead");
    }
    let passphrase = passphrase(reader);
    Some(KeySettings {
        dir: dir?,
        passphrase: passphrase?,
        size: size?,
        policy: RotationPolicy {
            publish_lead,
            ring_lag: ring_lag?,
        },
        rotate_every,
        lifetimes: lifetimes?,
    })
}

/// Reads the passphrase, or the first line of the file that holds it.
#[expect(
    clippy::option_option,
    reason = "the outer one is for `?`, the inner one is the setting"
)]
fn passphrase(reader: &mut Reader) -> Option<Option<Passphrase>> {
    let given = reader.optional("keys.passphrase", new_passphrase);
    let from_file = reader.optional("keys.passphrase_file", |path| {
        read_passphrase(Path::new(path))
    });
    match (given?, from_file?) {
        (Some(_), Some(_)) => reader.refuse(
            "keys.passphrase_file",
            "is set together with keys.passphrase",
        ),
        (given, from_file) => Some(given.or(from_file)),
    }
}

/// Reads the first line of a file as a passphrase.
///
/// # Errors
///
/// A sentence without a subject, such as "is empty".
pub(crate) fn read_passphrase(path: &Path) -> Result<Passphrase, String> {
    new_passphrase(first_line(path)?.expose())
}

fn new_passphrase(text: &str) -> Result<Passphrase, String> {
    let passphrase = Passphrase::new(text.to_owned().into());
    passphrase.ok_or_else(|| "is empty".to_owned())
}

/// No cache keeps a key set for longer than this.
const MAX_LEAD: Duration = Duration::from_hours(90 * 24);
/// A replica that needs longer to see a changed folder is broken.
const MAX_LAG: Duration = Duration::from_hours(1);
