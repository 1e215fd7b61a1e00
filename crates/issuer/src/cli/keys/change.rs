//! `signet keys rotate`, `retire` and `revoke`.

use std::fmt;
use std::time::Duration;

use clap::Args;
use serde::Serialize;
use signet_core::keys::{
    KeyRing, KeyState, Kid, RevokedKind, RingChange, RingRefusal, RotationPolicy,
};
use signet_flows::events::{KeyKind, OperatorEvent, RevokedKeys};
use signet_flows::random::system_rng;
use signet_store::KeysFolder;
use signet_store::keys_folder::{ChangeOptions, RingChanged};
use signet_verifier::{Clock as _, SystemClock};

use super::{Desk, NO_KID, kid};
use crate::cli::failure::wrong_usage;
use crate::cli::progress::Progress;
use crate::cli::{CommandResult, duration};
use crate::key_listing::Listing;

#[derive(Args, Debug)]
pub(in crate::cli) struct RotateFlags {
    /// Rotate the keys of refresh tokens instead. No session ends
    #[arg(long)]
    mac: bool,
    /// Rotate the keys of stored data instead. Stored data stays readable
    #[arg(long, conflicts_with = "mac")]
    data: bool,
    /// Wait less than `keys.publish_lead` before a key signs, such as 1h: verifiers and gateways
    /// that keep the key set for longer will refuse new tokens for a while
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    after: Option<Duration>,
    /// Do not wait, for a ring whose keys no verifier has fetched yet
    #[arg(long, conflicts_with = "after")]
    now: bool,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct RevokeFlags {
    /// The signing key that has leaked
    // A kid may begin with a hyphen.
    #[arg(allow_hyphen_values = true, value_parser = kid)]
    kid: Option<Kid>,
    /// Replace leaked keys of refresh tokens: every session ends
    #[arg(long)]
    mac: bool,
    /// Replace every key of a leaked folder: every session ends
    #[arg(long)]
    all: bool,
}

/// Makes the next key active.
pub(super) fn rotate(desk: &Desk, flags: &RotateFlags) -> CommandResult {
    let configured = desk.settings.keys.policy;
    if flags.after > Some(configured.publish_lead) {
        return Err(wrong_usage(&format!(
            "--after must not be longer than keys.publish_lead, which is {}",
            humantime::format_duration(configured.publish_lead)
        )));
    }
    let policy = match flags.after {
        _ if flags.now => RotationPolicy::AT_ONCE,
        Some(publish_lead) => RotationPolicy {
            publish_lead,
            ..configured
        },
        None => configured,
    };
    if flags.mac {
        let changed = desk.change(|ring| ring.rotate_mac(&policy, desk.now))?;
        let text = "rotated the keys of refresh tokens; no session ends";
        let event = OperatorEvent::KeysRotated(KeyKind::RefreshTokens);
        return desk.done(&changed, text, event);
    }
    if flags.data {
        let changed = desk.change(|ring| ring.rotate_data(&policy, desk.now))?;
        let text = "rotated the keys of stored data; stored data stays readable";
        let event = OperatorEvent::KeysRotated(KeyKind::StoredData);
        return desk.done(&changed, text, event);
    }
    let changed = desk.change(|ring| ring.rotate(&policy, desk.now))?;
    let event = OperatorEvent::KeysRotated(KeyKind::Signing);
    desk.done(&changed, rotated(desk, &changed.after), event)
}

/// Retires keys that are no longer needed.
pub(super) fn retire(desk: &Desk) -> CommandResult {
    let changed = desk.change(|ring| ring.retire(desk.now))?;
    if changed.is_change() {
        let text = "retired every key whose tokens have all expired";
        desk.done(&changed, text, OperatorEvent::KeysRetired)
    } else {
        desk.report(&changed, "no key is retiring, nothing to do")
    }
}

/// Revokes a leaked key, or all keys.
pub(super) fn revoke(desk: &Desk, flags: &RevokeFlags) -> CommandResult {
    if flags.all {
        let changed = desk.change(|ring| Ok(ring.revoke_all(desk.now)))?;
        confirm(&desk.folder, &changed.before, RevokedKind::All)?;
        let text = format_args!("{ALL_REVOKED}\n\n{WORST_CASES}");
        let event = OperatorEvent::KeysRevoked(RevokedKeys::All);
        return desk.done(&changed, text, event);
    }
    if flags.mac {
        let changed = desk.change(|ring| Ok(ring.revoke_mac(desk.now)))?;
        confirm(&desk.folder, &changed.before, RevokedKind::Mac)?;
        let event = OperatorEvent::KeysRevoked(RevokedKeys::RefreshTokens);
        return desk.done(&changed, MAC_REVOKED, event);
    }
    let kid = flags.kid.as_ref().ok_or(NO_KID)?;
    let changed = desk.change(|ring| ring.revoke(kid, desk.now))?;
    confirm(&desk.folder, &changed.before, RevokedKind::Signing(kid))?;
    if !changed.is_change() {
        return desk.report(&changed, "the key was already revoked, nothing to do");
    }
    let event = OperatorEvent::KeysRevoked(RevokedKeys::Signing(kid.as_str()));
    desk.done(
        &changed,
        format_args!("revoked {kid}\n\n{WORST_CASES}"),
        event,
    )
}

impl Desk {
    pub(super) fn change(
        &self,
        decide: impl FnOnce(&KeyRing) -> Result<RingChange, RingRefusal>,
    ) -> Result<RingChanged, Box<dyn std::error::Error>> {
        let options = ChangeOptions {
            now: self.now,
            size: Some(self.settings.keys.size),
        };
        let _shown = Progress::of("changing keys");
        Ok(self.folder.change(options, &mut system_rng(), decide)?)
    }

    /// Reports what has been done to the ring, and records it if it has changed something.
    pub(super) fn done(
        &self,
        changed: &RingChanged,
        text: impl fmt::Display,
        event: OperatorEvent<'_>,
    ) -> CommandResult {
        self.report(changed, text)?;
        if changed.is_change() {
            self.record(event)?;
        }
        Ok(())
    }

    pub(super) fn report(&self, changed: &RingChanged, text: impl fmt::Display) -> CommandResult {
        let document = Report {
            changed: changed.is_change(),
            ring: Listing::of(&changed.after, self.now),
        };
        self.answer(&document, text)
    }
}

/// Reads the folder again, and fails unless the key of the ring `before` is revoked now.
fn confirm(folder: &KeysFolder, before: &KeyRing, revoked: RevokedKind<'_>) -> CommandResult {
    let ring = folder.ring()?;
    let now = SystemClock::new().now();
    if ring.still_accepts(before, revoked, now) {
        return Err(STILL_ACCEPTED.into());
    }
    Ok(())
}

/// The result, for programs.
#[derive(Serialize)]
struct Report<'a> {
    changed: bool,
    #[serde(flatten)]
    ring: Listing<'a>,
}

/// Says which key signs from when.
fn rotated(desk: &Desk, ring: &KeyRing) -> String {
    let newest = ring.signing().iter().rev();
    let mut turns = newest.filter(|key| key.times.activates_at.is_some());
    let (successor, predecessor) = (turns.next(), turns.next());
    let (Some(successor), Some(predecessor)) = (successor, predecessor) else {
        return "rotated".to_owned();
    };
    let at = successor.times.activates_at.unwrap_or(desk.now);
    let next = ring.signing().iter().rev();
    let mut next = next.filter(|key| key.state_at(at) == KeyState::Next);
    format!(
        "{} signs from {}\n{} signs until then; its tokens stay valid, and it is published until it is \
         retired\n{} is published as the next key",
        successor.kid(),
        desk.when(at),
        predecessor.kid(),
        next.next().map_or("-", |key| key.kid().as_str()),
    )
}

const MAC_REVOKED: &str = "replaced the keys of refresh tokens: every session has ended; \
                           access tokens stay valid until they expire";

const ALL_REVOKED: &str = "replaced every key: all earlier tokens are invalid. The old keys of \
                           stored data remain to decrypt older data; anyone who has them can read \
                           that data";

const STILL_ACCEPTED: &str = "the key is NOT revoked: the folder still has it active or published. \
                              Stop the server, set the clock right, and run the command again";

const WORST_CASES: &str = "\
Tokens of a revoked key are refused from now on by this server and its replicas.
Elsewhere it takes as long as a verifier keeps the key set, at most:
  signet-verifier      5m   24h, or its max_stale, if it cannot reach the issuer
  Envoy jwt_authn      10m  its default cache_duration
  Istio                20m
  Azure                1h
  AWS API Gateway      2h
A verifier with a PEM file accepts the key until you replace the file.";

#[cfg(test)]
mod tests {
    use signet_store::keys_folder::InitOptions;

    use super::*;

    #[test]
    fn a_revocation_that_the_folder_does_not_hold_is_a_failure() {
        let place = tempfile::tempdir().unwrap();
        let folder = KeysFolder::at(place.path().join("keys"));
        let now = SystemClock::new().now();
        let options = InitOptions::default();
        folder.init(&options, now, &mut system_rng()).unwrap();
        let before = folder.ring().unwrap();
        let kid = before.published_at(now).next().unwrap().kid().clone();
        let all = [
            RevokedKind::Signing(&kid),
            RevokedKind::Mac,
            RevokedKind::All,
        ];
        for revoked in all {
            let refused = confirm(&folder, &before, revoked).unwrap_err();
            assert_eq!(refused.to_string(), STILL_ACCEPTED);
        }
        let options = ChangeOptions { now, size: None };
        let revoke = |ring: &KeyRing| Ok(ring.revoke_all(now));
        folder.change(options, &mut system_rng(), revoke).unwrap();
        for revoked in all {
            confirm(&folder, &before, revoked).unwrap();
        }
    }
}
