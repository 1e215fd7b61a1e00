//! What an account signs in with, without secrets.

use serde::Serialize;
use signet_core::account::DisplayName;
use signet_core::authenticators::{AuthenticatorSet, Passkey};
use signet_core::webauthn::PasskeyId;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// What an account signs in with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Authenticators)]
pub(crate) struct AuthenticatorsView {
    /// Whether there is a password.
    password: bool,
    /// Whether an authenticator app is enrolled.
    totp: bool,
    /// How many recovery codes are left.
    recovery_codes: usize,
    passkeys: Vec<PasskeyView>,
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyView {
    #[schema(value_type = shapes::PasskeyId)]
    id: String,
    #[schema(value_type = Option<shapes::DisplayName>, required = true)]
    name: Option<DisplayName>,
    created_at: Rfc3339,
    #[schema(required = true)]
    last_used_at: Option<Rfc3339>,
    /// Whether it is on more than one device.
    synced: bool,
}

impl From<AuthenticatorSet> for AuthenticatorsView {
    fn from(stored: AuthenticatorSet) -> Self {
        let totp = stored.totp.as_ref();
        Self {
            password: stored.has_password,
            totp: totp.is_some_and(|totp| totp.last_step.is_some()),
            recovery_codes: stored.recovery_codes.len(),
            passkeys: stored.passkeys.into_iter().map(PasskeyView::from).collect(),
        }
    }
}

impl From<Passkey> for PasskeyView {
    fn from(passkey: Passkey) -> Self {
        Self {
            id: PasskeyId::new(passkey.credential_id).to_string(),
            name: passkey.name,
            created_at: Rfc3339(passkey.created_at),
            last_used_at: passkey.last_used_at.map(Rfc3339),
            synced: passkey.backed_up,
        }
    }
}
