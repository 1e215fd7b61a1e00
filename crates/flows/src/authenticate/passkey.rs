//! Signing in with a passkey alone: it proves two factors.
//!
//! The request for it tells nothing about accounts: it looks none up and lists no credential,
//! because passkeys are registered so that browsers find them by themselves.

use signet_core::account::{Account, AccountStatus, Email};
use signet_core::one_time_token::OneTimePurpose;
use signet_core::webauthn::{CeremonyRefusal, PasskeyChallenge};
use signet_store::StoreError;

use super::Authenticated;
use super::measure::SignInMethod;
use crate::events::{self, Event, SignInName};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::passkeys::{Binding, PasskeyAnswer, PasskeyRefusal, PasskeyRequest};
use crate::second_factor::FactorError;

impl Flows {
    /// Asks for a passkey. With `email`, only a passkey of the account with this address signs in.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn ask_passkey_to_sign_in(
        &self,
        email: Option<&Email>,
    ) -> Result<PasskeyRequest, StoreError> {
        let binding = email.map_or(Binding::Anybody, Binding::to_email);
        self.ask_passkey(binding, &[]).await
    }

    /// Authenticates the owner of an account by a passkey.
    ///
    /// # Errors
    ///
    /// [`FactorError`]
    pub async fn authenticate_passkey(
        &self,
        answer: &PasskeyAnswer,
        origin: &RequestOrigin,
    ) -> Result<Authenticated, FactorError> {
        let unknown = Caller::unknown(origin);
        let (account, challenge) = match self.owner_of_answer(answer).await? {
            Ok(found) => found,
            Err(refusal) => {
                SignInMethod::Passkey.failed();
                events::emit(Event::PasskeyRefused(None, refusal.code()), unknown);
                events::emit(Event::SignInFailed(SignInName::UnknownPasskey), unknown);
                return Err(refusal.into());
            }
        };
        let caller = Caller::account(account.id, origin);
        let credential = &answer.credential;
        let checked = self.check_passkey(account.id, credential, challenge, caller);
        let methods = checked.await.inspect_err(|error| {
            if matches!(error, FactorError::Passkey(_)) {
                SignInMethod::Passkey.failed();
                events::emit(
                    Event::SignInFailed(SignInName::Account(account.id)),
                    unknown,
                );
            }
        })?;
        let now = self.clock.now();
        SignInMethod::Passkey.succeeded();
        Ok(Authenticated::by_passkey(account, &methods, now))
    }

    /// Uses up the challenge of an answer, and finds the active account that its passkey belongs
    /// to. The account is read before the proof is checked.
    async fn owner_of_answer(
        &self,
        answer: &PasskeyAnswer,
    ) -> Result<Result<(Account, PasskeyChallenge), PasskeyRefusal>, StoreError> {
        let purpose = OneTimePurpose::PasskeySignIn;
        let taken = self.take_ceremony(purpose, &answer.challenge_id).await?;
        let is_sign_in = |binding| matches!(binding, Binding::Anybody | Binding::Email(_));
        let Some(taken) = taken.filter(|taken| is_sign_in(taken.binding)) else {
            return Ok(Err(PasskeyRefusal::Ended));
        };
        // The request listed no credential, so the answer must say whose it is.
        if !answer.credential.has_user_handle() {
            return Ok(Err(CeremonyRefusal::UserHandle.into()));
        }
        let id = answer.credential.credential_id();
        let Some(owner) = self.stores.authenticators.owner(id).await? else {
            return Ok(Err(PasskeyRefusal::Unknown));
        };
        let found = self.stores.accounts.account(owner).await?;
        let account = found.filter(|account| {
            let named = [Binding::Anybody, Binding::to_email(&account.email)];
            named.contains(&taken.binding) && account.standing.status == AccountStatus::Active
        });
        let account = account.ok_or(PasskeyRefusal::Unknown);
        Ok(account.map(|account| (account, taken.challenge)))
    }
}
