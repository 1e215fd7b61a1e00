//! What a line of the log says of an event, field by field.

use std::net::IpAddr;

use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::{AccountId, InvitationId, SessionId};
use signet_core::names::ClientId;
use signet_core::session::{Reuse, SeenFrom};
use tracing::field::display;

use super::Event;
use crate::origin::{Actor, Caller};

/// What a line of the log says beside the name of the event.
pub(super) struct Line<'a> {
    pub(super) account_id: Option<Shown<AccountId>>,
    pub(super) session_id: Option<Shown<SessionId>>,
    pub(super) invitation_id: Option<Shown<InvitationId>>,
    pub(super) acting_client: Option<Shown<&'a ClientId>>,
    pub(super) admin_subject: Option<&'a str>,
    pub(super) admin_target: Option<String>,
    pub(super) address: Option<Shown<IpAddr>>,
    pub(super) reuse: Option<Reuse>,
    pub(super) mail: Option<&'static str>,
    pub(super) recovery: Option<Recovery<'a>>,
    pub(super) recovery_codes_left: Option<usize>,
    pub(super) passkey_refusal: Option<&'static str>,
    pub(super) accounts_added: Option<usize>,
    pub(super) authenticator_kind: Option<&'static str>,
    pub(super) sentence: &'static str,
}

/// The two places that an owner or an operator compares after a recovery.
#[derive(Clone, Copy)]
pub(super) struct Recovery<'a> {
    /// Where the session was refreshed before.
    pub(super) after: &'a SeenFrom,
    /// The program that refreshed it now.
    pub(super) by: &'a str,
}

pub(super) type Shown<T> = tracing::field::DisplayValue<T>;

impl<'a> Line<'a> {
    pub(super) fn of(event: &Event<'a>, caller: Caller<'a>) -> Self {
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
            sentence: if by_administrator {
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
