//! What every flow shares: settings, stores, keys, clock, the hash pool and the rate limits.
//!
//! Nothing here is global; a [`Flows`] is made once and passed on. This module must not know any
//! flow, and nothing in it binds or reads the environment.

use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use signet_core::account::RegistrationMode;
use signet_core::client::Client;
use signet_core::keys::KeyRing;
use signet_core::limits::Limits;
use signet_core::names::Audience;
use signet_core::password::Hasher;
use signet_core::proof_of_work::WorkSettings;
use signet_core::session::SessionPolicy;
use signet_core::webauthn::RelyingParty;
use signet_store::{
    AuditFileError, ChangeOptions, KeysFolderError, LoadedKeys, MissingDatabase, OpenError,
    StoreUrls, Stores, open_or_refuse,
};
use signet_verifier::{Clock, KeysError, Timestamp};
use tokio::task::spawn_blocking;

use crate::audit::Audit;
use crate::audit_sinks::AuditSettings;
use crate::captcha::CaptchaService;
use crate::client_documents::{ClientDocuments, DocumentSettings};
use crate::hashing::{HashPool, PoolSize};
use crate::keys::{
    BeforeReading, FollowedFolder, KeySettings, KeysOfStart, LiveKeys, RingLag, RingWatch, warm_up,
};
use crate::list_state::ReplicaLists;
use crate::logout_sender::LogoutSender;
use crate::mail::{LinkPages, MailSettings};
use crate::outside_service::OutsideService;
use crate::password_ranges::PasswordRanges;
use crate::random::system_rng;
use crate::rate_limits::{RateLimits, WrongPasswords};
use crate::stalls::Stalls;

/// What every flow shares. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Flows(Arc<FlowsParts>);

/// What a [`Flows`] is made of.
pub struct FlowsParts {
    /// The settings that flows need.
    pub settings: FlowSettings,
    /// The source of the time.
    pub clock: Arc<dyn Clock>,
    /// Accounts, clients, sessions, denials and used values.
    pub stores: Stores,
    /// The keys as they are now; replaced whole when the keys folder changes.
    pub keys: LiveKeys,
    /// The keys folder, followed while the server runs.
    pub keys_folder: FollowedFolder,
    /// The newest key ring that any replica has seen.
    pub ring_watch: RingWatch,
    /// The times at which this process was not scheduled.
    pub(crate) stalls: Stalls,
    /// The revocation lists as this replica knows them.
    pub(crate) status_lists: ReplicaLists,
    /// The threads that hash and check passwords.
    pub hashing: HashPool<Hasher>,
    /// The counters of requests.
    pub rate_limits: RateLimits,
    /// The audit trail.
    pub audit: Audit,
    /// The service that knows breached passwords, if one is configured.
    pub(crate) breached_passwords: OutsideService<dyn PasswordRanges>,
    /// The service that judges captchas, if one is configured.
    pub(crate) captchas: OutsideService<dyn CaptchaService>,
    /// The client of sign-ins that name no client.
    pub(crate) built_in_client: Arc<Client>,
    /// The documents about unregistered clients.
    pub(crate) client_documents: ClientDocuments,
    /// The wrong passwords of sessions.
    pub(crate) wrong_passwords: WrongPasswords,
}

/// The settings that flows need.
#[derive(Clone, Debug)]
pub struct FlowSettings {
    /// The public URL without a trailing slash: the `iss` of every token.
    pub issuer: String,
    /// What authenticator apps call this server.
    pub totp_issuer: String,
    /// The party that passkeys are registered for.
    pub relying_party: RelyingParty,
    /// The audiences of the server's own client; never empty.
    pub audience: Vec<Audience>,
    /// Who may register.
    pub registration: RegistrationMode,
    /// The longest lifetime of an access token.
    pub access_token_ttl: Duration,
    /// The rules by which sessions refresh and expire.
    pub session: SessionPolicy,
    /// The keys folder and the rules of rotation.
    pub keys: KeySettings,
    /// What to do about a database that has no tables yet.
    pub missing_database: MissingDatabase,
    /// How many threads hash passwords.
    pub hash_threads: NonZeroUsize,
    /// Whether access tokens name a bit of a revocation list.
    pub status_lists: bool,
    /// How often may be asked.
    pub limits: Limits,
    /// What clients do work for.
    pub proof_of_work: WorkSettings,
    /// Where links lead.
    pub pages: LinkPages,
    /// Where the audit trail is kept.
    pub audit: AuditSettings,
    /// How mail is written and sent; none if it is not configured.
    pub mail: Option<MailSettings>,
    /// The service that knows breached passwords, if one is configured.
    pub password_ranges: Option<Arc<dyn PasswordRanges>>,
    /// The service that judges captchas, if one is configured.
    pub captcha_service: Option<Arc<dyn CaptchaService>>,
    /// Which unregistered clients are admitted; none if there are no settings.
    pub client_documents: Option<DocumentSettings>,
    /// What tells clients that their sessions have ended.
    pub logout_sender: Arc<dyn LogoutSender>,
}

impl Flows {
    /// Reads the keys, opens the stores and starts the hash pool. Flows use what `around` makes of
    /// the opened stores; tests count or disturb calls there. If the stores cannot be opened,
    /// `keys_of_start` keeps the keys for the next try.
    ///
    /// # Errors
    ///
    /// [`StartError`], a sentence that says what to do.
    pub async fn open(
        settings: FlowSettings,
        urls: &StoreUrls,
        clock: Arc<dyn Clock>,
        keys_of_start: &mut KeysOfStart,
        around: impl FnOnce(Stores) -> Stores,
    ) -> Result<Self, StartError> {
        let folder = BeforeReading::of(&settings.keys.folder());
        let keys = match keys_of_start.take(&folder) {
            Some(keys) => keys,
            None => read_keys(&settings, urls, &clock)?,
        };
        let opened = Box::pin(open_or_refuse(urls, settings.missing_database, clock.now()));
        let stores = match opened.await {
            Ok(stores) => around(stores),
            Err(error) => {
                keys_of_start.keep(folder, keys);
                return Err(error.into());
            }
        };
        let ring_watch = RingWatch::new(settings.keys.policy.ring_lag);
        if let Err(error) = ring_watch
            .look(&keys, stores.ring_notes.as_ref(), clock.now())
            .await
        {
            tracing::warn!(%error, "the newest key ring is not known yet");
        }
        let audit = settings
            .audit
            .start(Some(Arc::clone(&stores.audit)), &clock)?;
        Ok(Self(Arc::new(FlowsParts {
            stores,
            ring_watch,
            hashing: HashPool::start(PoolSize::of(settings.hash_threads), Hasher::new)?,
            rate_limits: RateLimits::new(&settings.limits, &clock),
            audit,
            breached_passwords: OutsideService::new(settings.password_ranges.clone()),
            captchas: OutsideService::new(settings.captcha_service.clone()),
            built_in_client: Arc::new(Client::built_in(&settings.audience)),
            client_documents: ClientDocuments::new(settings.client_documents.clone()),
            wrong_passwords: WrongPasswords::default(),
            status_lists: ReplicaLists::default(),
            keys_folder: FollowedFolder::new(&settings.keys),
            stalls: Stalls::new(settings.session.grace),
            settings,
            clock,
            keys,
        })))
    }

    /// The keys as they are now.
    pub fn keys(&self) -> Arc<LoadedKeys> {
        self.keys.current()
    }

    /// Why no token may be issued here, if other replicas have newer keys.
    pub fn ring_lag(&self) -> Option<RingLag> {
        let now = self.clock.now();
        self.ring_watch.lag(&self.keys.current().ring, now)
    }
}

/// Reads the keys and puts them into use.
fn read_keys(
    settings: &FlowSettings,
    urls: &StoreUrls,
    clock: &Arc<dyn Clock>,
) -> Result<LiveKeys, StartError> {
    let loaded = load_keys(&settings.keys, clock.now());
    let loaded = loaded.map_err(|error| without_advice_to_begin_anew(error, urls))?;
    let keys = LiveKeys::new(loaded, &settings.issuer, Arc::clone(clock))?;
    // In parallel to the rest of the start, because it takes longer than all of that.
    let warming = keys.current();
    drop(spawn_blocking(move || warm_up(&warming)));
    Ok(keys)
}

/// Says of a missing ring that it was lost, if a database exists.
fn without_advice_to_begin_anew(error: KeysFolderError, urls: &StoreUrls) -> KeysFolderError {
    match (error, urls.existing_file()) {
        (KeysFolderError::NoRing { folder }, Some(database)) => {
            KeysFolderError::LostRing { folder, database }
        }
        (error, _) => error,
    }
}

/// Reads the keys, and notes in their ring how long the tokens that they sign may be valid.
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

impl Deref for Flows {
    type Target = FlowsParts;

    fn deref(&self) -> &FlowsParts {
        &self.0
    }
}

/// Shows the settings; everything else has nothing to show.
impl std::fmt::Debug for FlowsParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flows")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl StartError {
    /// Returns the problem if a store cannot be reached now, and may be reached later with the same
    /// configuration.
    pub fn outage(&self) -> Option<&OpenError> {
        match self {
            Self::Stores(error) if error.is_outage() => Some(error),
            _ => None,
        }
    }
}

/// Why the server cannot start. The operator can mend it.
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
    /// The audit trail cannot be kept.
    #[error("{0}")]
    Audit(#[from] AuditFileError),
    /// The system gives no threads.
    #[error("{0}")]
    System(#[from] io::Error),
}
