//! The events that operators follow: one catalogue of stable names, one function that writes them.
//!
//! Flows emit events, and nothing else does. An event holds ids, never an email address, a password
//! or a token.

#[cfg(test)]
mod examples;
mod limits;
mod line;
mod operators;
mod record;
mod session_end;
mod sign_in_name;

use signet_core::authenticators::AuthenticatorKind;
use signet_core::ids::{AccountId, InvitationId, SessionId};
use signet_core::names::ClientId;
use signet_core::session::{Reuse, SeenFrom};
use tracing::Level;

use crate::mail::MailKind;

pub use limits::LimitEvent;
pub(crate) use line::emit;
pub use operators::{KeyKind, OperatorEvent, RevokedKeys};
pub use session_end::SessionEnd;
pub use sign_in_name::SignInName;

/// Something that happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event<'a> {
    /// An account was registered.
    AccountRegistered(AccountId),
    /// An administrator switched an account off.
    AccountDisabled(AccountId),
    /// An administrator switched an account on again.
    AccountEnabled(AccountId),
    /// The name, the claims or the verification of the address of an account was changed.
    AccountChanged(AccountId),
    /// The roles of an account were changed.
    RolesChanged(AccountId),
    /// An account was deleted.
    AccountDeleted(AccountId),
    /// The password of an account was changed by its owner.
    PasswordChanged(AccountId),
    /// The password of an account was set by a link that was mailed.
    PasswordReset(AccountId),
    /// This many accounts were added from a file.
    AccountsImported(usize),
    /// Every account was read, with the hash of its password.
    AccountsExported,
    /// An administrator made a link to set a new password.
    PasswordResetStarted(AccountId),
    /// An administrator removed the authenticators of this kind.
    AuthenticatorsRemoved(AccountId, AuthenticatorKind),
    /// The owner of an account has confirmed its address.
    EmailVerified(AccountId),
    /// The owner of an account has asked for another address.
    EmailChangeRequested(AccountId),
    /// The address of an account was changed, by a link that was mailed to the new one.
    EmailChanged(AccountId),
    /// A mail server has accepted a mail.
    MailSent(AccountId, MailKind),
    /// A mail could not be sent and is not tried again.
    MailGivenUp(AccountId, MailKind),
    /// Every session of an account was ended.
    LoggedOutEverywhere(AccountId),
    /// The owner of an account enrolled an authenticator app.
    TotpEnrolled(AccountId),
    /// The authenticator app of an account was removed.
    TotpRemoved(AccountId),
    /// The owner of an account replaced its recovery codes.
    RecoveryCodesReplaced(AccountId),
    /// A recovery code was used; the number is how many are left.
    RecoveryCodeUsed(AccountId, usize),
    /// The owner of an account added a passkey.
    PasskeyAdded(AccountId),
    /// The owner of an account removed a passkey.
    PasskeyRemoved(AccountId),
    /// A passkey proved who its owner is.
    PasskeyUsed(AccountId),
    /// The answer of a passkey was refused, for this reason; the account is none if it is unknown.
    PasskeyRefused(Option<AccountId>, &'static str),
    /// The holder of a session failed to prove once more who they are.
    StepUpFailed(AccountId, SessionId),
    /// The holder of a session proved once more who they are.
    SessionSteppedUp(AccountId, SessionId),
    /// A sign-in failed.
    SignInFailed(SignInName),
    /// An administrator read accounts.
    AccountsListed,
    /// An administrator read an account.
    AccountRead(AccountId),
    /// An administrator read where an account is signed in.
    SessionsRead(AccountId),
    /// An account was read that has stored roles which break the rule for roles.
    RolesUnreadable(AccountId),
    /// A session began.
    SessionBegun(AccountId, SessionId),
    /// A session ended before its time.
    SessionEnded(AccountId, SessionId, SessionEnd),
    /// A refresh token was ahead of the store, which must have lost writes.
    SessionHealed(AccountId, SessionId),
    /// A used refresh token was shown again after the grace period, and the session went on. It was
    /// last refreshed from the place given here.
    SessionRecovered(AccountId, SessionId, &'a SeenFrom),
    /// A refresh token was used by two parties.
    SessionReuse(AccountId, SessionId, Reuse),
    /// An administrator invited a person.
    InvitationMade(InvitationId),
    /// An administrator removed an invitation.
    InvitationRemoved(InvitationId),
    /// An invitation was accepted; the account is set up.
    InvitationAccepted(InvitationId, AccountId),
    /// The owner of an account has allowed a client what it asked for.
    ConsentGiven(AccountId, &'a ClientId),
    /// The owner of an account has withdrawn what a client was allowed.
    ConsentWithdrawn(AccountId, &'a ClientId),
    /// A client was registered.
    ClientRegistered(&'a ClientId),
    /// A client was changed.
    ClientUpdated(&'a ClientId),
    /// The secret of a client was rotated.
    ClientSecretRotated(&'a ClientId),
    /// A client was switched off.
    ClientDisabled(&'a ClientId),
    /// A client was switched on again.
    ClientEnabled(&'a ClientId),
    /// A client was removed.
    ClientDeleted(&'a ClientId),
    /// A client was read whose row breaks a rule. It gets no tokens.
    ClientUnreadable(&'a str),
    /// Something about limits and attacks.
    Limits(LimitEvent),
    /// Something that an operator has done with the server itself.
    Operator(OperatorEvent<'a>),
}

impl Event<'_> {
    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AccountRegistered(_) => "account.registered",
            Self::AccountDisabled(_) => "account.disabled",
            Self::AccountEnabled(_) => "account.enabled",
            Self::AccountChanged(_) => "account.changed",
            Self::RolesChanged(_) => "account.roles_changed",
            Self::AccountDeleted(_) => "account.deleted",
            Self::PasswordChanged(_) => "account.password_changed",
            Self::PasswordReset(_) => "account.password_reset",
            Self::AccountsImported(_) => "accounts.imported",
            Self::AccountsExported => "accounts.exported",
            Self::PasswordResetStarted(_) => "account.password_reset_started",
            Self::AuthenticatorsRemoved(..) => "account.authenticators_removed",
            Self::EmailVerified(_) => "account.email_verified",
            Self::EmailChangeRequested(_) => "account.email_change_requested",
            Self::EmailChanged(_) => "account.email_changed",
            Self::MailSent(..) => "mail.sent",
            Self::MailGivenUp(..) => "mail.given_up",
            Self::LoggedOutEverywhere(_) => "account.logged_out_everywhere",
            Self::TotpEnrolled(_) => "account.totp_enrolled",
            Self::TotpRemoved(_) => "account.totp_removed",
            Self::RecoveryCodesReplaced(_) => "account.recovery_codes_replaced",
            Self::RecoveryCodeUsed(..) => "account.recovery_code_used",
            Self::PasskeyAdded(_) => "account.passkey_added",
            Self::PasskeyRemoved(_) => "account.passkey_removed",
            Self::PasskeyUsed(_) => "account.passkey_used",
            Self::PasskeyRefused(..) => "passkey.refused",
            Self::StepUpFailed(..) => "step_up.failed",
            Self::SessionSteppedUp(..) => "session.stepped_up",
            Self::SignInFailed(_) => "sign_in.failed",
            Self::AccountsListed => "accounts.listed",
            Self::AccountRead(_) => "account.read",
            Self::SessionsRead(_) => "account.sessions_read",
            Self::RolesUnreadable(_) => "account.role_unreadable",
            Self::SessionBegun(..) => "session.begun",
            Self::SessionEnded(..) => "session.ended",
            Self::SessionHealed(..) => "session.healed",
            Self::SessionRecovered(..) => "session.recovered",
            Self::SessionReuse(..) => "session.reuse",
            Self::InvitationMade(_) => "invitation.made",
            Self::InvitationRemoved(_) => "invitation.removed",
            Self::InvitationAccepted(..) => "invitation.accepted",
            Self::ConsentGiven(..) => "consent.given",
            Self::ConsentWithdrawn(..) => "consent.withdrawn",
            Self::ClientRegistered(_) => "client.registered",
            Self::ClientUpdated(_) => "client.updated",
            Self::ClientSecretRotated(_) => "client.secret_rotated",
            Self::ClientDisabled(_) => "client.disabled",
            Self::ClientEnabled(_) => "client.enabled",
            Self::ClientDeleted(_) => "client.deleted",
            Self::ClientUnreadable(_) => "client.unreadable",
            Self::Limits(event) => event.name(),
            Self::Operator(event) => event.name(),
        }
    }

    /// The sentence for people.
    fn sentence(&self) -> &'static str {
        match self {
            Self::AccountRegistered(_) => "an account was registered",
            Self::AccountDisabled(_) => "an account was switched off",
            Self::AccountEnabled(_) => "an account was switched on again",
            Self::AccountChanged(_) => "an account was changed",
            Self::RolesChanged(_) => "the roles of an account were changed",
            Self::AccountDeleted(_) => "an account was deleted",
            Self::PasswordChanged(_) => "a password was changed",
            Self::PasswordReset(_) => "a password was set by a link that was mailed",
            Self::AccountsImported(_) => "accounts were imported",
            Self::AccountsExported => "every account was exported",
            Self::PasswordResetStarted(_) => "an administrator made a link to set a password",
            Self::AuthenticatorsRemoved(_, kind) => line::removal(*kind),
            Self::EmailVerified(_) => "an email address was confirmed",
            Self::EmailChangeRequested(_) => "a new email address was requested",
            Self::EmailChanged(_) => "an email address was changed",
            Self::MailSent(..) => "a mail was sent",
            Self::MailGivenUp(..) => "a mail could not be sent and is given up",
            Self::LoggedOutEverywhere(_) => "every session of an account was ended",
            Self::TotpEnrolled(_) => "an authenticator app was enrolled",
            Self::TotpRemoved(_) => "an authenticator app was removed",
            Self::RecoveryCodesReplaced(_) => "recovery codes were replaced",
            Self::RecoveryCodeUsed(..) => "a recovery code was used",
            Self::PasskeyAdded(_) => "a passkey was added",
            Self::PasskeyRemoved(_) => "a passkey was removed",
            Self::PasskeyUsed(_) => "a passkey was used",
            Self::PasskeyRefused(..) => "the answer of a passkey was refused",
            Self::StepUpFailed(..) => "the holder of a session failed to prove who they are",
            Self::SessionSteppedUp(..) => "the holder of a session proved who they are",
            Self::SignInFailed(_) => "a sign-in failed",
            Self::AccountsListed | Self::AccountRead(_) | Self::SessionsRead(_) => {
                "an administrator read personal data"
            }
            Self::RolesUnreadable(_) => ROLES_UNREADABLE,
            Self::SessionBegun(..) => "a session began",
            Self::SessionEnded(_, _, end) => end.sentence(),
            Self::SessionHealed(..) => {
                "a refresh token was ahead of the store, which must have lost writes"
            }
            Self::SessionRecovered(..) => {
                "a client that lost an answer went on with its used refresh token"
            }
            Self::SessionReuse(..) => "a refresh token was used by two, its session has been ended",
            Self::InvitationMade(_) => "an administrator invited a person",
            Self::InvitationRemoved(_) => "an invitation was removed",
            Self::InvitationAccepted(..) => "an invitation was accepted",
            Self::ConsentGiven(..) => "a person allowed a client what it asked for",
            Self::ConsentWithdrawn(..) => "a person withdrew what a client was allowed",
            Self::ClientRegistered(_) => "a client was registered",
            Self::ClientUpdated(_) => "a client was changed",
            Self::ClientSecretRotated(_) => "the secret of a client was rotated",
            Self::ClientDisabled(_) => "a client was switched off",
            Self::ClientEnabled(_) => "a client was switched on again",
            Self::ClientDeleted(_) => "a client was removed",
            Self::ClientUnreadable(_) => CLIENT_UNREADABLE,
            Self::Limits(event) => event.sentence(),
            Self::Operator(event) => event.sentence(),
        }
    }

    /// How urgently operators should look.
    fn level(&self) -> Level {
        match self {
            Self::SessionHealed(..) | Self::RolesUnreadable(_) | Self::ClientUnreadable(_) => {
                Level::ERROR
            }
            Self::SessionReuse(..) | Self::MailGivenUp(..) => Level::WARN,
            Self::Limits(event) => event.level(),
            _ => Level::INFO,
        }
    }

    /// Whether nothing was changed.
    fn is_reading(&self) -> bool {
        match self {
            Self::Operator(event) => event.is_reading(),
            Self::AccountsListed | Self::AccountRead(_) | Self::SessionsRead(_) => true,
            _ => false,
        }
    }

    fn account_id(&self) -> Option<AccountId> {
        match *self {
            Self::AccountRegistered(id)
            | Self::AccountDisabled(id)
            | Self::AccountEnabled(id)
            | Self::AccountChanged(id)
            | Self::RolesChanged(id)
            | Self::AccountDeleted(id)
            | Self::PasswordChanged(id)
            | Self::PasswordReset(id)
            | Self::PasswordResetStarted(id)
            | Self::AuthenticatorsRemoved(id, _)
            | Self::EmailVerified(id)
            | Self::EmailChangeRequested(id)
            | Self::EmailChanged(id)
            | Self::MailSent(id, _)
            | Self::MailGivenUp(id, _)
            | Self::LoggedOutEverywhere(id)
            | Self::TotpEnrolled(id)
            | Self::TotpRemoved(id)
            | Self::RecoveryCodesReplaced(id)
            | Self::RecoveryCodeUsed(id, _)
            | Self::PasskeyAdded(id)
            | Self::PasskeyRemoved(id)
            | Self::PasskeyUsed(id)
            | Self::StepUpFailed(id, _)
            | Self::SessionSteppedUp(id, _)
            | Self::ConsentGiven(id, _)
            | Self::ConsentWithdrawn(id, _)
            | Self::AccountRead(id)
            | Self::SessionsRead(id)
            | Self::RolesUnreadable(id)
            | Self::SignInFailed(SignInName::Account(id))
            | Self::SessionBegun(id, _)
            | Self::SessionEnded(id, ..)
            | Self::SessionHealed(id, _)
            | Self::SessionRecovered(id, ..)
            | Self::SessionReuse(id, ..)
            | Self::InvitationAccepted(_, id) => Some(id),
            Self::PasskeyRefused(id, _) => id,
            Self::Limits(event) => event.account_id(),
            _ => None,
        }
    }

    fn session_id(&self) -> Option<SessionId> {
        match *self {
            Self::SessionBegun(_, id)
            | Self::StepUpFailed(_, id)
            | Self::SessionSteppedUp(_, id)
            | Self::SessionEnded(_, id, _)
            | Self::SessionHealed(_, id)
            | Self::SessionRecovered(_, id, _)
            | Self::SessionReuse(_, id, _) => Some(id),
            _ => None,
        }
    }

    fn client_id(&self) -> Option<&str> {
        match self {
            Self::ConsentGiven(_, id)
            | Self::ConsentWithdrawn(_, id)
            | Self::ClientRegistered(id)
            | Self::ClientUpdated(id)
            | Self::ClientSecretRotated(id)
            | Self::ClientDisabled(id)
            | Self::ClientEnabled(id)
            | Self::ClientDeleted(id) => Some(id.as_str()),
            Self::ClientUnreadable(id) => Some(id),
            _ => None,
        }
    }

    fn invitation_id(&self) -> Option<InvitationId> {
        match *self {
            Self::InvitationMade(id)
            | Self::InvitationRemoved(id)
            | Self::InvitationAccepted(id, _) => Some(id),
            _ => None,
        }
    }

    /// The narrowest thing that was changed.
    fn target(&self) -> Option<String> {
        let session = self.session_id().map(|id| id.to_string());
        let account = || self.account_id().map(|id| id.to_string());
        let client = || self.client_id().map(str::to_owned);
        let invitation = || self.invitation_id().map(|id| id.to_string());
        session.or_else(account).or_else(client).or_else(invitation)
    }
}

const ROLES_UNREADABLE: &str = "an account has stored roles that break the rule for roles, so it \
    does not have them; set its roles again with `signet account roles`";
const CLIENT_UNREADABLE: &str = "the row of a client breaks a rule, so the client gets no tokens; \
    remove it with `signet client delete`, or with SQL if its id breaks a rule, and add it again";
