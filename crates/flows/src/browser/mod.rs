//! Browser sign-ins: the session of a person at this server itself, from which clients get theirs.
//!
//! It is a session of a client of its own, so no refresh token of it exists and no other flow
//! refreshes it. The sessions that clients get from it name it as their browser, and end with it. A
//! sign-in at the operator page is of another client: no client gets a session from it.

mod begin;
mod end;
mod logout;
mod step_up;

use signet_core::account::{Account, Epoch};
use signet_core::ids::{AccountId, SessionId};
use signet_core::secret::SecretText;
use signet_core::session::{BrowserToken, SeenFrom, Session, SignInPlace};
use signet_store::StoreError;
use signet_verifier::Timestamp;

use crate::bearer::{EndingBearer, SessionBearer};
use crate::flows::Flows;
use crate::origin::RequestOrigin;

pub use begin::BrowserCookie;
pub use logout::IdTokenHint;

/// The account that is signed in at this browser. Only the check of the cookie makes one.
#[derive(Debug)]
pub struct BrowserSession {
    session: Session,
    account: Account,
    /// Where it is used from now.
    seen_from: SeenFrom,
}

impl BrowserSession {
    /// The account, as it is now.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The person as the caller of what people do with their own account.
    pub fn bearer(&self) -> SessionBearer {
        let (account_id, id) = self.key();
        SessionBearer::of_browser(account_id, id)
    }

    /// The same for what ends every session.
    pub fn ending_bearer(&self) -> EndingBearer {
        EndingBearer::of_browser(self.bearer())
    }

    /// When the person last proved who they are.
    pub fn authenticated_at(&self) -> Timestamp {
        self.session.lifetime.authenticated_at
    }

    /// Where the person is.
    pub(crate) fn seen_from(&self) -> &SeenFrom {
        &self.seen_from
    }

    /// The methods of that proof.
    pub(crate) fn amr(&self) -> &[String] {
        &self.session.grant.amr
    }

    /// The epoch of the account, read when the person signed in.
    pub(crate) fn epoch(&self) -> Epoch {
        self.session.grant.epoch
    }

    /// What the sessions of clients name.
    pub(crate) fn browser(&self) -> SessionId {
        self.session.browser.unwrap_or(self.session.id)
    }

    fn key(&self) -> (AccountId, SessionId) {
        (self.session.account_id, self.session.id)
    }
}

impl Flows {
    /// Checks the cookie of a browser for a place. `None` if it is not ours, the sign-in is over, or it
    /// was at another place.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    pub async fn browser_session(
        &self,
        place: SignInPlace,
        cookie: Option<&SecretText>,
        origin: &RequestOrigin,
    ) -> Result<Option<BrowserSession>, StoreError> {
        let token = cookie.and_then(|text| BrowserToken::read(text.expose(), &self.keys().mac));
        let Some(token) = token else {
            return Ok(None);
        };
        let (now, id) = (self.clock.now(), token.handle.session_id());
        let found = self.stores.sessions.find(token.account_id, id, now).await?;
        let Some(session) = found.filter(|found| found.sign_in_place() == Some(place)) else {
            return Ok(None);
        };
        let account = self.stores.accounts.account(token.account_id).await?;
        let admitted = |account: &Account| account.standing.admits(id, session.grant.epoch);
        let Some(account) = account.filter(admitted) else {
            return Ok(None);
        };
        self.note_use(&session, origin, now).await?;
        Ok(Some(BrowserSession {
            session,
            account,
            seen_from: origin.seen_from(),
        }))
    }

    /// Moves the idle end of a sign-in that is used, at most once an hour. A lost race is as good.
    async fn note_use(
        &self,
        session: &Session,
        origin: &RequestOrigin,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if now.saturating_since(session.rotation.rotated_at) < USE_NOTED_EVERY {
            return Ok(());
        }
        let mut next = session.clone();
        next.version = next.version.saturating_add(1);
        next.rotation.rotated_at = now;
        next.refreshed_from = origin.seen_from();
        let idle_end = now.saturating_add(self.settings.session.idle_ttl);
        next.lifetime.idle_expires_at = idle_end.min(next.lifetime.absolute_expires_at);
        self.stores.sessions.swap(&next).await.map(drop)
    }
}

/// Sessions last days, so hours are exact enough, and most requests write nothing.
const USE_NOTED_EVERY: std::time::Duration = std::time::Duration::from_hours(1);
