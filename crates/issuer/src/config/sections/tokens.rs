//! Tokens: their audiences and lifetimes, and the keys that sign them.

use std::time::Duration;

use signet_core::keys::Lifetimes;
use signet_core::names::Audience;
use signet_core::session::{MAX_ACCESS_TOKEN_TTL, SessionPolicy};
use signet_flows::keys::KeySettings;

use super::session;
use crate::config::key_settings;
use crate::config::reader::{Reader, truth};

/// What tokens say, how long they are valid, and what signs them.
pub(super) struct Tokens {
    pub(super) audience: Option<Vec<Audience>>,
    pub(super) access_token_ttl: Option<Duration>,
    pub(super) session: Option<SessionPolicy>,
    pub(super) keys: Option<KeySettings>,
    pub(super) status_lists: Option<bool>,
}

impl Tokens {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let audience = audience(reader);
        let access_token_ttl = reader.duration("access_token_ttl", MINUTE, MAX_ACCESS_TOKEN_TTL);
        let session = session::read(reader);
        let keys = key_settings::read(reader, access_token_ttl.zip(session).map(longest));
        let status_lists = reader.required("status_list.enabled", truth);
        Self {
            audience,
            access_token_ttl,
            session,
            keys,
            status_lists,
        }
    }
}

fn audience(reader: &mut Reader) -> Option<Vec<Audience>> {
    let mut audience = reader.many("audience", str::parse::<Audience>)?;
    if audience.is_empty() {
        return reader.refuse("audience", "must name at least one audience");
    }
    audience.sort();
    audience.dedup();
    Some(audience)
}

/// The longest that tokens and sessions may be valid.
fn longest((access_token, session): (Duration, SessionPolicy)) -> Lifetimes {
    Lifetimes {
        access_token,
        session: session.absolute_ttl,
    }
}

const MINUTE: Duration = Duration::from_mins(1);
