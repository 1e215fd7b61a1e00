//! A new password, and the end of every other session. The same write that sets the password keeps
//! the caller's session.

use signet_core::password::{Password, check_new_password};
use signet_store::Change;

use super::OwnAccountError;
use crate::authenticate::PasswordAttempt;
use crate::bearer::EndingBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};

/// The password as it is and as it shall be.
#[derive(Debug)]
pub struct PasswordChange {
    /// The current password, as typed.
    pub current: Password,
    /// The new password.
    pub new: Password,
}

impl Flows {
    /// Changes the password of the caller's account and ends its other sessions.
    ///
    /// # Errors
    ///
    /// [`OwnAccountError`]
    pub async fn change_password(
        &self,
        bearer: EndingBearer,
        passwords: PasswordChange,
        origin: &RequestOrigin,
    ) -> Result<(), OwnAccountError> {
        let bearer = bearer.bearer();
        let found = self.own_credentials(bearer).await?;
        check_new_password(&passwords.new, Some(&found.account.email))
            .map_err(OwnAccountError::NewPassword)?;
        let lookup_key = found.account.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::SignedIn,
            counted: origin.counted_for(&lookup_key),
        };
        let credentials = self
            .check_own_password(bearer, (found, passwords.current), attempt, origin)
            .await?;
        let hash = self.hash_password(passwords.new, attempt).await?;
        let kept = credentials.account.standing.keeping(bearer.session_id());
        let change = Change::Password {
            hash,
            kept: Some(kept),
        };
        let notice = self.notice(MailKind::PasswordChanged, &credentials.account, origin);
        let pending = self
            .change_own_by_password(bearer, &credentials, &change, notice.as_ref())
            .await?;
        self.finish_or_leave(pending).await;
        let id = bearer.account_id();
        events::emit(Event::PasswordChanged(id), Caller::account(id, origin));
        Ok(())
    }
}
