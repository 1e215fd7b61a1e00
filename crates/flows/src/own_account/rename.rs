//! A new name, or none.

use signet_core::account::Account;
use signet_store::Updated;

use super::OwnAccountError;
use crate::accounts::NameChange;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Changes the name of the caller's account.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn rename(
        &self,
        bearer: SessionBearer,
        name: &NameChange,
        origin: &RequestOrigin,
    ) -> Result<Account, OwnAccountError> {
        for _ in 0..MAX_ATTEMPTS {
            let previous = self.own_account(bearer).await?;
            let mut next = previous.clone();
            name.apply(&mut next);
            if next == previous {
                return Ok(previous);
            }
            let next = next.changed(|_| {});
            if let Updated::Done(_) = self.stores.profiles.update(&previous, &next).await? {
                let id = bearer.account_id();
                events::emit(Event::AccountChanged(id), Caller::account(id, origin));
                return Ok(next);
            }
        }
        Err(OwnAccountError::Contended)
    }
}

/// Changes of one account rarely compete.
const MAX_ATTEMPTS: usize = 5;
