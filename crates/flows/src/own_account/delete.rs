//! The account goes away, and every session with it.

use signet_core::password::Password;
use signet_store::Change;

use super::OwnAccountError;
use crate::authenticate::PasswordAttempt;
use crate::bearer::EndingBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Deletes the caller's account, if the password is right.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn delete_account(
        &self,
        bearer: EndingBearer,
        password: Password,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let bearer = bearer.bearer();
        let found = self.own_credentials(bearer).await?;
        let lookup_key = found.account.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::SignedIn,
            counted: origin.counted_for(&lookup_key),
        };
        let credentials = self
            .check_own_password(bearer, (found, password), attempt, origin)
            .await?;
        let pending = self
            .change_own_by_password(bearer, &credentials, &Change::Delete, None)
            .await?;
        self.finish_or_leave(pending).await;
        let id = bearer.account_id();
        events::emit(Event::AccountDeleted(id), Caller::account(id, origin));
        Ok(())
    }
}
