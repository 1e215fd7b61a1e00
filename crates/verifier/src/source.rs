//! The source of a verifier's keys. Callers need not know whether the keys are fetched.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

#[cfg(feature = "status")]
use crate::clock::Timestamp;
use crate::error::Error;
use crate::jws::UnverifiedToken;
#[cfg(feature = "status")]
use crate::jws::read_claims;
use crate::key_set::{Keys, Wait};
#[cfg(feature = "remote")]
use crate::remote::RemoteKeys;
#[cfg(feature = "status")]
use crate::{policy::Policy, status::StatusClaim};

/// The source of a [`Verifier`](crate::Verifier)'s keys: local [`Keys`], or `RemoteKeys`.
#[derive(Debug)]
pub struct KeySource(Source);

#[derive(Debug)]
enum Source {
    Local(ArcSwap<Keys>),
    #[cfg(feature = "remote")]
    Remote(RemoteKeys),
}

impl From<Keys> for KeySource {
    fn from(keys: Keys) -> Self {
        Self(Source::Local(ArcSwap::from_pointee(keys)))
    }
}

#[cfg(feature = "remote")]
impl From<RemoteKeys> for KeySource {
    fn from(keys: RemoteKeys) -> Self {
        Self(Source::Remote(keys))
    }
}

#[cfg_attr(
    not(feature = "remote"),
    expect(
        unused,
        clippy::unnecessary_wraps,
        reason = "only remote keys need these"
    )
)]
impl KeySource {
    /// Calls `look` with the current keys, if they may be used. Takes no lock.
    pub(crate) fn with_keys<T>(&self, look: impl FnOnce(&Keys) -> T) -> Result<T, Error> {
        match &self.0 {
            Source::Local(keys) => Ok(look(&keys.load())),
            #[cfg(feature = "remote")]
            Source::Remote(keys) => keys.with_keys(look),
        }
    }

    /// Checks whether a token is revoked, if that is switched on. Takes no lock, except for the
    /// first token of a status list.
    #[cfg(feature = "status")]
    pub(crate) fn check_status(
        &self,
        claim: &StatusClaim,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), Error> {
        let checked = match &self.0 {
            Source::Local(_) => None,
            Source::Remote(keys) => keys.check_status(claim, policy, now),
        };
        match checked {
            Some(outcome) => outcome,
            None if policy.status.is_required => Err(Error::RevocationUnknown {
                retry_after: Duration::ZERO,
            }),
            None => Ok(()),
        }
    }

    /// Asks for a fetch if it may help a refused token. It may help if there are no keys yet, if the
    /// token needs an unknown key and is otherwise valid, or if its status list was not fetched yet.
    /// `age` is the token's age if it is valid.
    pub(crate) fn ask(
        &self,
        refusal: &Error,
        token: &UnverifiedToken<'_>,
        age: impl FnOnce() -> Option<Duration>,
    ) -> Option<Wait> {
        match (&self.0, refusal) {
            #[cfg(feature = "remote")]
            (Source::Remote(keys), Error::KeysUnavailable { .. }) => keys.ask_for_first(),
            #[cfg(feature = "remote")]
            (Source::Remote(keys), Error::UnknownKey) => keys.ask_for_kid(token.kid(), age()?),
            #[cfg(feature = "status")]
            (Source::Remote(keys), Error::RevocationUnknown { .. }) => {
                keys.ask_for_list(&StatusClaim::of(&read_claims(token.payload()).ok()?))
            }
            _ => None,
        }
    }

    pub(crate) fn replace(&self, keys: Keys) {
        match &self.0 {
            Source::Local(known) => known.store(Arc::new(keys)),
            #[cfg(feature = "remote")]
            Source::Remote(known) => known.replace(keys),
        }
    }
}
