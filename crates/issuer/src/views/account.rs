//! An account as responses show it to its owner.

use serde::Serialize;
use signet_core::account::{Account, DisplayName, Email};
use signet_core::authenticators::ProofMethod;
use signet_core::ids::AccountId;
use signet_core::names::Role;
use utoipa::ToSchema;

use crate::openapi::shapes;
use crate::rfc3339::Rfc3339;

/// An account, as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountView {
    #[schema(value_type = shapes::AccountId)]
    id: AccountId,
    #[schema(value_type = shapes::Email)]
    email: Email,
    #[schema(value_type = Option<shapes::DisplayName>, required = true)]
    name: Option<DisplayName>,
    #[schema(value_type = Vec<shapes::Role>)]
    roles: Vec<Role>,
    created_at: Rfc3339,
    email_verified: bool,
    /// The second factors that are enrolled.
    #[schema(value_type = Vec<String>, examples("totp"))]
    mfa: Vec<&'static str>,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        let mfa = ProofMethod::of(account.second_factors).into_iter();
        Self {
            id: account.id,
            email: account.email,
            name: account.name,
            roles: account.roles,
            created_at: Rfc3339(account.created_at),
            email_verified: account.email_verified_at.is_some(),
            mfa: mfa.map(ProofMethod::as_str).collect(),
        }
    }
}
