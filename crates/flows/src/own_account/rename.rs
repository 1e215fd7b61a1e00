//! A new name, or none.

use signet_core::account::Account;
use signet_store::Updated;

use super::OwnAccountError;
use crate::accounts::NameChange;
use crate::bearer::SessionBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

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
        until_done(OwnAccountError::Contended, (), |()| async move {
            let previous = self.own_account(bearer).await?;
            let mut next = previous.clone();
            name.apply(&mut next);
            if next == previous {
                return Ok(Round::Done(previous));
            }
            let next = next.changed(|_| {});
            match self.stores.profiles.update(&previous, &next).await? {
                Updated::Done(_) => {
                    let id = bearer.account_id();
                    events::emit(Event::AccountChanged(id), Caller::account(id, origin));
                    Ok(Round::Done(next))
                }
                Updated::EmailTaken | Updated::Lost => Ok(Round::Overtaken(())),
            }
        })
        .await
    }
}
