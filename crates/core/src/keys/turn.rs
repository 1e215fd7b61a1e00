//! Turns: keys of one kind do their work one after the other, without a gap and never two at once.
//! Knows nothing of what the work is.

use std::fmt;

use signet_verifier::Timestamp;

/// When a key is active: from `activates_at` until before `stops_at`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Turn {
    pub(super) activates_at: Option<Timestamp>,
    pub(super) stops_at: Option<Timestamp>,
}

/// Refuses turns that overlap, leave a gap, end without a successor or never begin.
pub(super) fn check<N: fmt::Display>(
    kind: &'static str,
    turns: impl Iterator<Item = (N, Turn)>,
) -> Result<(), String> {
    let mut active: Vec<(N, Timestamp, Option<Timestamp>)> = Vec::new();
    for (name, turn) in turns {
        match (turn.activates_at, turn.stops_at) {
            (Some(from), until) => active.push((name, from, until)),
            (None, Some(_)) => return Err(format!("{kind} {name} stops without having begun")),
            (None, None) => {}
        }
    }
    // Stable: of two that begin at the same moment the one listed later is the successor.
    active.sort_by_key(|(_, from, _)| *from);
    for pair in active.windows(2) {
        if let [(name, _, until), (successor, from, _)] = pair {
            check_hand_over(kind, (name, *until), (successor, *from))?;
        }
    }
    match active.last() {
        None => Err(format!("no {kind} is active")),
        Some((name, _, Some(_))) => Err(format!("{kind} {name} stops without a successor")),
        Some(_) => Ok(()),
    }
}

fn check_hand_over<N: fmt::Display>(
    kind: &'static str,
    (name, until): (&N, Option<Timestamp>),
    (successor, from): (&N, Timestamp),
) -> Result<(), String> {
    match until {
        Some(until) if until == from => Ok(()),
        Some(until) if until < from => Err(format!(
            "no {kind} is active between {name} and {successor}"
        )),
        _ => Err(format!(
            "two {kind}s are active at once, {name} and {successor}"
        )),
    }
}
