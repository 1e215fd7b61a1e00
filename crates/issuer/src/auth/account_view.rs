//! An account as its owner sees it.

use serde::Serialize;
use signet_core::account::{Account, DisplayName, Email};
use signet_core::ids::AccountId;
use signet_core::names::Role;

use crate::rfc3339::Rfc3339;

/// The *account* of the HTTP contract.
#[derive(Debug, Serialize)]
pub(crate) struct AccountView {
    id: AccountId,
    email: Email,
    name: Option<DisplayName>,
    roles: Vec<Role>,
    created_at: Rfc3339,
    email_verified: bool,
    /// The second factors that are enrolled.
    mfa: [&'static str; 0],
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            email: account.email,
            name: account.name,
            roles: account.roles,
            created_at: Rfc3339(account.created_at),
            email_verified: account.email_verified,
            mfa: [],
        }
    }
}
