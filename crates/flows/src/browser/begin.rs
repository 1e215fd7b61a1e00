//! Beginning a browser sign-in for a person after authentication.

use std::time::Duration;

use signet_core::ids::AccountId;
use signet_core::secret::SecretText;
use signet_core::session::{BrowserToken, Grant, Session, SessionHandle, SignInPlace};
use signet_store::StoreError;

use super::BrowserSession;
use crate::authenticate::Authenticated;
use crate::begin_session::BeginSessionError;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};
use crate::random::system_rng;

/// What the browser keeps.
#[derive(Debug)]
pub struct BrowserCookie {
    /// The value of the cookie.
    pub text: SecretText,
    /// How long the browser keeps it.
    pub max_age: Duration,
}

impl Flows {
    /// Begins a browser sign-in at a place under a new secret, and ends the one that it replaces. If
    /// that was of the same account, the sessions of clients go on and belong to the new one.
    ///
    /// # Errors
    ///
    /// [`BeginSessionError`]
    pub async fn begin_browser_session(
        &self,
        place: SignInPlace,
        authenticated: Authenticated,
        replaced: Option<&BrowserSession>,
        origin: &RequestOrigin,
    ) -> Result<BrowserCookie, BeginSessionError> {
        let now = self.clock.now();
        let account_id = authenticated.account().id;
        let handle = SessionHandle::random(&mut system_rng());
        let grant = Grant {
            client_id: place.client_id(),
            scope: Vec::new(),
            audience: Vec::new(),
            amr: authenticated.amr().map(str::to_owned).collect(),
            epoch: authenticated.account().standing.epoch,
            cnf: None,
        };
        let id = handle.session_id();
        let policy = &self.settings.session;
        let mut session = Session::begin(id, account_id, grant, now, policy);
        session.lifetime.authenticated_at = authenticated.at();
        if let Some(longest) = place.longest() {
            session.lifetime.end_by(now.saturating_add(longest));
        }
        let goes_on = replaced.filter(|replaced| replaced.account.id == account_id);
        let first = goes_on.map_or(id, BrowserSession::browser);
        session.browser = (place == SignInPlace::Pages).then_some(first);
        let session = session.seen_from(origin.seen_from());
        if !self.store_session(&session).await? {
            return Err(BeginSessionError::AccountChanged);
        }
        let caller = Caller::account(account_id, origin).in_session_of(&session.grant.client_id);
        let (account, second_step) = authenticated.into_parts();
        self.note_device(&account, origin).await;
        self.end_replaced_browser(replaced, account_id, caller)
            .await?;
        let finished = self.finish_second_step(second_step.as_ref()).await;
        if !matches!(finished, Ok(true)) {
            // The browser gets no cookie of it.
            self.end_silently(account_id, id).await?;
            finished?;
            return Err(BeginSessionError::SignInOver);
        }
        events::emit(Event::SessionBegun(account_id, id), caller);
        let token = BrowserToken { account_id, handle };
        Ok(BrowserCookie {
            text: token.write(&self.keys().mac, now),
            max_age: session.lifetime.absolute_expires_at.saturating_since(now),
        })
    }

    /// Ends the browser sign-in that a new one replaces.
    async fn end_replaced_browser(
        &self,
        replaced: Option<&BrowserSession>,
        account_id: AccountId,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let ended = SessionEnd::Replaced;
        match replaced {
            None => Ok(()),
            Some(same) if same.account.id == account_id => {
                self.end_session(same.key(), ended, caller).await
            }
            Some(other) => self.end_browser(other, ended, caller).await,
        }
    }
}
