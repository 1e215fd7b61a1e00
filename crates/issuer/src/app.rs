//! What every handler shares: settings, stores, keys, clock and the hash pool.
//!
//! Nothing here is global; an [`App`] is made once and passed on. This module must not know
//! routes, and nothing in it binds or reads the environment.

use std::ops::Deref;
use std::sync::Arc;

use signet_core::password::Hasher;
use signet_store::{Accounts, DenyList, Sessions};
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
    /// Who is registered.
    pub accounts: Arc<dyn Accounts>,
    /// Who is signed in.
    pub sessions: Arc<dyn Sessions>,
    /// Which access tokens are refused.
    pub deny_list: Arc<dyn DenyList>,
    /// Where passwords are hashed and checked.
    pub hashing: HashPool<Hasher>,
    /// What our own tokens are checked with.
    pub verifier: Verifier,
}

impl App {
    /// An app of these parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
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
