//! What comes next for a request: a page, a code, or an error for the client.

use std::sync::Arc;

use signet_core::authorization::{
    AuthorizationRequest, DeviceDecision, RedirectReply, Reply, SignInGrant, SignedIn, Step,
    StepRefusal, next_step,
};
use signet_core::client::{Client, RedirectUri};
use signet_core::secret::SecretText;
use signet_core::session::MULTI_FACTOR;
use signet_store::StoreError;

use super::pending::Pending;
use crate::browser::BrowserSession;
use crate::flows::Flows;

/// What comes next for a request.
#[derive(Debug)]
pub enum Progress {
    /// A person answers first.
    Waiting(Step, Box<Pending>),
    /// The client gets a code.
    Issued(ReturnAddress, SecretText),
    /// The client gets an error.
    Refused(ReturnAddress, StepRefusal),
    /// The device gets tokens when it asks next.
    DeviceConnected,
    /// The device gets an error when it asks next.
    DeviceRefused,
    /// Another request has answered it.
    Answered,
    /// Its time is over.
    Gone,
}

/// Where the answer goes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReturnAddress {
    /// The redirect URI.
    pub uri: RedirectUri,
    /// The state of the request.
    pub state: Option<String>,
}

impl ReturnAddress {
    fn of(reply: &RedirectReply) -> Self {
        Self {
            uri: reply.redirect_uri.clone(),
            state: reply.state.clone(),
        }
    }
}

impl Flows {
    /// Decides what comes first for a new request, and remembers it if a person must answer.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn begin_request(
        &self,
        request: AuthorizationRequest,
        client: Arc<Client>,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        let mut pending = Pending::new(request, client);
        match self.decide_next(&pending, browser).await? {
            Ok(Step::Issue) => self.grant_request(pending, browser).await,
            Ok(step) => {
                self.keep_pending(&mut pending).await?;
                Ok(Progress::Waiting(step, Box::new(pending)))
            }
            Err(refusal) => self.refuse_request(pending, refusal).await,
        }
    }

    /// Decides what comes next for a request that a page names.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn advance_request(
        &self,
        pending: Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        match self.decide_next(&pending, browser).await? {
            Ok(Step::Issue) => self.grant_request(pending, browser).await,
            Ok(step) => Ok(Progress::Waiting(step, Box::new(pending))),
            Err(refusal) => self.refuse_request(pending, refusal).await,
        }
    }

    /// Ends a request with an error for the client. If this fails, it can be repeated.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn refuse_request(
        &self,
        mut pending: Pending,
        refusal: StepRefusal,
    ) -> Result<Progress, StoreError> {
        let asked_at = pending.request.asked_at;
        let refused = match pending.request.reply.clone() {
            Reply::Redirect(reply) => Progress::Refused(ReturnAddress::of(&reply), refusal),
            Reply::Device(reply) => {
                let denied = DeviceDecision::Denied;
                self.decide_device(reply, asked_at, &denied).await?
            }
        };
        self.unless_answered(&mut pending, refused).await
    }

    /// Answers a request after its last step: with a code, or so that the device gets tokens. The
    /// request is finished last, so that all before can be repeated.
    async fn grant_request(
        &self,
        mut pending: Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        let Some(browser) = browser else {
            return self
                .refuse_request(pending, StepRefusal::LoginRequired)
                .await;
        };
        let account = (browser.account().id, browser.epoch());
        if pending.answers.decision_for(account.0).is_some() {
            self.remember_consent(&pending, account.0).await?;
        }
        let signed_in = (
            browser.browser(),
            browser.authenticated_at(),
            browser.amr().to_vec(),
        );
        let request = &pending.request;
        let grant = SignInGrant::of(request, &pending.client, account, signed_in)
            .seen_from(browser.seen_from().clone());
        let granted = match request.reply.clone() {
            Reply::Redirect(reply) => {
                let to = ReturnAddress::of(&reply);
                // If another request comes first, this code is never sent.
                let code = self.issue_code(grant, reply).await?;
                Progress::Issued(to, code)
            }
            Reply::Device(reply) => {
                let approved = DeviceDecision::Approved(Box::new(grant));
                let decided = self.decide_device(reply, request.asked_at, &approved);
                decided.await?
            }
        };
        self.unless_answered(&mut pending, granted).await
    }

    /// Finishes a request with this answer, unless another request was first.
    async fn unless_answered(
        &self,
        pending: &mut Pending,
        answer: Progress,
    ) -> Result<Progress, StoreError> {
        if matches!(answer, Progress::Gone) {
            return Ok(answer);
        }
        let is_first = self.finish_pending(pending).await?;
        Ok(if is_first { answer } else { Progress::Answered })
    }

    async fn decide_next(
        &self,
        pending: &Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Result<Step, StepRefusal>, StoreError> {
        let now = self.clock.now();
        let consent = match browser {
            Some(browser) if !pending.client.sign_in.by_redirect.first_party => {
                let (account_id, client_id) = (browser.account().id, &pending.client.id);
                let consents = &self.stores.consents;
                consents.find(account_id, client_id, now).await?
            }
            _ => None,
        };
        let signed_in = browser.map(|browser| SignedIn {
            account: browser.account(),
            authenticated_at: browser.authenticated_at(),
            multi_factor: browser.amr().iter().any(|method| method == MULTI_FACTOR),
            consent: consent.as_ref(),
        });
        let (request, client) = (&pending.request, &pending.client);
        let answers = pending.answers;
        Ok(next_step(request, client, signed_in, answers, now))
    }
}
