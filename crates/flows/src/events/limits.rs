//! Events about limits and attacks.

use signet_core::ids::AccountId;
use tracing::Level;

/// Something about limits and attacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LimitEvent {
    /// So many wrong passwords were tried for an account that sign-ins from unknown devices are
    /// refused for a while.
    AccountAttacked(AccountId),
    /// An administrator made the budgets for wrong passwords of an account whole again.
    LockoutLifted(AccountId),
    /// More sign-ins fail than usual, as when stolen passwords are tried for many accounts.
    ManySignInsFailed,
    /// Replicas cannot count requests together, so each of them counts by itself.
    NotShared,
    /// The service that knows breached passwords gives no answer, so new passwords are accepted
    /// without it.
    RangesUnavailable,
    /// The service that judges captchas gives no verdict, so clients do a proof of work instead.
    CaptchasUnavailable,
}

impl LimitEvent {
    /// The stable name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AccountAttacked(_) => "account.attacked",
            Self::LockoutLifted(_) => "account.lockout_lifted",
            Self::ManySignInsFailed => "sign_in.many_failed",
            Self::NotShared => "limits.not_shared",
            Self::RangesUnavailable => "password_ranges.unavailable",
            Self::CaptchasUnavailable => "captchas.unavailable",
        }
    }

    /// The sentence for people.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::AccountAttacked(_) => {
                "many wrong passwords were tried for an account; unknown devices have to wait"
            }
            Self::LockoutLifted(_) => "the budgets for wrong passwords of an account were renewed",
            Self::ManySignInsFailed => "more sign-ins fail than usual",
            Self::NotShared => {
                "requests cannot be counted together with other replicas; each counts by itself"
            }
            Self::RangesUnavailable => {
                "new passwords cannot be compared with breached ones; they are accepted"
            }
            Self::CaptchasUnavailable => {
                "captchas cannot be judged; clients do a proof of work instead"
            }
        }
    }

    /// How urgently operators should look.
    pub(super) fn level(self) -> Level {
        match self {
            Self::LockoutLifted(_) => Level::INFO,
            _ => Level::WARN,
        }
    }

    pub(super) fn account_id(self) -> Option<AccountId> {
        match self {
            Self::AccountAttacked(id) | Self::LockoutLifted(id) => Some(id),
            Self::ManySignInsFailed
            | Self::NotShared
            | Self::RangesUnavailable
            | Self::CaptchasUnavailable => None,
        }
    }
}
