//! Where the latest rotation came from, as the difference from where the sign-in came from.
//!
//! Both are mostly the same browser at the same address, and after an update of the browser its
//! version differs in a few characters. So the record repeats only what differs. This module must
//! not know what else a record has.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use signet_core::session::{MAX_USER_AGENT_LENGTH, SeenFrom};

use super::BAD_USER_AGENT;
use crate::error::ImpossibleRow;

/// The fields that format 2 adds. Their order is the format.
#[derive(Serialize, Deserialize)]
pub(super) struct LastSeen<'a> {
    ip: LastIp,
    /// How many bytes the user agents have in common at the start.
    same_at_start: u8,
    /// How many bytes they have in common at the end.
    same_at_end: u8,
    /// The bytes between, of the latest rotation.
    between: &'a str,
}

#[derive(Serialize, Deserialize)]
enum LastIp {
    Same,
    Unknown,
    Other(IpAddr),
}

impl<'a> LastSeen<'a> {
    pub(super) fn new(begun: &SeenFrom, refreshed: &'a SeenFrom) -> Self {
        let ip = match refreshed.ip {
            ip if ip == begun.ip => LastIp::Same,
            None => LastIp::Unknown,
            Some(ip) => LastIp::Other(ip),
        };
        let (start, end) = common(&begun.user_agent, &refreshed.user_agent);
        let changed = start..refreshed.user_agent.len().saturating_sub(end);
        Self {
            ip,
            same_at_start: u8::try_from(start).unwrap_or_default(),
            same_at_end: u8::try_from(end).unwrap_or_default(),
            between: refreshed.user_agent.get(changed).unwrap_or_default(),
        }
    }

    pub(super) fn read(&self, begun: &SeenFrom) -> Result<SeenFrom, ImpossibleRow> {
        let before = &begun.user_agent;
        let end_at = before.len().checked_sub(self.same_at_end.into());
        let start = before.get(..usize::from(self.same_at_start));
        let end = end_at.and_then(|at| before.get(at..));
        let (Some(start), Some(end)) = (start, end) else {
            return Err(BAD_USER_AGENT);
        };
        let user_agent = [start, self.between, end].concat();
        if user_agent.len() > MAX_USER_AGENT_LENGTH {
            return Err(BAD_USER_AGENT);
        }
        let ip = match self.ip {
            LastIp::Same => begun.ip,
            LastIp::Unknown => None,
            LastIp::Other(ip) => Some(ip),
        };
        Ok(SeenFrom { user_agent, ip })
    }
}

/// How many bytes two texts have in common at the start, and at the end of what is left then.
/// Both texts are cut between characters only.
fn common(one: &str, other: &str) -> (usize, usize) {
    let start = bytes_in_common(one.chars().zip(other.chars()));
    let one = one.get(start..).unwrap_or_default();
    let other = other.get(start..).unwrap_or_default();
    let end = bytes_in_common(one.chars().rev().zip(other.chars().rev()));
    (start, end)
}

fn bytes_in_common(pairs: impl Iterator<Item = (char, char)>) -> usize {
    pairs
        .take_while(|(one, other)| one == other)
        .map(|(one, _)| one.len_utf8())
        .sum()
}
