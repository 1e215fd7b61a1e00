//! What a client gets for a token that it was called with: RFC 8693, as a pure rule.

use signet_verifier::{Actor, Claims};

use super::Client;
use super::narrow::{InvalidScope, InvalidTarget, Targets, narrow_audience, narrow_scope};
use crate::names::{ACCOUNT_SCOPE, Audience, ClientId, Scope};

/// The parts of the new token that differ from the old one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchanged {
    /// Scopes that both the old token and the client have; never [`ACCOUNT_SCOPE`].
    pub scope: Vec<Scope>,
    /// Services that the client may call.
    pub audience: Vec<Audience>,
    /// Who acts for the subject: the client, and before it those that acted before, newest first.
    pub actors: Vec<ClientId>,
}

/// Exchanges a token, verified and not denied, whose claims are `subject`.
///
/// # Errors
///
/// [`ExchangeProblem`], the first rule that is broken.
pub fn exchange(
    client: &Client,
    subject: &Claims,
    scope: Option<&str>,
    targets: Targets<'_>,
) -> Result<Exchanged, ExchangeProblem> {
    if !subject.aud.iter().any(|audience| client.owns(audience)) {
        return Err(ExchangeProblem::NotForClient);
    }
    let mut actors = vec![client.id.clone()];
    let mut before = subject.act.as_ref();
    while let Some(Actor { sub, act, .. }) = before {
        actors.push(sub.parse().map_err(|_| ExchangeProblem::UnknownActor)?);
        before = act.as_deref();
    }
    if actors.len() > MAX_ACTORS {
        return Err(ExchangeProblem::TooDeep);
    }
    let both =
        |scope: &&Scope| scope.as_str() != ACCOUNT_SCOPE && subject.has_scope(scope.as_str());
    let allowed: Vec<_> = client
        .permissions
        .scopes
        .iter()
        .filter(both)
        .cloned()
        .collect();
    Ok(Exchanged {
        scope: narrow_scope(scope, &allowed)?,
        audience: narrow_audience(targets, &client.permissions.audiences)?,
        actors,
    })
}

/// Why a token is not exchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeProblem {
    /// None of the token's audiences is the client.
    #[error("the subject token is not meant for this client")]
    NotForClient,
    /// Somebody acted who is no client.
    #[error("the subject token names an actor that is no client")]
    UnknownActor,
    /// The token has gone through too many hands.
    #[error("the subject token has been exchanged too often")]
    TooDeep,
    /// A scope was asked for that is malformed or not allowed.
    #[error("{0}")]
    Scope(#[from] InvalidScope),
    /// A service was named that is malformed or not allowed.
    #[error("{0}")]
    Target(#[from] InvalidTarget),
}

/// How many clients may act for one subject. Longer chains are loops.
pub const MAX_ACTORS: usize = 4;
