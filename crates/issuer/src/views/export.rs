//! Everything that is stored about an account, as its owner reads it.

use serde::Serialize;
use signet_core::account::AccountClaims;
use signet_core::ids::SessionId;
use signet_flows::own_account::OwnData;
use utoipa::ToSchema;

use super::{AccountView, AuthenticatorsView, ConsentList, SessionList};
use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// Everything that is stored about an account. Secrets are not shown, only that they exist.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    account: AccountView,
    /// When the owner of the address showed that it is theirs.
    #[schema(required = true)]
    email_verified_at: Option<Rfc3339>,
    /// What administrators say of the account, for services.
    #[schema(value_type = shapes::AccountClaims)]
    claims: AccountClaims,
    authenticators: AuthenticatorsView,
    #[serde(flatten)]
    sessions: SessionList,
    #[serde(flatten)]
    consents: ConsentList,
}

impl Export {
    /// Renders the data of the caller, whose session is `current`.
    pub(crate) fn of(data: OwnData, current: SessionId) -> Self {
        let account = data.account;
        Self {
            email_verified_at: account.email_verified_at.map(Rfc3339),
            claims: account.claims.clone(),
            account: account.into(),
            authenticators: data.authenticators.into(),
            sessions: SessionList::of(data.sessions, Some(current)),
            consents: data.consents.into(),
        }
    }
}
