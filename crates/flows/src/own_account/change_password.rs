//! A new password, and the end of every other session. The same write that sets the password keeps
//! the caller's session.

use signet_core::password::{Password, check_new_password};
use signet_store::EndingChange;

use super::OwnAccountError;
use crate::authenticate::PasswordAttempt;
use crate::bearer::EndingBearer;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::hashing::HashClass;
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::step_up::Proof;

/// A new password, and the proof that the caller may set it.
#[derive(Debug)]
pub struct PasswordChange {
    /// The proof, for example the current password.
    pub proof: Proof,
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
        let found = self.own_account(bearer).await?;
        check_new_password(&passwords.new, Some(&found.email))
            .and_then(|()| self.check_words(&passwords.new, found.name.as_ref()))
            .map_err(OwnAccountError::NewPassword)?;
        let proven = self.prove(bearer, passwords.proof, origin).await?;
        let breached = self.refuse_breached(&passwords.new).await;
        breached.map_err(OwnAccountError::NewPassword)?;
        let lookup_key = found.email.lookup_key();
        let attempt = PasswordAttempt {
            class: HashClass::SignedIn,
            counted: origin.counted_for_account(&lookup_key, Some(found.id)),
        };
        let hash = self.hash_password(passwords.new, attempt).await?;
        let standing = proven.credentials.account.standing;
        let kept = standing.keeping(bearer.session_id());
        let change = EndingChange::Password {
            hash,
            kept: Some(kept),
        };
        let account = &proven.credentials.account;
        let notice = self.notice(MailKind::PasswordChanged, account, origin);
        let pending = self
            .change_own_by_proof(bearer, &proven, &change, notice.as_ref())
            .await?;
        self.finish_or_leave(pending).await;
        let id = bearer.account_id();
        events::emit(Event::PasswordChanged(id), Caller::account(id, origin));
        Ok(())
    }
}
