//! Where a verifier takes its keys from. Hides from the verifier whether they are fetched.

use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::error::Error;
use crate::jws::UnverifiedToken;
use crate::keys::Keys;
#[cfg(feature = "remote")]
use crate::remote::RemoteKeys;

/// Where a [`Verifier`](crate::Verifier) takes its keys from: [`Keys`] at hand, or `RemoteKeys`.
#[derive(Debug)]
pub struct KeySource(pub(crate) Source);

#[derive(Debug)]
pub(crate) enum Source {
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

impl Source {
    /// Checks a signature with the keys of this moment. Takes no lock.
    pub(crate) fn verify_signature(&self, token: &UnverifiedToken<'_>) -> Result<(), Error> {
        match self {
            Self::AtHand(keys) => token.verify_signature(&keys.load()),
            #[cfg(feature = "remote")]
            Self::Remote(keys) => keys.with_keys(|keys| token.verify_signature(keys))?,
        }
    }

    /// Which keys count at this moment; `None` while there are none to rely on.
    #[cfg(feature = "cache")]
    #[cfg_attr(
        not(feature = "remote"),
        expect(clippy::unnecessary_wraps, reason = "only remote keys can be missing")
    )]
    pub(crate) fn fingerprint(&self) -> Option<u128> {
        match self {
            Self::AtHand(keys) => Some(keys.load().fingerprint()),
            #[cfg(feature = "remote")]
            Self::Remote(keys) => keys.with_keys(Keys::fingerprint).ok(),
        }
    }

    pub(crate) fn replace(&self, keys: Keys) {
        match self {
            Self::AtHand(known) => known.store(Arc::new(keys)),
            #[cfg(feature = "remote")]
            Self::Remote(known) => known.replace(keys),
        }
    }
}
