//! What every handler shares: settings, stores, keys, clock and the hash pool.
//!
//! Nothing here is global; an [`App`] is made once and passed on. This module must not know
//! routes, and nothing in it binds or reads the environment.

use std::io;
use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use signet_core::keys::KeyRing;
use signet_core::password::Hasher;
use signet_store::{
    ChangeOptions, KeysFolderError, LoadedKeys, OpenError, StoreUrls, Stores, open,
};
use signet_verifier::{Clock, KeysError, Timestamp};
use tokio::task::spawn_blocking;

use crate::config::{KeySettings, Settings};
use crate::forward_auth::Profiles;
use crate::hashing::{HashPool, PoolSize};
use crate::keys::{FollowedFolder, LiveKeys, RingLag, RingWatch, warm_up};
use crate::limits::Shield;
use crate::random::system_rng;

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
    pub keys: LiveKeys,
    /// Where the keys come from, followed while the server runs.
    pub keys_folder: FollowedFolder,
    /// How far the keys of other replicas are.
    pub ring_watch: RingWatch,
    /// Where passwords are hashed and checked.
    pub hashing: HashPool<Hasher>,
    /// How often one address may ask.
    pub shield: Shield,
    /// What gateways may ask for.
    pub(crate) gateway_profiles: Profiles,
    /// What has been measured.
    pub metrics: PrometheusHandle,
}

impl App {
    /// Reads the keys, opens the stores and starts the hash pool, as the settings say. `metrics`
    /// shows what the recorder of this process has recorded.
    ///
    /// # Errors
    ///
    /// [`StartError`], a sentence that says what to do.
    pub async fn open(
        settings: Settings,
        clock: Arc<dyn Clock>,
        metrics: PrometheusHandle,
    ) -> Result<Self, StartError> {
        Self::open_around(settings, clock, metrics, |stores| stores).await
    }

    /// The same with what `around` makes of the stores, for who counts or disturbs their calls.
    ///
    /// # Errors
    ///
    /// [`StartError`], a sentence that says what to do.
    pub async fn open_around(
        settings: Settings,
        clock: Arc<dyn Clock>,
        metrics: PrometheusHandle,
        around: impl FnOnce(Stores) -> Stores,
    ) -> Result<Self, StartError> {
        let loaded = load_keys(&settings.keys, clock.now())?;
        let keys = LiveKeys::new(loaded, Arc::clone(&clock))?;
        // Beside the rest of the start, for it takes longer than all of that.
        let warming = keys.current();
        drop(spawn_blocking(move || warm_up(&warming)));
        let stores = around(open(&store_urls(&settings)).await?);
        let ring_watch = RingWatch::new(settings.keys.policy.ring_lag);
        if let Err(error) = ring_watch
            .look(&keys, stores.ring_notes.as_ref(), clock.now())
            .await
        {
            tracing::warn!(%error, "the newest key ring is not known yet");
        }
        Ok(Self(Arc::new(Parts {
            stores,
            ring_watch,
            hashing: HashPool::start(PoolSize::of(settings.hash_threads), Hasher::new)?,
            shield: Shield::new(&settings.limits, &clock),
            keys_folder: FollowedFolder::new(&settings.keys),
            gateway_profiles: Profiles::new(&settings),
            settings,
            clock,
            keys,
            metrics,
        })))
    }

    /// The keys as they are now.
    pub fn keys(&self) -> Arc<LoadedKeys> {
        self.keys.current()
    }

    /// Why no token may be issued here, when other replicas have newer keys.
    pub fn ring_lag(&self) -> Option<RingLag> {
        let now = self.clock.now();
        self.ring_watch.lag(&self.keys.current().ring, now)
    }
}

/// Where the settings say that things are stored.
pub(crate) fn store_urls(settings: &Settings) -> StoreUrls {
    let redis_url = settings.redis_url.as_ref();
    StoreUrls {
        database_url: settings.database_url.expose().to_owned(),
        redis_url: redis_url.map(|url| url.expose().to_owned()),
        redis: settings.redis.clone(),
    }
}

/// Reads the keys, and notes in their ring how long what they sign may live.
fn load_keys(settings: &KeySettings, now: Timestamp) -> Result<LoadedKeys, KeysFolderError> {
    let folder = settings.folder();
    let loaded = folder.load(now)?;
    if loaded
        .ring
        .note_lifetimes(settings.lifetimes, now)
        .is_empty()
    {
        return Ok(loaded);
    }
    let options = ChangeOptions { now, size: None };
    let note = |ring: &KeyRing| Ok(ring.note_lifetimes(settings.lifetimes, now));
    if let Err(error) = folder.change(options, &mut system_rng(), note) {
        tracing::warn!(
            %error,
            "tokens or sessions live longer than the key ring knows, and it cannot be noted there: \
             retire keys late"
        );
        return Ok(loaded);
    }
    folder.load(now)
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

/// Why the server cannot start: the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The keys folder cannot be used.
    #[error("{0}")]
    KeysFolder(#[from] KeysFolderError),
    /// The published keys verify nothing.
    #[error("the published keys cannot verify: {0}")]
    Keys(#[from] KeysError),
    /// A store cannot be opened.
    #[error("{0}")]
    Stores(#[from] OpenError),
    /// The system gives no threads or sockets.
    #[error("{0}")]
    System(#[from] io::Error),
}
