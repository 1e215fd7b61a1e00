//! What every handler shares: settings, stores, keys, clock and the hash pool.
//!
//! Nothing here is global; an [`App`] is made once and passed on. This module must not know
//! routes, and nothing in it binds or reads the environment.

use std::ops::Deref;
use std::sync::Arc;

use arc_swap::ArcSwap;
use signet_core::keys::SigningKeys;
use signet_core::password::Hasher;
use signet_core::session::MacKeys;
use signet_store::Stores;
use signet_verifier::{Clock, Verifier};

use crate::config::Settings;
use crate::hashing::HashPool;

/// The shared state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub struct Parts {
    /// The checked configuration.
    pub settings: Settings,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// What is remembered: accounts, sessions and denials.
    pub stores: Stores,
    /// The keys as they are now; replaced whole when the keys folder changes.
    pub keys: ArcSwap<Keys>,
    /// Where passwords are hashed and checked.
    pub hashing: HashPool<Hasher>,
    /// What our own tokens are checked with.
    pub verifier: Verifier,
}

/// The keys that tokens are made with. A request takes them once and keeps to them.
#[derive(Debug)]
pub struct Keys {
    /// What access tokens are signed with.
    pub signing_keys: SigningKeys,
    /// What refresh tokens are tagged with.
    pub mac_keys: MacKeys,
}

impl App {
    /// An app of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The keys as they are now.
    pub fn keys(&self) -> Arc<Keys> {
        self.0.keys.load_full()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// The settings say which app it is; the rest has nothing to show.
impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
