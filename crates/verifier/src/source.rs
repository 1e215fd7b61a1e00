//! Where a verifier takes its keys from. Hides from the verifier whether they are fetched.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::error::Error;
use crate::keys::{Keys, Wait};
#[cfg(feature = "remote")]
use crate::remote::RemoteKeys;

/// Where a [`Verifier`](crate::Verifier) takes its keys from: [`Keys`] at hand, or `RemoteKeys`.
#[derive(Debug)]
pub struct KeySource(Source);

#[derive(Debug)]
enum Source {
    AtHand(ArcSwap<Keys>),
    #[cfg(feature = "remote")]
    Remote(RemoteKeys),
}

impl From<Keys> for KeySource {
    fn from(keys: Keys) -> Self {
        Self(Source::AtHand(ArcSwap::from_pointee(keys)))
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
    expect(unused, clippy::unnecessary_wraps, reason = "keys are at hand")
)]
impl KeySource {
    /// Looks at the keys of this moment, if they may be used. Takes no lock.
    pub(crate) fn with_keys<T>(&self, look: impl FnOnce(&Keys) -> T) -> Result<T, Error> {
        match &self.0 {
            Source::AtHand(keys) => Ok(look(&keys.load())),
            #[cfg(feature = "remote")]
            Source::Remote(keys) => keys.with_keys(look),
        }
    }

    /// Asks for what a refused token lacked, where that can be had: the very first keys, or the
    /// key `kid`, for a token that would pass with it and was issued `age` ago.
    pub(crate) fn ask(
        &self,
        refusal: &Error,
        kid: &str,
        age: impl FnOnce() -> Option<Duration>,
    ) -> Option<Wait> {
        match (&self.0, refusal) {
            #[cfg(feature = "remote")]
            (Source::Remote(keys), Error::KeysUnavailable { .. }) => keys.ask_for_first(),
            #[cfg(feature = "remote")]
            (Source::Remote(keys), Error::UnknownKey) => keys.ask_for_kid(kid, age()?),
            _ => None,
        }
    }

    pub(crate) fn replace(&self, keys: Keys) {
        match &self.0 {
            Source::AtHand(known) => known.store(Arc::new(keys)),
            #[cfg(feature = "remote")]
            Source::Remote(known) => known.replace(keys),
        }
    }
}
