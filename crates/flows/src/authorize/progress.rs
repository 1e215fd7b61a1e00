//! What comes next for a request: a page, a code, or an error for the client.

use signet_core::authorization::{
    AuthorizationRequest, Consent, DeviceDecision, RedirectReply, Refusal, Reply, SignInGrant,
    SignedIn, Step, next_step,
};
use signet_core::client::{Client, RedirectUri};
use signet_core::secret::SecretText;
use signet_core::session::MULTI_FACTOR;
use signet_store::StoreError;

use super::pending::Pending;
use crate::browser::BrowserSession;
use crate::events::{self, Event};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

/// What comes next for a request.
#[derive(Debug)]
pub enum Progress {
    /// A person answers first.
    Waiting(Step, Box<Pending>),
    /// The client gets a code.
    Issued(ReturnAddress, SecretText),
    /// The client gets an error.
    Refused(ReturnAddress, Refusal),
    /// The device gets tokens when it asks next.
    DeviceConnected,
    /// The device gets an error when it asks next.
    DeviceRefused,
    /// Another request has finished it.
    Finished,
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
        client: Client,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        let pending = Pending::new(request, client);
        match self.decide_next(&pending, browser).await? {
            Ok(Step::Issue) => self.grant_request(pending, browser).await,
            Ok(step) => {
                self.keep_pending(&pending).await?;
                Ok(Progress::Waiting(step, Box::new(pending)))
            }
            Err(refusal) => self.send_refusal(pending, refusal).await,
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
            Ok(Step::Issue) if self.finish_pending(&pending).await? => {
                self.grant_request(pending, browser).await
            }
            Ok(Step::Issue) => Ok(Progress::Finished),
            Ok(step) => Ok(Progress::Waiting(step, Box::new(pending))),
            Err(refusal) => self.refuse_request(pending, refusal).await,
        }
    }

    /// Ends a request with an error for the client.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn refuse_request(
        &self,
        pending: Pending,
        refusal: Refusal,
    ) -> Result<Progress, StoreError> {
        if self.finish_pending(&pending).await? {
            return self.send_refusal(pending, refusal).await;
        }
        Ok(Progress::Finished)
    }

    /// Answers a request after its last step: with a code, or so that the device gets tokens.
    async fn grant_request(
        &self,
        pending: Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Progress, StoreError> {
        let Some(browser) = browser else {
            return self.send_refusal(pending, Refusal::LoginRequired).await;
        };
        let account = (browser.account().id, browser.epoch());
        let signed_in = (
            browser.browser(),
            browser.authenticated_at(),
            browser.amr().to_vec(),
        );
        let request = pending.request;
        let grant = SignInGrant::of(&request, &pending.client, account, signed_in)
            .seen_from(browser.seen_from().clone());
        match request.reply {
            Reply::Redirect(reply) => {
                let to = ReturnAddress::of(&reply);
                let code = self.issue_code(grant, reply).await?;
                Ok(Progress::Issued(to, code))
            }
            Reply::Device(reply) => {
                let approved = DeviceDecision::Approved(Box::new(grant));
                let decided = self.decide_device(reply, request.asked_at, &approved);
                Ok(if decided.await? {
                    Progress::DeviceConnected
                } else {
                    Progress::Finished
                })
            }
        }
    }

    async fn send_refusal(
        &self,
        pending: Pending,
        refusal: Refusal,
    ) -> Result<Progress, StoreError> {
        let asked_at = pending.request.asked_at;
        match pending.request.reply {
            Reply::Redirect(reply) => Ok(Progress::Refused(ReturnAddress::of(&reply), refusal)),
            Reply::Device(reply) => {
                let decided = self.decide_device(reply, asked_at, &DeviceDecision::Denied);
                Ok(if decided.await? {
                    Progress::DeviceRefused
                } else {
                    Progress::Finished
                })
            }
        }
    }

    /// Notes that the person goes on with the account that is signed in.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn choose_account(&self, pending: &mut Pending) -> Result<(), StoreError> {
        pending.answers.chose_account = true;
        self.keep_pending(pending).await
    }

    /// Notes that the person has allowed what the client asks for, for this time and later ones.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn give_consent(
        &self,
        pending: &mut Pending,
        browser: &BrowserSession,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let (account_id, now) = (browser.account().id, self.clock.now());
        let (consents, client_id) = (&self.stores.consents, &pending.client.id);
        self.remember_unregistered(&pending.client).await?;
        // Clients of the operator need none later.
        if !pending.client.sign_in.by_redirect.first_party {
            let earlier = consents.find(account_id, client_id, now).await?;
            let consent = Consent::to(&pending.request, earlier, now);
            consents.put(account_id, client_id, &consent).await?;
        }
        let given = Event::ConsentGiven(account_id, client_id);
        events::emit(given, Caller::account(account_id, origin));
        pending.answers.consented = true;
        self.keep_pending(pending).await
    }

    async fn decide_next(
        &self,
        pending: &Pending,
        browser: Option<&BrowserSession>,
    ) -> Result<Result<Step, Refusal>, StoreError> {
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
