//! An example of every event, as the lines of `docs/events.examples.jsonl`.
//!
//! The programs in `tests/clients` judge that file with the JSON Schema of events.

use std::collections::BTreeSet;
use std::fs;
use std::iter::successors;
use std::path::Path;

use serde_json::Value;
use signet_core::audit::{AuditEvent, AuditTime, ChainEnd};
use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::{AccountId, InvitationId, SessionId};
use signet_core::names::{ClientId, MAX_NAME_LENGTH};
use signet_core::secret::SecretBytes;
use signet_core::session::{EmailHash, MacKey, MacKeys, Reuse, SeenFrom};
use signet_core::webauthn::CeremonyRefusal;
use signet_verifier::Timestamp;

use super::{
    Event, KeyKind, LimitEvent, OperatorEvent, RevokedKeys, SessionEnd, SignInName, record,
};
use crate::mail::MailKind;
use crate::origin::{Actor, Caller, Reach, RequestOrigin};

const ACCOUNT: AccountId = AccountId::from_bytes([0x2b; 16]);
const INVITATION: InvitationId = InvitationId::from_bytes([0x3c; 16]);
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// The last second that RFC 3339 can write.
const LAST: Timestamp = Timestamp::from_seconds(253_402_300_799);

/// What the events of the examples tell of.
struct Told {
    session: SessionId,
    client: ClientId,
    unknown: EmailHash,
    before: SeenFrom,
}

#[test]
fn the_examples_have_every_event_of_the_schema() {
    let lines = lines();
    let types = lines.iter().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["type"].as_str().unwrap().to_owned()
    });
    let schema: Value = serde_json::from_str(&read("events.schema.json")).unwrap();
    let of_schema = schema["properties"]["type"]["enum"].as_array().unwrap();
    let of_schema = of_schema
        .iter()
        .map(|name| name.as_str().unwrap().to_owned());
    assert_eq!(types.collect::<BTreeSet<_>>(), of_schema.collect());
}

#[test]
fn the_examples_of_the_documentation_are_the_lines_that_events_are_written_as() {
    let lines = lines().join("\n") + "\n";
    if read(EXAMPLES) == lines {
        return;
    }
    let written = Path::new(REPOSITORY).join("target").join(EXAMPLES);
    fs::create_dir_all(written.parent().unwrap()).unwrap();
    fs::write(&written, lines).unwrap();
    panic!("docs/{EXAMPLES} differs; copy target/{EXAMPLES} there");
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(REPOSITORY).join("docs").join(name)).unwrap_or_default()
}

/// The lines of one chain: an event of every kind, then events with the longest values.
fn lines() -> Vec<String> {
    let told = Told::new();
    let mut end = ChainEnd::START;
    let events = usual(&told).into_iter().chain(extreme(&told));
    let lines = events.map(|event| {
        let (line, after) = end.line(&event).unwrap();
        end = after;
        line
    });
    lines.collect()
}

impl Told {
    fn new() -> Self {
        let secret = SecretBytes::new([1; 32]);
        let keys = MacKeys::new(vec![MacKey::new(1, Timestamp::default(), &secret)]).unwrap();
        Self {
            session: SessionId::from_bytes([0x1a; 16]),
            client: "shop".parse().unwrap(),
            unknown: keys.hash_email(&"nobody@example.com".parse().unwrap(), NOW),
            before: SeenFrom {
                user_agent: "shop-app/4.1".to_owned(),
                ip: Some("198.51.100.7".parse().unwrap()),
            },
        }
    }
}

/// Events with the values that they usually have.
fn usual(told: &Told) -> Vec<AuditEvent> {
    let origin = RequestOrigin {
        address: Some("192.0.2.1".parse().unwrap()),
        user_agent: "shop-app/4.2".to_owned(),
        request_id: Some("01J9ZC2T5N".to_owned()),
        ..RequestOrigin::default()
    };
    let operator = ClientId::of_operator("ada").unwrap();
    let administrator = Actor::Administrator {
        subject: told.client.as_str(),
        reach: Reach::Everything,
    };
    [
        (Caller::unknown(&origin), of_strangers(told)),
        (Caller::account(ACCOUNT, &origin), of_people(told)),
        (Caller::client(&told.client, &origin), of_sessions(told)),
        (
            Caller::acting(administrator, &origin),
            of_administrators(told),
        ),
        (Caller::command_line(&operator), of_operators()),
        (Caller::SYSTEM, of_the_server()),
    ]
    .into_iter()
    .flat_map(|(caller, events)| {
        let record = move |event| record::of(&event, caller, AuditTime(NOW));
        events.into_iter().map(record)
    })
    .collect()
}

/// Events with the longest and oddest values that a request can bring.
fn extreme(told: &Told) -> Vec<AuditEvent> {
    let odd = "\"\\\u{7f}\u{e9}\u{1f600}</script>'";
    let long = odd.repeat(100);
    let origin = RequestOrigin {
        address: Some("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff".parse().unwrap()),
        user_agent: long.clone(),
        request_id: Some(long.chars().take(200).collect()),
        ..RequestOrigin::default()
    };
    let before = SeenFrom {
        user_agent: long.clone(),
        ip: None,
    };
    let client: ClientId = "c".repeat(MAX_NAME_LENGTH).parse().unwrap();
    let minted = OperatorEvent::AdminTokenMinted {
        subject: odd,
        token_id: odd,
        scope: "",
    };
    [
        Event::SessionRecovered(ACCOUNT, told.session, &before),
        Event::RecoveryCodeUsed(ACCOUNT, 0),
        Event::AccountsImported(usize::MAX),
        Event::ClientUnreadable(odd),
        Event::ClientUpdated(&client),
        Event::PasskeyRefused(None, CeremonyRefusal::Key.code()),
        Event::Operator(minted),
        Event::Operator(OperatorEvent::KeysRevoked(RevokedKeys::Signing(odd))),
    ]
    .map(|event| record::of(&event, Caller::unknown(&origin), AuditTime(LAST)))
    .into()
}

fn of_strangers(told: &Told) -> Vec<Event<'_>> {
    let refused =
        CeremonyRefusal::ALL.map(|refusal| Event::PasskeyRefused(Some(ACCOUNT), refusal.code()));
    let mut events = vec![
        Event::SignInFailed(SignInName::Account(ACCOUNT)),
        Event::SignInFailed(SignInName::Unknown(told.unknown)),
        Event::SignInFailed(SignInName::UnknownPasskey),
        Event::PasswordReset(ACCOUNT),
        Event::EmailVerified(ACCOUNT),
        Event::EmailChanged(ACCOUNT),
        Event::Limits(LimitEvent::AccountAttacked(ACCOUNT)),
        Event::Limits(LimitEvent::ManySignInsFailed),
    ];
    events.extend(refused);
    events
}

fn of_people(told: &Told) -> Vec<Event<'_>> {
    let (session, client) = (told.session, &told.client);
    vec![
        Event::AccountRegistered(ACCOUNT),
        Event::AccountChanged(ACCOUNT),
        Event::PasswordChanged(ACCOUNT),
        Event::EmailChangeRequested(ACCOUNT),
        Event::LoggedOutEverywhere(ACCOUNT),
        Event::TotpEnrolled(ACCOUNT),
        Event::TotpRemoved(ACCOUNT),
        Event::RecoveryCodesReplaced(ACCOUNT),
        Event::RecoveryCodeUsed(ACCOUNT, 9),
        Event::PasskeyAdded(ACCOUNT),
        Event::PasskeyRemoved(ACCOUNT),
        Event::PasskeyUsed(ACCOUNT),
        Event::StepUpFailed(ACCOUNT, session),
        Event::SessionSteppedUp(ACCOUNT, session),
        Event::InvitationAccepted(INVITATION, ACCOUNT),
        Event::ConsentGiven(ACCOUNT, client),
        Event::ConsentWithdrawn(ACCOUNT, client),
        Event::AccountDeleted(ACCOUNT),
    ]
}

fn of_sessions(told: &Told) -> Vec<Event<'_>> {
    let session = told.session;
    let ends = successors(Some(SessionEnd::SignedOut), |end| next_end(*end));
    let mut events = vec![
        Event::SessionBegun(ACCOUNT, session),
        Event::SessionHealed(ACCOUNT, session),
        Event::SessionRecovered(ACCOUNT, session, &told.before),
        Event::SessionReuse(ACCOUNT, session, Reuse::Stale),
        Event::SessionReuse(ACCOUNT, session, Reuse::Displaced),
    ];
    events.extend(ends.map(|end| Event::SessionEnded(ACCOUNT, session, end)));
    events
}

fn of_administrators(told: &Told) -> Vec<Event<'_>> {
    let client = &told.client;
    let removed = AuthenticatorKind::ALL.map(|kind| Event::AuthenticatorsRemoved(ACCOUNT, kind));
    let mut events = vec![
        Event::AccountDisabled(ACCOUNT),
        Event::AccountEnabled(ACCOUNT),
        Event::RolesChanged(ACCOUNT),
        Event::AccountsImported(3),
        Event::AccountsExported,
        Event::PasswordResetStarted(ACCOUNT),
        Event::AccountsListed,
        Event::AccountRead(ACCOUNT),
        Event::SessionsRead(ACCOUNT),
        Event::InvitationMade(INVITATION),
        Event::InvitationRemoved(INVITATION),
        Event::ClientRegistered(client),
        Event::ClientUpdated(client),
        Event::ClientSecretRotated(client),
        Event::ClientDisabled(client),
        Event::ClientEnabled(client),
        Event::ClientDeleted(client),
        Event::Limits(LimitEvent::LockoutLifted(ACCOUNT)),
        Event::Operator(OperatorEvent::EventsListed),
    ];
    events.extend(removed);
    events
}

fn of_operators() -> Vec<Event<'static>> {
    let kinds = successors(Some(KeyKind::Signing), |kind| next_kind(*kind));
    let mut events = vec![
        OperatorEvent::AdminTokenMinted {
            subject: "signet:command-line:ada",
            token_id: "GhoaGhoaGhoaGhoaGhoaGg",
            scope: "signet:admin:read",
        },
        OperatorEvent::KeysCreated,
        OperatorEvent::KeysRetired,
        OperatorEvent::KeysRevoked(RevokedKeys::Signing("k-2026")),
        OperatorEvent::KeysRevoked(RevokedKeys::RefreshTokens),
        OperatorEvent::KeysRevoked(RevokedKeys::All),
        OperatorEvent::KeysRestored,
        OperatorEvent::KeysEncrypted,
        OperatorEvent::KeysDecrypted,
        OperatorEvent::DatabaseBackedUp,
        OperatorEvent::DatabaseExported,
        OperatorEvent::DatabaseImported,
        OperatorEvent::DatabaseRestored,
    ];
    events.extend(kinds.map(OperatorEvent::KeysRotated));
    events.into_iter().map(Event::Operator).collect()
}

fn of_the_server() -> Vec<Event<'static>> {
    let mut events = vec![
        Event::RolesUnreadable(ACCOUNT),
        Event::ClientUnreadable("Shop"),
        Event::MailGivenUp(ACCOUNT, MailKind::Reset),
        Event::Limits(LimitEvent::NotShared),
        Event::Limits(LimitEvent::RangesUnavailable),
        Event::Limits(LimitEvent::CaptchasUnavailable),
        Event::Operator(OperatorEvent::DatabaseCreated),
    ];
    events.extend(MailKind::ALL.map(|kind| Event::MailSent(ACCOUNT, kind)));
    events
}

/// A new reason does not compile without its place here.
fn next_end(end: SessionEnd) -> Option<SessionEnd> {
    match end {
        SessionEnd::SignedOut => Some(SessionEnd::ByOwner),
        SessionEnd::ByOwner => Some(SessionEnd::Replaced),
        SessionEnd::Replaced => Some(SessionEnd::Revoked),
        SessionEnd::Revoked => Some(SessionEnd::WrongPasswords),
        SessionEnd::WrongPasswords => Some(SessionEnd::CodeReused),
        SessionEnd::CodeReused => Some(SessionEnd::ClientGone),
        SessionEnd::ClientGone => Some(SessionEnd::ConsentGone),
        SessionEnd::ConsentGone => None,
    }
}

/// A new kind of keys does not compile without its place here.
fn next_kind(kind: KeyKind) -> Option<KeyKind> {
    match kind {
        KeyKind::Signing => Some(KeyKind::RefreshTokens),
        KeyKind::RefreshTokens => Some(KeyKind::StoredData),
        KeyKind::StoredData => None,
    }
}

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const EXAMPLES: &str = "events.examples.jsonl";
