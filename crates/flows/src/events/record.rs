//! What the audit trail keeps of an event.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use signet_core::audit::{ActorKind, AuditActor, AuditEvent, AuditTime, Outcome, VERSION};
use signet_core::names::ClientId;
use signet_core::session::Reuse;

use super::{Event, LimitEvent, SignInName};
use crate::origin::{Actor, Caller};

/// The record of an event that happened at `time`.
pub(super) fn of(event: &Event<'_>, caller: Caller<'_>, time: AuditTime) -> AuditEvent {
    let acting = match caller.actor {
        Actor::Client(id) => Some(id.to_string()),
        _ => None,
    };
    let origin = caller.origin;
    AuditEvent {
        version: VERSION,
        time,
        kind: event.name().to_owned(),
        actor: actor(caller.actor),
        account: event.account_id().map(|id| id.to_string()),
        session: event.session_id().map(|id| id.to_string()),
        client: event
            .client_id()
            .or(caller.client.map(ClientId::as_str))
            .map(str::to_owned)
            .or(acting),
        address: origin.and_then(|origin| origin.address),
        user_agent: origin.and_then(|origin| shortened(&origin.user_agent)),
        request_id: origin.and_then(|origin| origin.request_id.clone()),
        outcome: outcome(event),
        reason: reason(event).map(str::to_owned),
        details: details(event),
    }
}

fn actor(actor: Actor<'_>) -> AuditActor {
    let (kind, id) = match actor {
        Actor::Unknown => (ActorKind::Anonymous, None),
        Actor::Account(id) => (ActorKind::Account, Some(id.to_string())),
        Actor::Client(id) => (ActorKind::Client, Some(id.to_string())),
        Actor::Administrator { subject, .. } => {
            (ActorKind::Administrator, Some(subject.to_owned()))
        }
        Actor::System => (ActorKind::System, None),
    };
    AuditActor { kind, id }
}

fn outcome(event: &Event<'_>) -> Outcome {
    match event {
        Event::SignInFailed(_)
        | Event::StepUpFailed(..)
        | Event::PasskeyRefused(..)
        | Event::MailGivenUp(..)
        | Event::Limits(
            LimitEvent::AccountAttacked(_)
            | LimitEvent::ManySignInsFailed
            | LimitEvent::NotShared
            | LimitEvent::RangesUnavailable
            | LimitEvent::CaptchasUnavailable,
        )
        | Event::SessionReuse(..) => Outcome::Failure,
        _ => Outcome::Success,
    }
}

fn reason(event: &Event<'_>) -> Option<&'static str> {
    match event {
        Event::SessionEnded(_, _, end) => Some(end.name()),
        Event::SessionReuse(_, _, Reuse::Stale) => Some("stale"),
        Event::SessionReuse(_, _, Reuse::Displaced) => Some("displaced"),
        Event::PasskeyRefused(_, reason) => Some(reason),
        _ => None,
    }
}

fn details(event: &Event<'_>) -> BTreeMap<String, Value> {
    let mut details = BTreeMap::new();
    let mut add = |name: &str, value: Value| {
        details.insert(name.to_owned(), value);
    };
    match event {
        Event::MailSent(_, kind) | Event::MailGivenUp(_, kind) => add("mail", kind.name().into()),
        Event::RecoveryCodeUsed(_, left) => add("recovery_codes_left", json!(left)),
        Event::SignInFailed(SignInName::Unknown(hash)) => {
            add("email_hash", hash.to_string().into());
        }
        Event::AccountsImported(added) => add("accounts_added", json!(added)),
        Event::AuthenticatorsRemoved(_, kind) => add("authenticators", kind.as_str().into()),
        Event::SessionRecovered(_, _, before) => {
            add("previous_address", json!(before.ip));
            add("previous_user_agent", json!(shortened(&before.user_agent)));
        }
        _ => {}
    }
    if let Event::Operator(event) = event {
        for (name, value) in event.details() {
            add(name, value);
        }
    }
    if let Some(id) = event.invitation_id() {
        add("invitation", id.to_string().into());
    }
    details
}

/// The text, or its beginning; none if it is empty.
fn shortened(text: &str) -> Option<String> {
    let short: String = text.chars().take(MAX_CHARACTERS).collect();
    (!short.is_empty()).then_some(short)
}

/// Browsers send less; a header may have 32 KiB.
const MAX_CHARACTERS: usize = 200;
