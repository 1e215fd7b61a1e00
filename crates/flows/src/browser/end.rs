//! Ending a browser sign-in and the sessions that clients got from it.

use signet_core::ids::{AccountId, SessionId};
use signet_core::session::Session;
use signet_store::StoreError;

use super::BrowserSession;
use crate::events::SessionEnd;
use crate::flows::Flows;
use crate::origin::{Caller, RequestOrigin};

impl Flows {
    /// Signs out at this browser: ends the sign-in and the sessions that clients got from it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; some of the sessions may have ended.
    pub async fn sign_out_browser(
        &self,
        browser: &BrowserSession,
        origin: &RequestOrigin,
    ) -> Result<(), StoreError> {
        let caller = Caller::account(browser.account.id, origin);
        self.end_browser(browser, SessionEnd::SignedOut, caller)
            .await
    }

    pub(crate) async fn end_browser(
        &self,
        browser: &BrowserSession,
        end: SessionEnd,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        self.end_with_children(&browser.session, end, caller).await
    }

    /// Ends a session. If it is a browser sign-in, also ends the sessions that clients got from it.
    ///
    /// The sign-in ends first: a code that is redeemed at the same time either finds it gone, or its
    /// session is in the list.
    pub(crate) async fn end_with_children(
        &self,
        session: &Session,
        end: SessionEnd,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let account_id = session.account_id;
        self.queue_logout(session).await?;
        self.end_session((account_id, session.id), end, caller)
            .await?;
        if !session.is_browser_sign_in() {
            return Ok(());
        }
        let browser = session.browser.unwrap_or(session.id);
        for child in self.sessions_of_browser(account_id, browser).await? {
            self.queue_logout(&child).await?;
            self.end_session((account_id, child.id), end, caller)
                .await?;
        }
        Ok(())
    }

    /// Whether the browser sign-in that a code came from goes on.
    pub(crate) async fn browser_goes_on(
        &self,
        account_id: AccountId,
        browser: SessionId,
    ) -> Result<bool, StoreError> {
        let of_browser = self.sessions_of_browser(account_id, browser).await?;
        let mut of_browser = of_browser.iter();
        Ok(of_browser.any(Session::is_browser_sign_in))
    }

    async fn sessions_of_browser(
        &self,
        account_id: AccountId,
        browser: SessionId,
    ) -> Result<Vec<Session>, StoreError> {
        let now = self.clock.now();
        let mut sessions = self.stores.sessions.list(account_id, now).await?;
        sessions.retain(|session| session.browser == Some(browser));
        Ok(sessions)
    }
}
