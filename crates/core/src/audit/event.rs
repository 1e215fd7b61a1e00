//! An event as the audit trail keeps it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::Value;
use signet_verifier::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The version of this form. A member that is removed or gets another meaning raises it.
pub const VERSION: u8 = 1;

/// Something that happened. It holds ids, never an email address, a password or a token. Every
/// member is always written; what is unknown is null.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEvent {
    /// [`VERSION`].
    pub version: u8,
    /// When it happened.
    pub time: AuditTime,
    /// The stable name of the event, for example `session.ended`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who caused it.
    pub actor: AuditActor,
    /// The account that it is about.
    pub account: Option<String>,
    /// The session that it is about.
    pub session: Option<String>,
    /// The client that it is about, or that acts.
    pub client: Option<String>,
    /// The address of the request, after trusted proxies.
    pub address: Option<IpAddr>,
    /// The program that sent the request, shortened.
    pub user_agent: Option<String>,
    /// The id of the request in logs and responses.
    pub request_id: Option<String>,
    /// Whether what was tried was done.
    pub outcome: Outcome,
    /// Why, if the event has several reasons.
    pub reason: Option<String>,
    /// What only this type of event says.
    pub details: BTreeMap<String, Value>,
}

/// Who caused an event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditActor {
    /// What the actor is.
    pub kind: ActorKind,
    /// The account, the client, or the subject of the administrator.
    pub id: Option<String>,
}

/// What an actor is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The owner of an account.
    Account,
    /// A client that has authenticated.
    Client,
    /// An administrator: a client, or a person at the command line.
    Administrator,
    /// The server itself.
    System,
    /// A caller that has proved nothing.
    Anonymous,
}

/// Whether what was tried was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was refused, or it failed.
    Failure,
}

/// A time, written as RFC 3339 in UTC with milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AuditTime(pub Timestamp);

impl Serialize for AuditTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let nanos = i128::from(self.0.as_millis()) * NANOS_PER_MILLI;
        let time = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(ser::Error::custom)?;
        let text = time.format(&Rfc3339).map_err(ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for AuditTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = OffsetDateTime::parse(&text, &Rfc3339).map_err(de::Error::custom)?;
        let millis = time.unix_timestamp_nanos() / NANOS_PER_MILLI;
        let millis = u64::try_from(millis).map_err(de::Error::custom)?;
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

const NANOS_PER_MILLI: i128 = 1_000_000;
