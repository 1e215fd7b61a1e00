//! The state that all handlers share: the settings, the flows and the metrics.
//!
//! Nothing here is global; an [`App`] is made once and passed on. This module must not know
//! routes, and nothing in it binds or reads the environment.

use std::ops::Deref;
use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use signet_flows::keys::KeysOfStart;
use signet_flows::mail::MailSettings;
use signet_flows::{FlowSettings, Flows, StartError};
use signet_store::{StoreUrls, Stores};
use signet_verifier::Clock;

use crate::captcha::CaptchaClient;
use crate::client_documents::fetching;
use crate::config::Settings;
use crate::gateways::GatewayProfiles;
use crate::logout_client::LogoutClient;
use crate::mail::Smtp;
use crate::password_ranges::RangeClient;
use crate::refusals::Refusals;
use crate::samples::Samples;

/// The shared state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App(Arc<AppParts>);

/// The parts of an [`App`].
pub struct AppParts {
    /// The checked configuration.
    pub settings: Settings,
    /// The flows.
    pub flows: Flows,
    /// The profiles of forward auth.
    pub(crate) gateway_profiles: GatewayProfiles,
    /// The refused requests that the log does not name one by one.
    pub refusals: Refusals,
    /// Which answered requests have a line in the log.
    pub(crate) samples: Samples,
    /// The recorded metrics.
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

    /// The same for a start that may be repeated with the same `keys`.
    ///
    /// # Errors
    ///
    /// [`StartError`], a sentence that says what to do.
    pub async fn open_with(
        settings: Settings,
        clock: Arc<dyn Clock>,
        metrics: PrometheusHandle,
        keys: &mut KeysOfStart,
    ) -> Result<Self, StartError> {
        let (urls, flows) = (store_urls(&settings), flow_settings(&settings));
        let flows = Flows::open(flows, &urls, clock, keys, |stores| stores).await?;
        Ok(Self::of(settings, metrics, flows))
    }

    /// Starts with stores that `around` has wrapped, for tests that count or disturb calls.
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
        let (urls, flows) = (store_urls(&settings), flow_settings(&settings));
        let keys = &mut KeysOfStart::default();
        let flows = Flows::open(flows, &urls, clock, keys, around).await?;
        Ok(Self::of(settings, metrics, flows))
    }

    fn of(settings: Settings, metrics: PrometheusHandle, flows: Flows) -> Self {
        Self(Arc::new(AppParts {
            flows,
            gateway_profiles: GatewayProfiles::new(&settings),
            refusals: Refusals::default(),
            samples: Samples::one_in(settings.log.sample_one_in),
            settings,
            metrics,
        }))
    }
}

/// The addresses of the stores, as the settings say.
pub(crate) fn store_urls(settings: &Settings) -> StoreUrls {
    let redis_url = settings.redis_url.as_ref();
    StoreUrls {
        database_url: settings.database_url.expose().to_owned(),
        redis_url: redis_url.map(|url| url.expose().to_owned()),
        redis: settings.redis.clone(),
        migration: settings.migration,
    }
}

/// The settings that flows need.
fn flow_settings(settings: &Settings) -> FlowSettings {
    let range_url = settings.range_url.as_ref();
    let ranges = range_url.map(|url| Arc::new(RangeClient::new(url)) as _);
    let captcha = settings.captcha.as_ref();
    let captcha = captcha.map(|settings| Arc::new(CaptchaClient::new(settings)) as _);
    FlowSettings {
        issuer: settings.public_url.to_string(),
        totp_issuer: settings.public_url.host(),
        relying_party: settings.relying_party.clone(),
        audience: settings.audience.clone(),
        registration: settings.registration,
        access_token_ttl: settings.access_token_ttl,
        session: settings.session,
        keys: settings.keys.clone(),
        missing_database: settings.missing_database,
        hash_threads: settings.hash_threads,
        status_lists: settings.status_lists,
        limits: settings.limits.clone(),
        proof_of_work: settings.proof_of_work,
        pages: settings.link_pages.clone(),
        audit: settings.audit.clone(),
        mail: mail_settings(settings),
        password_ranges: ranges,
        captcha_service: captcha,
        client_documents: settings.client_documents.as_ref().map(fetching),
        logout_sender: Arc::new(LogoutClient::new()),
    }
}

/// How flows write and send mail, as the settings say.
fn mail_settings(settings: &Settings) -> Option<MailSettings> {
    let mail = settings.mail.as_ref()?;
    let from = &mail.smtp.from;
    Some(MailSettings {
        sender: Arc::new(Smtp::new(&mail.smtp)?),
        product: match &from.name {
            Some(name) => name.clone(),
            None => from.email.domain().to_owned(),
        },
        language: mail.language,
        templates: Arc::clone(&mail.templates),
    })
}

impl Deref for App {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.0
    }
}

/// Shows the settings only.
impl std::fmt::Debug for AppParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
