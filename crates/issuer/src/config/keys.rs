//! The settings of the keys folder and of rotation.

use std::path::PathBuf;
use std::time::Duration;

use signet_core::keys::{KeySize, Lifetimes, RotationPolicy};

use super::reader::Reader;

/// Where keys are, and when they change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeySettings {
    /// The keys folder.
    pub dir: PathBuf,
    /// How large new signing keys are.
    pub size: KeySize,
    /// How long others need to learn of a key.
    pub policy: RotationPolicy,
    /// How old the active key becomes before the server rotates it; never when unset.
    pub rotate_every: Option<Duration>,
    /// The longest lifetimes that this configuration gives to tokens and sessions.
    pub lifetimes: Lifetimes,
}

pub(super) fn read(reader: &mut Reader, lifetimes: Option<Lifetimes>) -> Option<KeySettings> {
    let dir = reader.required("keys.dir", str::parse);
    let size = reader.required("keys.bits", str::parse);
    let publish_lead = reader.duration("keys.publish_lead", Duration::ZERO, MAX_LEAD);
    let ring_lag = reader.duration("keys.ring_lag", Duration::ZERO, MAX_LAG);
    let rotate_every = reader.optional("keys.rotate_every", |text| {
        humantime::parse_duration(text).map_err(|_| "has to be a duration, such as 30d")
    });
    let (publish_lead, rotate_every) = (publish_lead?, rotate_every?);
    if rotate_every.is_some_and(|every| every <= publish_lead) {
        return reader.refuse(
            "keys.rotate_every",
            "has to be longer than keys.publish_lead",
        );
    }
    Some(KeySettings {
        dir: dir?,
        size: size?,
        policy: RotationPolicy {
            publish_lead,
            ring_lag: ring_lag?,
        },
        rotate_every,
        lifetimes: lifetimes?,
    })
}

/// Whoever publishes a key for longer before it signs has another reason than caches.
const MAX_LEAD: Duration = Duration::from_hours(90 * 24);
/// A replica that needs longer to see a changed folder needs mending.
const MAX_LAG: Duration = Duration::from_hours(1);
