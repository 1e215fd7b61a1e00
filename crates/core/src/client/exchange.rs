//! Token exchange (RFC 8693): decides which token a client gets for a token that it received.

use signet_verifier::{Actor, Claims};

use super::Client;
use super::narrow::{InvalidScope, InvalidTarget, Targets, narrow_audience, narrow_scope};
use crate::names::{ACCOUNT_SCOPE, Audience, ClientId, Scope};

/// The parts of the new token that differ from the old one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchanged {
    /// Scopes that both the old token and the client have; never [`ACCOUNT_SCOPE`].
    pub scope: Vec<Scope>,
    /// Audiences that the client may have.
    pub audience: Vec<Audience>,
    /// The clients that act for the subject, newest first. The first one is this client.
    pub actors: Vec<ClientId>,
}

/// Exchanges the token with the claims `subject`. The caller has verified it and checked the deny
/// list.
///
/// # Errors
///
/// [`ExchangeProblem`] names the first rule that is broken.
pub fn exchange<Extra>(
    client: &Client,
    subject: &Claims<Extra>,
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

/// The reasons why a token is not exchanged.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExchangeProblem {
    /// The client owns none of the token's audiences.
    #[error("the subject token is not meant for this client")]
    NotForClient,
    /// An actor in the token is not a client id.
    #[error("the subject token names an actor that is not a client")]
    UnknownActor,
    /// The token has [`MAX_ACTORS`] actors already.
    #[error("the subject token was exchanged too often")]
    TooDeep,
    /// A requested scope is malformed or not allowed.
    #[error("{0}")]
    Scope(#[from] InvalidScope),
    /// A requested resource or audience is malformed or not allowed.
    #[error("{0}")]
    Target(#[from] InvalidTarget),
}

/// The maximum number of actors for one subject. Longer chains are loops.
const MAX_ACTORS: usize = 4;
