//! The password of a signed-in person, asked for again. Five wrong ones in a row end the
//! session.

use signet_core::password::Password;
use signet_store::Credentials;

use crate::authenticate::{PasswordAttempt, SignInError};
use crate::bearer::SessionBearer;
use crate::events::SessionEnd;
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::step_up::StepUpError;

impl Flows {
    /// Checks the password of the caller's account.
    ///
    /// The session ends with its last wrong password. While the store cannot be reached, it gets
    /// no further attempt from this server.
    pub(crate) async fn check_own_password(
        &self,
        bearer: SessionBearer,
        (found, password): (Credentials, Password),
        attempt: PasswordAttempt<'_>,
        origin: &RequestOrigin,
    ) -> Result<Credentials, StepUpError> {
        if self.wrong_passwords.are_too_many(bearer.session_id()) {
            return Err(StepUpError::SessionEnded);
        }
        let checked = self.check_password(Some(found), password, attempt).await;
        match &checked {
            Ok(_) => self.wrong_passwords.forget(bearer.session_id()),
            Err(SignInError::WrongCredentials) => self.note_wrong_password(bearer, origin).await,
            Err(_) => {}
        }
        Ok(checked?)
    }

    async fn note_wrong_password(&self, bearer: SessionBearer, origin: &RequestOrigin) {
        if !self.wrong_passwords.add(bearer.session_id()) {
            return;
        }
        let session = (bearer.account_id(), bearer.session_id());
        let caller = Caller::account(bearer.account_id(), origin);
        let ended = self.end_session(session, SessionEnd::WrongPasswords, caller);
        if let Err(error) = ended.await {
            tracing::warn!(
                %error, account.id = %bearer.account_id(), session.id = %bearer.session_id(),
                "a session with too many wrong passwords cannot be ended in the store"
            );
        }
    }
}
