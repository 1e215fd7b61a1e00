//! What a person answers on the pages of a request: with which account they go on, and what they
//! decide about the client. Of concurrent decisions, at any replica, the first one counts.

use signet_core::authorization::{Answers, ConsentDecision, ConsentGrant};
use signet_core::ids::AccountId;
use signet_store::StoreError;

use super::pending::{FoundRequest, Pending};
use crate::browser::BrowserSession;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::retry::{Round, until_done};

/// Why a decision is not noted.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// The request was changed too often meanwhile.
    #[error("the authorization request was changed too often meanwhile")]
    Contended,
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Flows {
    /// Notes that the person goes on with the account that is signed in. If another request changes
    /// the record first, that one has chosen or decided.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn choose_account(&self, mut pending: Pending) -> Result<(), StoreError> {
        let answers = Answers {
            chose_account: true,
            ..pending.answers
        };
        self.keep_answers(&mut pending, answers).await?;
        Ok(())
    }

    /// Notes that the person allows the client what it asks for. Returns `false` if the request was
    /// answered otherwise before.
    ///
    /// # Errors
    ///
    /// [`DecideError`]
    pub async fn allow_request(
        &self,
        pending: Pending,
        browser: &BrowserSession,
        origin: &RequestOrigin,
    ) -> Result<bool, DecideError> {
        let (account_id, client_id) = (browser.account().id, pending.client.id.clone());
        let allowed = ConsentDecision::Allowed(account_id);
        let decided = self.decide_request(pending, account_id, allowed).await?;
        if decided.is_some() {
            let given = Event::ConsentGiven(account_id, &client_id);
            events::emit(given, Caller::account(account_id, origin));
        }
        Ok(decided.is_some())
    }

    /// Notes that the person does not allow it. Returns the request; `None` if it was answered
    /// otherwise before.
    ///
    /// # Errors
    ///
    /// [`DecideError`]
    pub async fn deny_request(
        &self,
        pending: Pending,
        browser: &BrowserSession,
    ) -> Result<Option<Pending>, DecideError> {
        let account_id = browser.account().id;
        self.decide_request(pending, account_id, ConsentDecision::Denied)
            .await
    }

    /// Notes a decision, unless there is another one. The same decision can be sent again: the answer
    /// to the first request may be lost.
    async fn decide_request(
        &self,
        pending: Pending,
        account_id: AccountId,
        decision: ConsentDecision,
    ) -> Result<Option<Pending>, DecideError> {
        until_done(DecideError::Contended, pending, |mut pending| async move {
            match pending.answers.decision_for(account_id) {
                Some(earlier) if earlier == decision => return Ok(Round::Done(Some(pending))),
                Some(_) => return Ok(Round::Done(None)),
                None => {}
            }
            let answers = Answers {
                decision: Some(decision),
                ..pending.answers
            };
            if self.keep_answers(&mut pending, answers).await? {
                return Ok(Round::Done(Some(pending)));
            }
            Ok(match self.pending_request(pending.token.expose()).await? {
                FoundRequest::Waiting(pending) => Round::Overtaken(*pending),
                FoundRequest::Answered | FoundRequest::Gone => Round::Done(None),
            })
        })
        .await
    }

    /// Remembers for later requests that the person has allowed what the client asks for. Clients of
    /// the operator need no consent later.
    pub(super) async fn remember_consent(
        &self,
        pending: &Pending,
        account_id: AccountId,
    ) -> Result<(), StoreError> {
        let (request, client) = (&pending.request, &pending.client);
        self.remember_unregistered(client).await?;
        if client.sign_in.by_redirect.first_party {
            return Ok(());
        }
        let grant = ConsentGrant::of(request, self.clock.now());
        let consents = &self.stores.consents;
        consents.add(account_id, &client.id, &grant).await?;
        Ok(())
    }
}
