//! The newest tokens of a session, made for one answer.

use std::time::Duration;

use signet_core::access_token::{AccessToken, AccessTokenClaims};
use signet_core::account::Account;
use signet_core::client::{
    Client, InvalidScope, InvalidTarget, Targets, narrow_audience, narrow_scope,
};
use signet_core::names::{Audience, Scope};
use signet_core::secret::SecretText;
use signet_core::session::{Grant, RefreshToken, Session, SessionHandle};
use signet_verifier::Timestamp;

use crate::flows::Flows;
use crate::issue::{IssueError, Period, Recipient};

/// The newest tokens of a session, and what they belong to.
#[derive(Debug)]
pub struct SessionTokens {
    /// The session as the store has it.
    pub session: Session,
    /// The account as it was read beside the session.
    pub account: Account,
    /// The access token.
    pub access: AccessToken,
    /// The scopes of the access token.
    pub scope: Vec<Scope>,
    /// The newest refresh token.
    pub refresh: SecretText,
    /// What must come beside the refresh token in a cookie, if the server sets bindings.
    pub binding: Option<SecretText>,
    /// How long the session lasts without a refresh.
    pub refresh_expires_in: Duration,
}

/// A session whose tokens are to be made.
pub(crate) struct Refreshed {
    pub(crate) session: Session,
    /// The secret that only holders of its tokens know.
    pub(crate) handle: SessionHandle,
    pub(crate) account: Account,
    /// The time at which the session was begun or decided.
    pub(crate) now: Timestamp,
}

/// The scopes and audiences of one access token. It has at least one audience (RFC 9068 section
/// 2.2): a token without one is accepted nowhere.
#[derive(Debug)]
pub(crate) struct Extent {
    scope: Vec<Scope>,
    audience: Vec<Audience>,
}

/// The client may no longer call any service that the session is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the client may no longer call any of the services that it asked for")]
pub(crate) struct NoAudienceLeft;

/// Why a session has no access token with what a request names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ExtentProblem {
    /// The session has no access token at all.
    #[error(transparent)]
    NoAudienceLeft(#[from] NoAudienceLeft),
    /// A scope is named that the session does not have.
    #[error(transparent)]
    Scope(#[from] InvalidScope),
    /// A service is named that the session is not for.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
}

impl Extent {
    /// What a token says for which the request names nothing.
    pub(crate) fn of(grant: &Grant, client: &Client) -> Result<Self, NoAudienceLeft> {
        let audience = client.still_addressed(&grant.audience);
        if audience.is_empty() {
            return Err(NoAudienceLeft);
        }
        let scope = client.still_allowed(&grant.scope);
        Ok(Self {
            scope: client.sign_in.first_scopes(&scope),
            audience,
        })
    }

    /// What a token says for which the request names scopes or services of the session.
    pub(crate) fn narrowed(
        grant: &Grant,
        client: &Client,
        (scope, targets): (Option<&str>, Targets<'_>),
    ) -> Result<Self, ExtentProblem> {
        let first = Self::of(grant, client)?;
        Ok(Self {
            scope: match scope {
                None => first.scope,
                asked => narrow_scope(asked, &client.still_allowed(&grant.scope))?,
            },
            audience: narrow_audience(targets, &first.audience)?,
        })
    }
}

impl Flows {
    /// Issues an access token of this extent, and writes the refresh token.
    pub(crate) async fn session_tokens(
        &self,
        refreshed: Refreshed,
        recipient: Recipient<'_>,
        extent: Extent,
    ) -> Result<SessionTokens, IssueError> {
        let Refreshed {
            session,
            handle,
            account,
            now,
        } = refreshed;
        let access = self.session_access_token(&session, &account, (recipient, &extent), now);
        let access = access.await?;
        let refresh = RefreshToken {
            account_id: session.account_id,
            handle,
            generation: session.rotation.generation,
        };
        let refresh = refresh.write(&self.keys().mac, session.rotation.rotated_at);
        let bind = || {
            self.keys()
                .mac
                .bind(session.id, session.rotation.rotated_at)
        };
        let binding = self.binds_browsers().then(bind);
        Ok(SessionTokens {
            refresh_expires_in: session.lifetime.expires_at().saturating_since(now),
            session,
            account,
            access,
            scope: extent.scope,
            refresh,
            binding,
        })
    }

    /// Signs an access token of this extent for a client.
    pub(crate) async fn session_access_token(
        &self,
        session: &Session,
        account: &Account,
        (recipient, extent): (Recipient<'_>, &Extent),
        now: Timestamp,
    ) -> Result<AccessToken, IssueError> {
        let extra = account
            .claims
            .select(&recipient.client.permissions.account_claims);
        let claims = AccessTokenClaims {
            scope: &extent.scope,
            audience: &extent.audience,
            extra: &extra,
            ..AccessTokenClaims::of_session(&self.settings.issuer, session, &account.roles)
        };
        let period = Period {
            now,
            issue_from: account.issue_from,
            // A token that outlived its session could no longer be denied with it.
            end: Some(session.lifetime.expires_at()),
            status: session.status.last().copied(),
        };
        self.issue(recipient, &claims, period).await
    }
}
