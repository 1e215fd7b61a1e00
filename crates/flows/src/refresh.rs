//! Refreshing: the newest tokens of a session, for one of its refresh tokens.
//!
//! The token's tag is checked by arithmetic, then: read, decide, compare-and-swap, sign. The rule
//! is in `signet_core::session`; this file carries the decision out.

use std::sync::Arc;

use signet_core::client::{Client, InvalidScope, InvalidTarget};
use signet_core::limits::Limit;
use signet_core::secret::SecretText;
use signet_core::session::{Decision, RefreshToken, Reuse, Session, decide};
use signet_store::{StoreError, Swapped};

use crate::authenticate_client::AuthenticatedClient;
use crate::events::{self, Event, SessionEnd};
use crate::flows::Flows;
use crate::grants::TokenRequest;
use crate::issue::{GrantKind, IssueError, Recipient};
use crate::mail::MailKind;
use crate::origin::{Caller, RequestOrigin};
use crate::presented_cookies::Possession;
use crate::rate_limits::{Counted, TooMany};
use crate::retry::{Round, until_done};
use crate::session_tokens::{Extent, ExtentProblem, Refreshed, SessionTokens};
use crate::status_lists::Assigned;

/// On whose behalf a session is refreshed.
#[derive(Clone, Copy, Debug)]
pub enum RefreshAs<'a> {
    /// The person's own browser or app: the session's client is one that people sign in with. The
    /// access token may have less than the session.
    FirstParty(TokenRequest<'a>, Possession),
    /// A client that has proved who it is. The access token may have less than the session.
    Client(&'a AuthenticatedClient, TokenRequest<'a>),
}

/// Why a session was not refreshed.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// The token is invalid, expired, used by two parties or issued to another client; or the
    /// session has ended; or its client may no longer call any service of the session.
    #[error("the session has ended")]
    SessionEnded,
    /// The client admits people with other roles only. Nothing was changed.
    #[error("the client admits people with other roles only")]
    RoleRequired,
    /// The request may have waited while this process was not scheduled. Nothing was changed.
    #[error("this process was not scheduled while the request waited")]
    Stalled,
    /// Too many requests came from this network. Nothing was changed.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Too many requests refresh the same session at the same time.
    #[error("too many requests refresh this session")]
    Contended,
    /// More scopes are asked for than the session has.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A service is named that the session is not for.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// No access token was issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The store cannot answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A session that the caller may refresh, and what its next access token may say.
struct Admitted {
    client: Arc<Client>,
    extent: Extent,
}

impl Flows {
    /// Refreshes the session of a token.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]; nothing is changed unless the session is over or two parties used the token.
    pub async fn refresh(
        &self,
        text: &SecretText,
        refresh_as: RefreshAs<'_>,
        origin: &RequestOrigin,
    ) -> Result<SessionTokens, RefreshError> {
        let Ok(token) = RefreshToken::read(text.expose(), &self.keys().mac) else {
            count("garbage");
            return Err(RefreshError::SessionEnded);
        };
        if let RefreshAs::FirstParty(..) = refresh_as {
            let counted = Counted::from_address(origin.address);
            self.count_genuine(Limit::Refresh, counted).await?;
        }
        let round = |()| self.attempt(&token, refresh_as, origin);
        let refreshed = until_done(RefreshError::Contended, (), round).await;
        let issued = refreshed.inspect(|_| GrantKind::RefreshToken.count());
        issued.inspect_err(|error| {
            if matches!(error, RefreshError::Contended) {
                count("contended");
            }
        })
    }

    async fn attempt(
        &self,
        token: &RefreshToken,
        refresh_as: RefreshAs<'_>,
        origin: &RequestOrigin,
    ) -> Result<Round<SessionTokens>, RefreshError> {
        let now = self.clock.now();
        let (account_id, id) = (token.account_id, token.handle.session_id());
        let Some(session) = self.stores.sessions.find(account_id, id, now).await? else {
            count("unknown");
            return Err(RefreshError::SessionEnded);
        };
        let Admitted { client, extent } = self.admit(&session, refresh_as, origin).await?;
        let account = self.stores.accounts.account(account_id).await?;
        let standing = account.as_ref().map(|account| account.standing);
        let policy = &self.settings.session;
        let seen_from = session.seen_at_refresh(&client, origin.seen_from());
        let mut decision =
            decide(&session, token.generation, standing, now, policy).seen_from(seen_from);
        let goes_on = !matches!(decision, Decision::Expired | Decision::Reuse(_));
        let roles = account.as_ref().map(|account| account.roles.as_slice());
        if goes_on && !client.sign_in.admit(roles.unwrap_or_default()) {
            count("role_required");
            return Err(RefreshError::RoleRequired);
        }
        if self.stalls.are_recent() {
            count("stalled");
            return Err(RefreshError::Stalled);
        }
        let assigned = match (decision.next_mut(), &account) {
            (Some(next), Some(account)) => self.assign_status(next, account, &client, now).await?,
            _ => Assigned::Nothing,
        };
        if self.carry_out(&session, &decision).await? == Swapped::Lost {
            return Ok(Round::Overtaken(()));
        }
        note(&decision, &session, Caller::unknown(origin));
        if let (Decision::Reuse(_), Some(account)) = (&decision, &account) {
            self.send_notice(MailKind::SessionReuse, account, origin)
                .await;
        }
        let session = match decision {
            Decision::Expired | Decision::Reuse(_) => return Err(RefreshError::SessionEnded),
            Decision::Replay | Decision::ReplayDisplaced => session,
            Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => next,
        };
        self.confirm_status(assigned, &session, &client, now)
            .await?;
        // Without an account every decision is `Expired`.
        let account = account.ok_or(RefreshError::SessionEnded)?;
        let refreshed = Refreshed {
            session,
            handle: token.handle.clone(),
            account,
            now,
        };
        let recipient = match refresh_as {
            RefreshAs::FirstParty(..) => Recipient::public(&client),
            RefreshAs::Client(client, _) => client.recipient(),
        };
        let tokens = self.session_tokens(refreshed, recipient, extent).await?;
        Ok(Round::Done(tokens))
    }

    /// Refuses callers that may not refresh the session. A session that is over with its client or
    /// the consent of its owner ends; otherwise nothing is changed.
    async fn admit(
        &self,
        session: &Session,
        refresh_as: RefreshAs<'_>,
        origin: &RequestOrigin,
    ) -> Result<Admitted, RefreshError> {
        let caller = Caller::unknown(origin).in_session_of(&session.grant.client_id);
        let (client, request) = match refresh_as {
            RefreshAs::FirstParty(_, Possession::Unbound) if session.grant.requires_binding() => {
                count("unbound");
                return Err(RefreshError::SessionEnded);
            }
            RefreshAs::FirstParty(request, _) => {
                let Some(client) = self.find_client(&session.grant.client_id).await? else {
                    count(SessionEnd::ClientGone.name());
                    self.end_without_client(session, caller).await?;
                    return Err(RefreshError::SessionEnded);
                };
                (client, request)
            }
            RefreshAs::Client(client, request) => {
                if session.grant.client_id != client.id {
                    return Err(RefreshError::SessionEnded);
                }
                (client.share(), request)
            }
        };
        if let Some(end) = self.why_over(session, &client).await? {
            count(end.name());
            self.end_session((session.account_id, session.id), end, caller)
                .await?;
            return Err(RefreshError::SessionEnded);
        }
        if matches!(refresh_as, RefreshAs::FirstParty(..)) && !client.signs_in_directly() {
            return Err(RefreshError::SessionEnded);
        }
        Ok(Admitted {
            extent: narrowed(session, &client, request)?,
            client,
        })
    }

    /// Why a session is over with its client or the consent of its owner; `None` if it goes on.
    async fn why_over(
        &self,
        session: &Session,
        client: &Client,
    ) -> Result<Option<SessionEnd>, StoreError> {
        if !session.is_of(client) {
            return Ok(Some(SessionEnd::ClientGone));
        }
        let goes_on = self.consent_goes_on(session, client).await?;
        Ok((!goes_on).then_some(SessionEnd::ConsentGone))
    }

    /// Ends a session whose client was removed. A client that is switched off keeps its sessions.
    async fn end_without_client(
        &self,
        session: &Session,
        caller: Caller<'_>,
    ) -> Result<(), StoreError> {
        let client = self.stores.clients.find(&session.grant.client_id).await?;
        if client.is_some() {
            return Ok(());
        }
        self.end_session(
            (session.account_id, session.id),
            SessionEnd::ClientGone,
            caller,
        )
        .await
    }

    /// Makes the store say what was decided; `Lost` when another request was faster.
    async fn carry_out(
        &self,
        session: &Session,
        decision: &Decision,
    ) -> Result<Swapped, StoreError> {
        match decision {
            Decision::Heal(next) | Decision::Rotate(next) | Decision::Recover(next) => {
                return self.stores.sessions.swap(next).await;
            }
            Decision::Expired | Decision::Reuse(_) => {
                self.end_silently(session.account_id, session.id).await?;
            }
            Decision::Replay | Decision::ReplayDisplaced => {}
        }
        Ok(Swapped::Done)
    }
}

/// What the next access token says: what the request names, of what the session has.
fn narrowed(
    session: &Session,
    client: &Client,
    request: TokenRequest<'_>,
) -> Result<Extent, RefreshError> {
    let extent = Extent::narrowed(&session.grant, client, (request.scope, request.targets));
    extent.map_err(|problem| match problem {
        ExtentProblem::NoAudienceLeft(_) => {
            count("audience_gone");
            RefreshError::SessionEnded
        }
        ExtentProblem::Scope(error) => error.into(),
        ExtentProblem::Target(error) => error.into(),
    })
}

/// Counts a decision that was carried out, and emits an event if an operator should look at it.
fn note(decision: &Decision, session: &Session, caller: Caller<'_>) {
    let (account_id, id) = (session.account_id, session.id);
    let caller = caller.in_session_of(&session.grant.client_id);
    match *decision {
        Decision::Heal(_) => events::emit(Event::SessionHealed(account_id, id), caller),
        Decision::Recover(_) => {
            let before = &session.refreshed_from;
            events::emit(Event::SessionRecovered(account_id, id, before), caller);
        }
        Decision::Reuse(reuse) => events::emit(Event::SessionReuse(account_id, id, reuse), caller),
        _ => {}
    }
    count(match decision {
        Decision::Expired => "expired",
        Decision::Heal(_) => "heal",
        Decision::Rotate(_) => "rotate",
        Decision::Replay => "replay",
        Decision::ReplayDisplaced => "replay_displaced",
        Decision::Recover(_) => "recover",
        Decision::Reuse(Reuse::Stale) => "reuse_stale",
        Decision::Reuse(Reuse::Displaced) => "reuse_displaced",
    });
}

fn count(decision: &'static str) {
    metrics::counter!("signet_refresh_total", "decision" => decision).increment(1);
}
