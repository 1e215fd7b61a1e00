//! The line of the log that an event is.

use std::net::IpAddr;

use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::{AccountId, InvitationId, SessionId};
use signet_core::names::ClientId;
use signet_core::session::{EmailHash, Reuse, SeenFrom};
use tracing::Level;
use tracing::field::display;

use super::{Event, SignInName, record};
use crate::audit;
use crate::origin::{Actor, Caller};

/// Writes `event` to the log, and gathers it for the audit trail.
pub(crate) fn emit<'a>(event: Event<'a>, caller: Caller<'a>) {
    audit::note(|time| record::of(&event, caller, time));
    let line = Line::of(&event, caller);
    macro_rules! write {
        ($level:ident) => {
            tracing::$level!(
                event.name = event.name(),
                account.id = line.account_id,
                session.id = line.session_id,
                invitation.id = line.invitation_id,
                actor.client_id = line.acting_client,
                admin.subject = line.admin_subject,
                admin.target = line.admin_target,
                client.address = line.address,
                email.hash = line.email_hash,
                mail.kind = line.mail,
                client.user_agent = line.recovery.map(|recovery| recovery.by),
                previous.address = line
                    .recovery
                    .and_then(|recovery| recovery.after.ip)
                    .map(display),
                previous.user_agent = line
                    .recovery
                    .map(|recovery| recovery.after.user_agent.as_str()),
                reuse = line.reuse.map(tracing::field::debug),
                recovery_codes.left = line.recovery_codes_left,
                passkey.refusal = line.passkey_refusal,
                accounts.added = line.accounts_added,
                authenticator.kind = line.authenticator_kind,
                "{}",
                line.sentence
            )
        };
    }
    match event.level() {
        Level::ERROR => write!(error),
        Level::WARN => write!(warn),
        _ => write!(info),
    }
}

/// What a line of the log says beside the name of the event.
struct Line<'a> {
    account_id: Option<Shown<AccountId>>,
    session_id: Option<Shown<SessionId>>,
    invitation_id: Option<Shown<InvitationId>>,
    acting_client: Option<Shown<&'a ClientId>>,
    admin_subject: Option<&'a str>,
    admin_target: Option<String>,
    address: Option<Shown<IpAddr>>,
    email_hash: Option<Shown<EmailHash>>,
    reuse: Option<Reuse>,
    mail: Option<&'static str>,
    recovery: Option<Recovery<'a>>,
    recovery_codes_left: Option<usize>,
    passkey_refusal: Option<&'static str>,
    accounts_added: Option<usize>,
    authenticator_kind: Option<&'static str>,
    sentence: &'static str,
}

/// The two places that an owner or an operator compares after a recovery.
#[derive(Clone, Copy)]
struct Recovery<'a> {
    /// Where the session was refreshed before.
    after: &'a SeenFrom,
    /// The program that refreshed it now.
    by: &'a str,
}

type Shown<T> = tracing::field::DisplayValue<T>;

impl<'a> Line<'a> {
    fn of(event: &Event<'a>, caller: Caller<'a>) -> Self {
        let (acting_client, admin_subject) = match caller.actor {
            Actor::Client(id) => (Some(display(id)), None),
            Actor::Administrator { subject, .. } => (None, Some(subject)),
            Actor::Unknown | Actor::Account(_) | Actor::System => (None, None),
        };
        let by_administrator = admin_subject.is_some();
        Self {
            account_id: event.account_id().map(display),
            session_id: event.session_id().map(display),
            invitation_id: event.invitation_id().map(display),
            acting_client,
            admin_subject,
            admin_target: event.target().filter(|_| by_administrator),
            address: caller.origin.and_then(|origin| origin.address).map(display),
            email_hash: match event {
                Event::SignInFailed(SignInName::Unknown(hash)) => Some(display(*hash)),
                _ => None,
            },
            reuse: match event {
                Event::SessionReuse(_, _, reuse) => Some(*reuse),
                _ => None,
            },
            mail: match event {
                Event::MailSent(_, kind) | Event::MailGivenUp(_, kind) => Some(kind.name()),
                _ => None,
            },
            recovery: match event {
                Event::SessionRecovered(_, _, after) => Some(Recovery {
                    after,
                    by: caller.origin.map_or("", |origin| &origin.user_agent),
                }),
                _ => None,
            },
            recovery_codes_left: match event {
                Event::RecoveryCodeUsed(_, left) => Some(*left),
                _ => None,
            },
            passkey_refusal: match event {
                Event::PasskeyRefused(_, reason) => Some(*reason),
                _ => None,
            },
            authenticator_kind: match event {
                Event::AuthenticatorsRemoved(_, kind) => Some(kind.as_str()),
                _ => None,
            },
            accounts_added: match event {
                Event::AccountsImported(added) => Some(*added),
                _ => None,
            },
            sentence: if by_administrator && !event.is_reading() {
                "an administrator changed something"
            } else {
                event.sentence()
            },
        }
    }
}

/// What an administrator has removed, as a sentence.
pub(super) fn removal(kind: AuthenticatorKind) -> &'static str {
    match kind {
        AuthenticatorKind::Password => "an administrator removed a password",
        AuthenticatorKind::Totp => "an administrator removed an authenticator app",
        AuthenticatorKind::RecoveryCodes => "an administrator removed recovery codes",
        AuthenticatorKind::Passkeys => "an administrator removed passkeys",
    }
}
