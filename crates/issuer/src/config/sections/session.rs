//! How long sessions last, and how they recover.

use std::time::Duration;

use signet_core::session::SessionPolicy;

use crate::config::reader::Reader;

pub(super) fn read(reader: &mut Reader) -> Option<SessionPolicy> {
    let strict = reader.required("session.profile", |text| match text {
        "default" => Ok(false),
        "strict" => Ok(true),
        _ => Err("must be default or strict"),
    });
    let grace = reader.duration("session.grace", Duration::ZERO, MINUTE);
    let recover_within = reader.duration("session.recover_within", Duration::ZERO, MAX_TTL);
    let idle_ttl = reader.duration("session.idle_ttl", SECOND, MAX_TTL);
    let absolute_ttl = reader.duration("session.absolute_ttl", SECOND, MAX_TTL);
    let policy = SessionPolicy {
        grace: grace?,
        recover_within: recover_within?,
        heal: true,
        idle_ttl: idle_ttl?,
        absolute_ttl: absolute_ttl?,
    };
    if policy.idle_ttl > policy.absolute_ttl {
        return reader.refuse("session.idle_ttl", "is longer than session.absolute_ttl");
    }
    if !strict? {
        return Some(policy);
    }
    for (key, value) in [
        ("session.grace", policy.grace),
        ("session.recover_within", policy.recover_within),
    ] {
        if reader.is_set(key) && !value.is_zero() {
            return reader.refuse(key, "must be 0s with session.profile strict");
        }
    }
    Some(policy.strict())
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// Ten years: longer than any record is kept, and far below the limit of times.
const MAX_TTL: Duration = Duration::from_hours(24 * 3_650);
